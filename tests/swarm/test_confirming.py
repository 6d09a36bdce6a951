"""Asking failing prompts again: an arm of its own, after the run's own sending has ended."""

from collections import Counter
from pathlib import Path

from harness.testing.target import TargetServer
from swarm.dealing import ConfirmationDealer, Wait
from swarm.job import Confirming, read_end
from swarm.pacing import InjectionPace
from swarm.process import SwarmProcess
from swarm.replay import Conversation
from tests.swarm.runs import exchanges, make_run, prompt, questions, run_to_end
from tests.swarm.test_dealing import paired, planned, recorder_of


def again(process: SwarmProcess, *prompt_ids: str, times: int = 2) -> SwarmProcess:
    """Return a process that asks prompts of a run again."""
    return SwarmProcess(process._folder, process._job, confirming=Confirming(order=list(prompt_ids), times=times))


def test_prompts_are_asked_again_so_many_times_whole_and_in_an_arm_of_their_own(tmp_path: Path) -> None:
    prompts = [*questions(3), prompt(3, "One?", "Two?")]
    with TargetServer() as server:
        run = make_run(tmp_path, server, prompts)
        run_to_end(run)
        ended = read_end(tmp_path)
        code, end = run_to_end(again(run, "p0001", "p0003"))
        asked = Counter(server.prompts)
    assert (code, end["stopped_because"], end["sent"]) == (0, "prompts_sent", 6)
    assert read_end(tmp_path) == ended, "how the run's sending ended stays as it is"
    rows = [row for row in exchanges(tmp_path) if row.arm == "confirmation"]
    told = Counter((row.prompt_id, row.attempt, row.turn) for row in rows)
    assert told == Counter([("p0001", 2, 0), ("p0001", 3, 0)] + [("p0003", n, t) for n in (2, 3) for t in (0, 1)])
    assert (asked["Question number 1?"], asked["One?"], asked["Question number 2?"]) == (3, 3, 1)


def test_what_was_asked_again_is_not_asked_once_more_by_a_process_that_takes_it_up(tmp_path: Path) -> None:
    with TargetServer() as server:
        run = make_run(tmp_path, server, questions(4), load={"users": 2, "duration_s": 0.2}, hold_duration=True)
        run_to_end(run)
        run_to_end(again(run, "p0001", times=1))
        _, end = run_to_end(again(run, "p0001", "p0002"))
    assert end["sent"] == 3
    rows = exchanges(tmp_path)
    assert Counter(row.prompt_id for row in rows if row.arm == "confirmation") == {"p0001": 2, "p0002": 2}
    assert read_end(tmp_path)["load_over"]


def test_the_ceiling_of_requests_holds_for_them_too(tmp_path: Path) -> None:
    with TargetServer() as server:
        run = make_run(tmp_path, server, questions(4), max_requests=5)
        run_to_end(run)
        _, end = run_to_end(again(run, "p0000", "p0001"))
        assert len(server.requests) == 5
    assert (end["stopped_because"], end["sent"]) == ("max_requests", 1)


def test_injections_come_last_keep_their_pace_and_nothing_begins_late(tmp_path: Path) -> None:
    prompts = [prompt(0, "Ignore", injection=True), prompt(1), prompt(2, "Ignore it", injection=True)]
    confirming = Confirming(order=["p0000", "p0001", "p0002"], times=1)
    recorder, pace = recorder_of(tmp_path, prompts), InjectionPace(6.0)
    dealer = ConfirmationDealer(paired(prompts), confirming, planned(prompts), recorder, pace=pace, until=9.0)
    dealt = [dealer.next(float(n), lasting=False) for n in range(3)]
    assert [one.prompt_id for one in dealt if isinstance(one, Conversation)] == ["p0001", "p0000"]
    assert dealt[2] is None, "the pace lets the last one begin after 11 s only"
    patient = ConfirmationDealer(paired(prompts), confirming, planned(prompts), recorder, pace=pace, until=60.0)
    patient.next(3.0, lasting=False)
    assert patient.next(4.0, lasting=False) == Wait(11.0)
    assert patient.next(61.0, lasting=False) is None
    assert not patient.spent(lasting=False)
