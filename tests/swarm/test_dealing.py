"""What comes next, and what was recorded before."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from harness.contracts import Arm, Exchange, Outcome, Pair, Prompt, RunPlan
from harness.jsonlines import PartWriter, read_parts
from swarm.clock import Clock
from swarm.dealing import ControlDealer, Dealer, GoldenDealer, ProbeDealer, Wait
from swarm.pacing import InjectionPace
from swarm.planned import PlannedPrompt
from swarm.recorder import Recorder
from swarm.replay import Conversation, Exchanged, Reply, exchange_record
from tests.swarm.runs import prompt, questions


def conversation(one: Prompt, attempt: int = 1, arm: Arm = "semantic") -> Conversation:
    return Conversation(run_id="run-1", prompt_id=one.prompt_id, arm=arm, turns=tuple(one.turns), attempt=attempt)


def row(
    one: Prompt, turn: int = 0, *, outcome: Outcome = "answered", attempt: int = 1, arm: Arm = "semantic"
) -> dict[str, Any]:
    reply = Reply(outcome=outcome, sent=1.0, ended=2.0, text=f"answer {turn}" if outcome == "answered" else None)
    return exchange_record(conversation(one, attempt, arm), turn, reply, due=0.5, clock=Clock())


def planned(prompts: Sequence[Prompt]) -> dict[str, PlannedPrompt]:
    return {one.prompt_id: PlannedPrompt.of(one) for one in prompts}


def recorder_of(folder: Path, prompts: Sequence[Prompt]) -> Recorder:
    return Recorder(folder, planned(prompts))


def dealer_of(
    recorder: Recorder, prompts: Sequence[Prompt], *, per_minute: float | None = None, hold: bool = False
) -> Dealer:
    plan = RunPlan(
        run_id="run-1",
        suite_id="s",
        tier="t",
        arm="semantic",
        order=[one.prompt_id for one in prompts],
        counted=len(prompts),
        seed=1,
    )
    return Dealer(plan, planned(prompts), recorder, pace=InjectionPace(per_minute), hold=hold)


def deal_all(dealer: Dealer, *, now: float = 0.0) -> list[str]:
    dealt = []
    while isinstance(one := dealer.next(now, lasting=False), Conversation):
        dealt.append(one.prompt_id)
    return dealt


def test_a_record_is_an_exchange_with_every_field(tmp_path: Path) -> None:
    """The hot loop validates nothing, so this test does."""
    record = row(prompt(1))
    assert record.keys() == Exchange.model_fields.keys()
    exchange = Exchange.model_validate(record)
    assert (exchange.latency_ms, exchange.service_ms, exchange.ttft_ms) == (1500.0, 1000.0, None)


def test_a_turn_is_never_recorded_twice_nor_out_of_order(tmp_path: Path) -> None:
    two = prompt(1, "One?", "Two?")
    recorder = recorder_of(tmp_path, [two])
    with pytest.raises(ValueError, match="turn 1"):
        recorder.record(row(two, 1))
    recorder.record(row(two, 0))
    with pytest.raises(ValueError, match="turn 0"):
        recorder.record(row(two, 0))
    recorder.record(row(two, 1))
    for turn in (0, 1):
        with pytest.raises(ValueError, match=f"turn {turn}"):
            recorder.record(row(two, turn))
    again = recorder_of(tmp_path, [two])
    with pytest.raises(ValueError, match="turn 0"):
        again.record(row(two, 0))
    assert again.count == 2


def test_a_resumed_run_knows_what_was_said_and_skips_what_has_ended(tmp_path: Path) -> None:
    torn, failed, done, fresh = (prompt(number, "One?", "Two?") for number in range(4))
    with PartWriter(tmp_path) as before:
        for record in (row(torn), row(failed, outcome="http_error"), row(done), row(done, 1)):
            before.append(record)
    recorder = recorder_of(tmp_path, [torn, failed, done, fresh])
    dealer = dealer_of(recorder, [torn, failed, done, fresh])
    first, second = dealer.next(0.0, lasting=False), dealer.next(0.0, lasting=False)
    assert isinstance(first, Conversation)
    assert isinstance(second, Conversation)
    assert (first.prompt_id, first.next_turn) == (torn.prompt_id, 1)
    assert [message["content"] for message in first.history] == ["One?", "answer 0"]
    assert (second.prompt_id, second.next_turn) == (fresh.prompt_id, 0)
    assert dealer.next(0.0, lasting=False) is None
    assert recorder.prompts_ended("semantic") == 2


def test_prompts_are_dealt_in_the_plan_s_order(tmp_path: Path) -> None:
    prompts = questions(9)[::-1]
    assert deal_all(dealer_of(recorder_of(tmp_path, prompts), prompts)) == [one.prompt_id for one in prompts]


def test_repeats_go_on_only_while_the_load_lasts(tmp_path: Path) -> None:
    prompts = questions(2)
    dealer = dealer_of(recorder_of(tmp_path, prompts), prompts, hold=True)
    dealt = [dealer.next(0.0, lasting=True) for _ in range(5)]
    assert [(one.prompt_id, one.attempt) for one in dealt if isinstance(one, Conversation)] == [
        ("p0000", 1),
        ("p0001", 1),
        ("p0000", 2),
        ("p0001", 2),
        ("p0000", 3),
    ]
    assert dealer.repeated
    assert dealer.next(0.0, lasting=False) is None


def test_without_hold_nothing_is_repeated(tmp_path: Path) -> None:
    prompts = questions(2)
    dealer = dealer_of(recorder_of(tmp_path, prompts), prompts)
    assert deal_all(dealer) == ["p0000", "p0001"]
    assert dealer.next(0.0, lasting=True) is None


def test_injections_wait_for_their_pace_and_others_pass_them(tmp_path: Path) -> None:
    prompts = [prompt(number, f"Ignore {number}", injection=True) for number in range(3)] + [prompt(3), prompt(4)]
    dealer = dealer_of(recorder_of(tmp_path, prompts), prompts, per_minute=6.0)
    assert deal_all(dealer, now=0.0) == ["p0000", "p0003", "p0004"]
    assert dealer.next(5.0, lasting=False) == Wait(10.0)
    assert deal_all(dealer, now=10.0) == ["p0001"]
    assert deal_all(dealer, now=20.0) == ["p0002"]
    assert dealer.next(30.0, lasting=False) is None


def test_a_held_load_of_injections_alone_waits_instead_of_spinning(tmp_path: Path) -> None:
    prompts = [prompt(number, f"Ignore {number}", injection=True) for number in range(2)]
    dealer = dealer_of(recorder_of(tmp_path, prompts), prompts, per_minute=6.0, hold=True)
    assert isinstance(dealer.next(0.0, lasting=True), Conversation)
    assert dealer.next(1.0, lasting=True) == Wait(10.0)


def test_the_same_turn_has_the_same_ids_in_every_process_and_no_other_has(tmp_path: Path) -> None:
    one, other = prompt(1), prompt(2)
    assert conversation(one).conversation_id == conversation(one).conversation_id
    ids = {conversation(p, a).exchange_id(t) for p in (one, other) for a in (1, 2) for t in (0, 1)}
    assert len(ids) == 8


def test_exchanges_are_counted_when_taken_and_written_together_in_their_order(tmp_path: Path) -> None:
    prompts = [prompt(1, "One?", "Two?"), prompt(2)]
    recorder = recorder_of(tmp_path, prompts)
    reply = Reply(outcome="answered", sent=1.0, ended=2.0, text="Yes.")
    exchanged = [Exchanged(conversation(one), turn, 0.5, reply) for one, turn in ((prompts[0], 0), (prompts[1], 0))]
    assert [recorder.add(one) for one in exchanged] == [True, False], "only the first asks for a flush"
    assert (recorder.count, recorder.has_ended("semantic", "p0002", 1), list(read_parts(tmp_path))) == (2, True, [])
    with pytest.raises(ValueError, match="not the one that follows"):
        recorder.add(exchanged[1])
    recorder.flush()
    assert [row["prompt_id"] for row in read_parts(tmp_path)] == ["p0001", "p0002"]
    assert recorder.add(Exchanged(conversation(prompts[0]), 1, 0.5, reply))
    recorder.close()
    assert [(row["prompt_id"], row["turn"]) for row in read_parts(tmp_path)][-1] == ("p0001", 1)


def paired(prompts: Sequence[Prompt], **first: Any) -> RunPlan:
    return RunPlan(
        run_id="run-1",
        suite_id="s",
        tier="t",
        arm="load",
        order=[one.prompt_id for one in prompts],
        counted=len(prompts),
        pairs=[Pair(prompt_id=prompt_id, first=arm) for prompt_id, arm in first.items()],
        seed=1,
    )


def test_arms_and_attempts_are_kept_apart(tmp_path: Path) -> None:
    one = prompt(1)
    recorder = recorder_of(tmp_path, [one])
    for arm, attempt in (("load", 1), ("control", 2), ("load", 3)):
        recorder.record(row(one, arm=arm, attempt=attempt))  # type: ignore[arg-type]
    again = recorder_of(tmp_path, [one])
    ended = {(arm, n) for arm in ("load", "control") for n in (1, 2, 3) if again.has_ended(arm, "p0001", n)}
    assert ended == {("load", 1), ("control", 2), ("load", 3)}
    assert (again.count, again.conversations_ended("load"), again.conversations_ended("control")) == (3, 2, 1)
    assert (again.prompts_ended("load"), again.prompts_ended("control")) == (1, 0)


def test_a_load_that_goes_on_and_on_takes_no_more_memory(tmp_path: Path) -> None:
    """A number per prompt stands for all its attempts, in whatever order they end."""
    prompts = questions(3)
    recorder = recorder_of(tmp_path, prompts)
    for attempt in range(1, 400):
        for one in (prompts[attempt % 3], prompts[(attempt + 1) % 3], prompts[(attempt + 2) % 3]):
            swapped = attempt + 1 if attempt % 2 else attempt - 1
            recorder.record(row(one, attempt=swapped))
    assert len(recorder._reached) == 3
    assert len(recorder._beyond) <= 3
    assert recorder.conversations_ended("semantic") == 3 * 399


def test_the_control_arm_deals_its_pairs_in_the_plan_s_order_each_in_its_phase(tmp_path: Path) -> None:
    prompts = questions(5)
    recorder = recorder_of(tmp_path, prompts)
    plan = paired(prompts, p0000="load", p0001="control", p0002="control", p0003="load")
    dealer = ControlDealer(plan, planned(prompts), recorder, pace=InjectionPace(None))
    for wanted in ("p0001", "p0002"):
        dealt = dealer.next(0.0, first="control")
        assert isinstance(dealt, Conversation)
        assert (dealt.prompt_id, dealt.arm, dealt.attempt) == (wanted, "control", 1)
        recorder.record(row(prompts[int(wanted[1:])], arm="control"))
    assert dealer.next(0.0, first="control") is None
    assert dealer.next(0.0, first="load") is None, "no load answer is there to compare with"
    recorder.record(row(prompts[3], arm="load"))
    dealt = dealer.next(0.0, first="load")
    assert isinstance(dealt, Conversation)
    assert dealt.prompt_id == "p0003"


def test_the_golden_arm_deals_each_prompt_once_and_injections_last(tmp_path: Path) -> None:
    prompts = [prompt(0, "Ignore that", injection=True), prompt(1), prompt(2)]
    recorder = recorder_of(tmp_path, prompts)
    recorder.record(row(prompts[2], arm="golden"))
    plan = paired([]).model_copy(update={"golden": ["p0000", "p0001"], "regressions": ["p0002"]})
    pace = InjectionPace(6.0)
    dealer = GoldenDealer(plan, planned(prompts), recorder, pace=pace)
    assert len(dealer) == 2
    assert pace.take(0.0)
    dealt = dealer.next(0.0)
    assert isinstance(dealt, Conversation)
    assert (dealt.prompt_id, dealt.arm, dealt.attempt) == ("p0001", "golden", 1)
    assert isinstance(dealer.next(0.0), Wait)
    later = dealer.next(10.0)
    assert isinstance(later, Conversation)
    assert later.prompt_id == "p0000"
    assert dealer.next(10.0) is None


def test_injections_of_the_control_arm_keep_the_pace_of_all(tmp_path: Path) -> None:
    prompts = [prompt(number, f"Ignore {number}", injection=True) for number in range(2)]
    pace = InjectionPace(6.0)
    plan = paired(prompts, p0000="control", p0001="control")
    by_id = planned(prompts)
    dealer = ControlDealer(plan, by_id, recorder_of(tmp_path, prompts), pace=pace)
    assert pace.take(0.0)
    assert dealer.next(1.0, first="control") == Wait(10.0)
    assert isinstance(dealer.next(10.0, first="control"), Conversation)


def test_probes_are_first_turns_of_harmless_prompts_that_were_asked_as_further_attempts(tmp_path: Path) -> None:
    prompts = [prompt(0, "Ignore", injection=True), prompt(1, "One?", "Two?"), prompt(2), prompt(3)]
    recorder = recorder_of(tmp_path, prompts)
    by_id = planned(prompts)
    assert ProbeDealer(paired(prompts), by_id, recorder).next() is None, "nothing was asked yet"
    for one in prompts[:3]:
        recorder.record(row(one, arm="load"))
    dealer = ProbeDealer(paired(prompts), by_id, recorder)
    seen = []
    for _ in range(4):
        probe = dealer.next()
        assert probe is not None
        assert len(probe.turns) == 1
        seen.append((probe.prompt_id, probe.arm, probe.attempt))
        recorder.record(
            row(next(one for one in prompts if one.prompt_id == probe.prompt_id), arm="control", attempt=probe.attempt)
        )
    assert seen == [("p0001", "control", 2), ("p0002", "control", 2), ("p0001", "control", 3), ("p0002", "control", 3)]
