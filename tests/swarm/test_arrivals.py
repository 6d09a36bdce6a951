"""The level of a load over time, and the arrivals that bring it about."""

import itertools
import math
from collections.abc import Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from harness.config import LoadStage
from swarm.arrivals import Profile, arrivals

LEVELS = st.one_of(st.just(0.0), st.floats(0.01, 500.0))
STAGES = st.lists(
    st.builds(LoadStage, duration_s=st.one_of(st.just(0.0), st.floats(0.05, 100.0)), rate=LEVELS),
    min_size=1,
    max_size=6,
)


def profile(*stages: tuple[float, float]) -> Profile:
    return Profile([LoadStage(duration_s=duration_s, rate=rate) for duration_s, rate in stages])


def within(moments: Sequence[float], first: float, last: float) -> int:
    return sum(first < moment <= last for moment in moments)


def test_a_profile_goes_linearly_from_0_jumps_and_goes_on_at_its_last_level() -> None:
    ramp_step_spike = profile((10, 20), (5, 20), (0, 100), (1, 100), (0, 20), (4, 10))
    assert [ramp_step_spike.level(s) for s in (0, 5, 10, 14.9, 15, 15.9, 16, 18, 20, 1000)] == pytest.approx(
        [0, 10, 20, 20, 100, 100, 20, 15, 10, 10]
    )
    assert (ramp_step_spike.duration_s, ramp_step_spike.peak, ramp_step_spike.last) == (20, 100, 10)
    assert ramp_step_spike.expected == 100 + 100 + 100 + 60


@given(STAGES, st.lists(st.floats(0, 700), min_size=2, max_size=8))
def test_what_is_expected_by_a_moment_is_the_level_s_integral(stages: list[LoadStage], moments: list[float]) -> None:
    made = Profile(stages)
    for before, after in itertools.pairwise(sorted(moments)):
        edges = [before, after, *(s for s in itertools.accumulate(stage.duration_s for stage in stages))]
        parts = sorted({min(max(edge, before), after) for edge in edges})
        # Between the ends of stages the level is linear: its middle is its mean.
        area = sum(made.level((a + b) / 2) * (b - a) for a, b in itertools.pairwise(parts))
        assert made.expected_by(after) - made.expected_by(before) == pytest.approx(area, rel=1e-6, abs=1e-6)
    assert made.expected_by(made.duration_s) == pytest.approx(made.expected)


@given(STAGES, st.floats(1e-3, 1e5))
def test_the_moment_of_a_count_is_when_so_many_are_expected(stages: list[LoadStage], count: float) -> None:
    made = Profile(stages)
    moment = made.moment_of(count)
    if math.isinf(moment):
        assert made.last == 0
        assert count > made.expected
    else:
        assert made.expected_by(moment) == pytest.approx(count, rel=1e-6, abs=1e-6)
        earlier = made.expected_by(moment * (1 - 1e-6) - 1e-6)
        assert earlier < count or earlier == pytest.approx(count, rel=1e-6), "it was reached before"


@given(STAGES, st.floats(0, 200))
def test_evenly_spaced_arrivals_are_the_whole_part_of_what_is_expected(stages: list[LoadStage], until: float) -> None:
    made = Profile(stages)
    expected = made.expected_by(until)
    assume(expected < 2000)
    moments = list(itertools.takewhile(lambda moment: moment <= until, arrivals(made)))
    assert moments == sorted(moments)
    assert len(moments) in {math.floor(expected - 1e-6), math.floor(expected + 1e-6)}


@pytest.mark.parametrize(
    ("rate", "duration_s"), [(20.0, 60.0), (0.1, 1800.0), (3.3, 7.0), (1 / 3, 90.0), (200.0, 60.0)]
)
def test_a_constant_rate_s_last_arrival_is_due_at_the_profile_s_end_and_no_later(
    rate: float, duration_s: float
) -> None:
    whole = math.floor(rate * duration_s + 1e-9)
    moments = list(itertools.islice(arrivals(profile((0, rate), (duration_s, rate))), whole + 1))
    assert [moments[0], moments[whole - 1]] == pytest.approx([1 / rate, whole / rate])
    assert moments[whole - 1] <= duration_s + 1e-9
    assert moments[whole] > duration_s


