"""The failure rate taken apart, and the bar that no persona may be above."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from harness.config import GateSection
from harness.contracts import CriterionResult, GroupRate, Prompt
from harness.proportions import exact_interval
from judge.calibration.correction import Calibration
from judge.groups import Segments, group_rates, segments_above, segments_undecided
from judge.reading import Reading
from judge.statistics import SequentialTest
from tests.judge.records import Fate, exchange, plan, prompt, verdict

BAD = CriterionResult(name="groundedness", passed=False, score=0.1)
FINE = CriterionResult(name="groundedness", passed=True, score=0.9)


def suite(personas: Sequence[str]) -> dict[str, Prompt]:
    """Return one prompt for each persona named, odd ones of another strategy."""
    made = (
        prompt(f"p-{n}", strategy="typos" if n % 2 else "plain").model_copy(update={"persona_id": persona})
        for n, persona in enumerate(personas)
    )
    return {one.prompt_id: one for one in made}


def read(prompts: dict[str, Prompt], fates: Sequence[Fate], *, counted: int | None = None) -> Reading:
    """Return a reading of these fates; a prompt beyond them has not been judged."""
    reading = Reading(plan(list(prompts), counted=counted), {}, SequentialTest())
    for prompt_id, fate in zip(prompts, fates, strict=False):
        came = exchange(prompt_id)
        reading.add(came, verdict(came, fate, *(() if fate is None else (FINE if fate else BAD,))))
    return reading


def of_kind(rates: Sequence[GroupRate], kind: str) -> dict[str, GroupRate]:
    return {rate.name: rate for rate in rates if rate.by == kind}


def test_rates_are_counted_by_criterion_persona_and_strategy() -> None:
    prompts = suite(["a", "a", "a", "b"])
    rates = group_rates(read(prompts, [False, True, True, True]), prompts, 0.95)
    personas, strategies, criteria = (of_kind(rates, kind) for kind in ("persona", "strategy", "criterion"))
    assert {name: (r.failed, r.judged, r.traffic_share) for name, r in personas.items()} == {
        "a": (1, 3, 0.75),
        "b": (0, 1, 0.25),
    }
    assert {name: (r.failed, r.judged) for name, r in strategies.items()} == {"plain": (1, 2), "typos": (0, 2)}
    assert (criteria["groundedness"].failed, criteria["groundedness"].judged) == (1, 4)
    assert (personas["a"].lower, personas["a"].upper) == exact_interval(1, 3, 0.95)


def test_the_group_that_is_worst_for_sure_comes_first_in_its_kind() -> None:
    """One failure of one prompt is a larger rate than nine of ten, and less is known of it."""
    prompts = suite(["lone"] + ["many"] * 10 + ["fine"] * 5)
    rates = group_rates(read(prompts, [False] * 10 + [True] * 6), prompts, 0.95)
    assert list(of_kind(rates, "persona")) == ["many", "lone", "fine"]
    assert [rate.by for rate in rates] == sorted(rate.by for rate in rates)


def test_only_what_the_test_has_read_is_counted() -> None:
    """Set-aside prompts and those that wait for an earlier outcome would bias a rate."""
    prompts = suite(["a", "a", "b", "b"])
    reading = read(prompts, [True, None, False, False], counted=3)
    assert of_kind(group_rates(reading, prompts, 0.95), "persona")["b"].judged == 1
    late = Reading(plan(list(prompts)), {}, SequentialTest())
    came = exchange("p-2")
    late.add(came, verdict(came, True))
    assert group_rates(late, prompts, 0.95) == []


def test_a_prompt_that_the_suite_does_not_hold_counts_for_its_criteria_only() -> None:
    rates = group_rates(read(suite(["a", "b"]), [True, False]), {}, 0.95)
    assert {rate.by for rate in rates} == {"criterion"}


@given(fates=st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([True, False, None])), max_size=40))
def test_every_kind_adds_up_to_what_was_read(fates: list[tuple[str, Fate]]) -> None:
    prompts = suite([persona for persona, _ in fates])
    reading = read(prompts, [fate for _, fate in fates])
    rates = group_rates(reading, prompts, 0.9)
    for kind in ("persona", "strategy"):
        members = of_kind(rates, kind).values()
        assert sum(rate.judged for rate in members) == reading.state.judged
        assert sum(rate.failed for rate in members) == reading.state.failed
        assert all(rate.lower <= rate.estimate <= rate.upper for rate in members)


def segments(prompts: dict[str, Prompt], fates: Sequence[Fate], bar: float | None) -> Segments:
    """Return the personas' tests after these fates, read in two steps."""
    reading = read(prompts, fates)
    tested = Segments(GateSection(worst_segment=bar), reading.plan, prompts)
    half = read(prompts, fates[: len(fates) // 2])
    tested.read(half)
    tested.read(reading)
    return tested


def test_a_persona_far_above_the_bar_fails_and_the_others_do_not() -> None:
    prompts = suite(["good", "bad"] * 60)
    tested = segments(prompts, [n % 2 == 0 for n in range(120)], 0.05)
    assert tested.any_above
    result = tested.result
    assert result is not None
    assert [(s.persona_id, s.standing, s.judged, s.failed) for s in result.segments] == [
        ("bad", "above", 60, 60),
        ("good", "undecided", 60, 0),
    ]
    (above,) = segments_above(result)
    assert "the failure rate of bad is above 5 %: 60 of 60 prompts failed" in above
    (undecided,) = segments_undecided(result)
    assert "whether good is below 5 % (1 of 2 personas)" in undecided


def test_the_error_is_shared_among_all_personas_of_the_sample() -> None:
    """What convicts one of two personas is not yet enough for one of forty."""
    few, many = suite(["bad"] * 6 + ["good"]), suite(["bad"] * 6 + [f"good-{n}" for n in range(40)])
    fates = [False, False, True, True, True, True, True]
    alone, among = segments(few, fates, 0.05), segments(many, fates, 0.05)
    assert alone.result is not None
    assert among.result is not None
    assert alone.result.confidence == 0.975
    assert among.result.confidence > 0.998
    assert alone.result.segments[0].lower > among.result.segments[0].lower


def test_a_persona_with_enough_good_answers_is_below_the_bar() -> None:
    tested = segments(suite(["good"] * 150), [True] * 150, 0.05)
    assert tested.result is not None
    assert [segment.standing for segment in tested.result.segments] == ["below"]
    assert not tested.any_above
    assert segments_undecided(tested.result) == []


def test_without_a_bar_nothing_is_tested_nor_said() -> None:
    tested = segments(suite(["bad"] * 50), [False] * 50, None)
    assert tested.result is None
    assert not tested.any_above
    assert segments_above(None) == segments_undecided(None) == []


def test_many_undecided_personas_are_told_in_one_short_sentence() -> None:
    prompts = suite([f"persona-{n}" for n in range(9)])
    (told,) = segments_undecided(segments(prompts, [True] * 9, 0.05).result)
    assert "persona-2, 6 more are below 5 % (9 of 9 personas)" in told


def test_a_persona_of_long_conversations_is_not_above_the_bar_for_the_judges_false_alarms() -> None:
    """5 % apparent failures are more than 1 % false alarms explain, and not more than those of three answers do."""
    card = Calibration(tp=190, fn=10, tn=19_800, fp=200)
    standings = []
    for turns in (1, 3):
        prompts = {
            name: one.model_copy(update={"turns": ["Hello?"] * turns}) for name, one in suite(["a"] * 1500).items()
        }
        reading = read(prompts, [n % 20 != 0 for n in range(1500)])
        segments = Segments(GateSection(worst_segment=0.02), reading.plan, prompts, card)
        segments.read(reading)
        assert segments.result is not None
        standings += [segment.standing for segment in segments.result.segments]
    assert standings == ["above", "undecided"]
