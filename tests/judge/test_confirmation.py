"""What is read from prompts that were asked more than once."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from judge.confirmation import NOISE_PROMPTS, Repeats, confirmed
from judge.reading import Reading
from judge.statistics import SequentialTest
from tests.judge.records import Fate, exchange, plan, verdict


def read(fates: Sequence[Fate], *, arm: str = "semantic", times: int = 2) -> tuple[Reading, Repeats]:
    """Return a reading of first attempts, and nothing repeated yet."""
    planned = plan([f"p-{n}" for n in range(len(fates))], arm=arm)
    reading = Reading(planned, {}, SequentialTest())
    for prompt_id, fate in zip(planned.order, fates, strict=True):
        came = exchange(prompt_id, arm=arm)
        reading.add(came, verdict(came, fate))
    return reading, Repeats(planned, {}, times)


def again(repeats: Repeats, prompt_id: str, *fates: Fate, arm: str = "confirmation") -> None:
    """Read further attempts of a prompt, from the second on."""
    for attempt, fate in enumerate(fates, start=2):
        came = exchange(prompt_id, arm=arm, attempt=attempt)
        repeats.add(came, verdict(came, fate))


def test_a_failure_that_comes_every_time_is_consistent_and_one_that_goes_is_flaky() -> None:
    reading, repeats = read([False, False, True, False, False])
    again(repeats, "p-0", False, False)
    again(repeats, "p-1", False, True)
    again(repeats, "p-3", False)
    found = repeats.confirmations(reading)
    assert found is not None
    assert (found.consistent, found.flaky, found.unsettled, found.not_asked) == (["p-0"], ["p-1"], ["p-3"], 1)
    (told,) = confirmed(found)
    assert "Of 3 failing prompts asked again (2 more times, no load beside them) 1 failed every time" in told
    assert "1 passed at least once; 1 could not be settled." in told


def test_repeats_that_nobody_could_judge_settle_nothing() -> None:
    reading, repeats = read([False], times=1)
    again(repeats, "p-0", None)
    found = repeats.confirmations(reading)
    assert found is not None
    assert found.unsettled == ["p-0"]


def test_only_failing_prompts_are_asked_again_in_the_plan_s_order() -> None:
    reading, repeats = read([False, True, None, False, False])
    assert repeats.to_confirm(reading, 2) == ["p-0", "p-3"]
    assert repeats.confirmations(reading) is None
    assert confirmed(None) == []


def test_a_conversation_asked_again_passes_when_all_its_turns_do() -> None:
    reading, _ = read([False])
    repeats = Repeats(reading.plan, {"p-0": 2}, 1)
    for turn, fate in enumerate([True, False]):
        came = exchange("p-0", arm="confirmation", attempt=2, turn=turn)
        repeats.add(came, verdict(came, fate))
    found = repeats.confirmations(reading)
    assert found is not None
    assert found.consistent == ["p-0"]


def test_the_noise_floor_is_the_share_of_second_verdicts_that_differ() -> None:
    reading, repeats = read([True, True, False, False, None, True], arm="load")
    for prompt_id, fate in zip(reading.plan.order, [True, False, True, False, True, None], strict=True):
        again(repeats, prompt_id, fate, arm="load")
    noise = repeats.noise_floor(reading, 0.95)
    assert noise is not None
    assert (noise.repeats, noise.flipped, noise.estimate) == (4, 2, 0.5)
    assert 0.06 < noise.lower < 0.07
    assert 0.93 < noise.upper < 0.94


def test_failing_prompts_asked_again_are_no_part_of_the_noise_floor() -> None:
    """They were chosen because they had failed."""
    reading, repeats = read([False])
    again(repeats, "p-0", True, True)
    assert repeats.noise_floor(reading, 0.95) is None


def test_only_second_attempts_of_the_sample_s_beginning_are_judged_for_the_noise() -> None:
    planned = plan([f"p-{n}" for n in range(NOISE_PROMPTS + 2)], counted=NOISE_PROMPTS + 1, arm="load")
    repeats = Repeats(planned, {}, 2)
    assert exchange("p-0", arm="load", attempt=2) in repeats
    assert exchange("p-0", arm="confirmation", attempt=3) in repeats
    for other in (
        exchange("p-0", arm="load"),
        exchange("p-0", arm="load", attempt=3),
        exchange("p-0", arm="control", attempt=2),
        exchange(f"p-{NOISE_PROMPTS}", arm="load", attempt=2),
    ):
        assert other not in repeats


@given(
    fates=st.lists(st.tuples(st.booleans(), st.lists(st.sampled_from([True, False, None]), max_size=3)), max_size=20)
)
def test_every_failing_prompt_is_in_one_place_and_the_rate_stays_as_it_is(fates: list[tuple[bool, list[Fate]]]) -> None:
    reading, repeats = read([first for first, _ in fates])
    before = reading.state
    for number, (first, more) in enumerate(fates):
        if not first:
            again(repeats, f"p-{number}", *more)
    found = repeats.confirmations(reading)
    failing = [f"p-{n}" for n, (first, _) in enumerate(fates) if not first]
    if found is not None:
        told = [*found.consistent, *found.flaky, *found.unsettled]
        assert len(told) == len(set(told))
        assert set(told) <= set(failing)
        assert len(told) + found.not_asked == len(failing)
    assert reading.state == before