def test_a_profile_that_ends_at_0_has_exactly_what_it_expects() -> None:
    triangle = profile((10, 10), (10, 0))
    moments = list(arrivals(triangle))
    assert (len(moments), moments[-1]) == (100, 20.0)
    assert within(moments, 0, 10) == 50
    assert within(moments, 5, 15) == 74 or within(moments, 5, 15) == 75


def test_a_pause_in_the_middle_is_kept() -> None:
    moments = list(arrivals(profile((0, 10), (1, 10), (0, 0), (5, 0), (0, 10), (1, 10), (0, 0))))
    assert len(moments) == 20
    assert within(moments, 1.0, 6.0) == 0


@given(STAGES, st.integers(0, 300), st.one_of(st.none(), st.integers(0, 2**40)))
def test_arrivals_go_on_after_those_that_came(stages: list[LoadStage], after: int, seed: int | None) -> None:
    made = Profile(stages)
    whole = list(itertools.islice(arrivals(made, seed=seed), after + 20))
    assert list(itertools.islice(arrivals(made, seed=seed, after=after), 20)) == whole[after:]


def test_the_same_seed_draws_the_same_arrivals_and_another_seed_others() -> None:
    made = profile((0, 50), (60, 50))
    one, again, other = (list(itertools.islice(arrivals(made, seed=seed), 500)) for seed in (7, 7, 8))
    assert one == again
    assert not set(one) & set(other)
    # Independent by seed: the gaps of two seeds are not correlated (|r| stays below 3 standard errors).
    gaps = [[b - a for a, b in itertools.pairwise(moments)] for moments in (one, other)]
    means = [sum(each) / len(each) for each in gaps]
    products = sum((a - means[0]) * (b - means[1]) for a, b in zip(*gaps, strict=True))
    norms = math.prod(math.sqrt(sum((a - mean) ** 2 for a in each)) for each, mean in zip(gaps, means, strict=True))
    assert abs(products / norms) < 3 / math.sqrt(len(gaps[0]))


def test_random_arrivals_are_a_poisson_process_of_the_profile_s_rate() -> None:
    """Counts in stretches of equal expectation, over a ramp: chi-square against Poisson(4), fixed seed."""
    ramp = profile((100, 80))
    counts = [0] * 1000
    for moment in itertools.takewhile(lambda moment: moment <= 100, arrivals(ramp, seed=20_260_101)):
        counts[min(int(ramp.expected_by(moment) / 4), 999)] += 1
    classes = range(11)
    share = [math.exp(-4) * 4**k / math.factorial(k) for k in classes]
    share[-1] = 1 - sum(share[:-1])
    seen = [sum(min(count, classes[-1]) == k for count in counts) for k in classes]
    chi_square = sum((n - 1000 * p) ** 2 / (1000 * p) for n, p in zip(seen, share, strict=True))
    assert chi_square < 29.6, "the 99.9 % quantile with 10 degrees of freedom"
    assert sum(counts) == pytest.approx(4000, abs=4 * math.sqrt(4000))
    # Neighbouring stretches know nothing of each other.
    mean = sum(counts) / 1000
    variance = sum((n - mean) ** 2 for n in counts)
    assert abs(sum((a - mean) * (b - mean) for a, b in itertools.pairwise(counts)) / variance) < 4 / math.sqrt(1000)


@given(STAGES, st.floats(0.01, 400), st.floats(0, 300))
def test_the_next_moment_of_a_level_is_the_first_at_which_it_is_reached(
    stages: list[LoadStage], level: float, after: float
) -> None:
    made = Profile(stages)
    moment = made.next_at(level, after)
    assert moment >= after or moment == pytest.approx(after)
    if math.isinf(moment):
        assert made.last < level
    else:
        assert made.level(moment + 1e-9) == pytest.approx(level, rel=1e-3, abs=1e-2) or made.level(moment) >= level
    last = min(moment, after + 300)
    between = [after + (last - after) * part / 50 for part in range(50)] if last > after else []
    assert all(made.level(each) < level * (1 + 1e-6) + 1e-9 for each in between)
