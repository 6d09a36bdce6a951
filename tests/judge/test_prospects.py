"""What the test makes of releases of a known rate, against the test itself."""

import random
from statistics import mean

import pytest

from judge.boundary import NEVER, Boundary
from judge.calibration.correction import Calibration
from judge.prospects import prospect
from judge.statistics import SequentialTest

CARD = Calibration(tp=190, fn=10, tn=198, fp=2)


def boundary(calibration: Calibration | None = None) -> Boundary:
    return Boundary.of(SequentialTest(0.02, 0.95, calibration))


def brute_force(rate: float, most: int) -> tuple[float, float, float]:
    """Return the shares of passes and failures and the mean number of prompts, verdict by verdict."""
    alive, passes, fails, read = {0: 1.0}, 0.0, 0.0, 0.0
    for judged in range(1, most + 1):
        read += sum(alive.values())
        risen: dict[int, float] = {}
        for failed, share in alive.items():
            for more, part in ((0, 1.0 - rate), (1, rate)):
                risen[failed + more] = risen.get(failed + more, 0.0) + share * part
        alive = {}
        for failed, share in risen.items():
            decision = SequentialTest(0.02, 0.95).update(failed, judged).decision
            passes += share * (decision == "pass")
            fails += share * (decision == "fail")
            if decision == "undecided":
                alive[failed] = share
    return passes, fails, read


@pytest.mark.parametrize("rate", [0.0, 0.01, 0.1, 0.5, 1.0])
def test_shares_are_those_of_the_test_looked_at_after_every_verdict(rate: float) -> None:
    found = prospect(boundary(), rate, 230)
    assert (found.passes, found.fails, found.mean_prompts) == pytest.approx(brute_force(rate, 230), abs=1e-6, rel=0.02)
    assert found.passes + found.fails + found.undecided == pytest.approx(1.0)


def test_they_agree_with_simulated_runs() -> None:
    rng, ends = random.Random(5), []
    for _ in range(300):
        test = SequentialTest(0.02, 0.95)
        while test.state.decision == "undecided" and test.state.judged < 600:
            test.update(int(rng.random() < 0.05), 1)
        ends.append((test.state.decision, test.state.judged))
    found = prospect(boundary(), 0.05, 600)
    assert found.fails == pytest.approx(sum(end == "fail" for end, _ in ends) / 300, abs=0.05)
    assert found.mean_prompts == pytest.approx(mean(count for _, count in ends), rel=0.1)


def test_the_reference_behaviour_of_the_gate_holds() -> None:
    """Threshold 2 %, confidence 95 %, looked at after every verdict."""
    limit = 10_000
    flawless, half, bad, awful = (prospect(boundary(), rate, limit) for rate in (0.0, 0.01, 0.05, 0.1))
    assert flawless.half_by == flawless.most_by == pytest.approx(190, abs=10)
    assert half.passes > 0.99
    assert half.mean_prompts < 1200
    assert bad.fails > 0.99
    assert bad.mean_prompts < 330
    assert awful.mean_prompts < 60
    at_the_threshold = prospect(boundary(), 0.02, limit)
    assert max(at_the_threshold.passes, at_the_threshold.fails) < 0.05


def test_beyond_the_tier_only_the_moments_of_decision_are_looked_for() -> None:
    near, far = (prospect(boundary(), 0.005, 50, beyond=beyond) for beyond in (0, 5000))
    assert (near.passes, near.undecided, near.mean_prompts) == (far.passes, far.undecided, far.mean_prompts)
    assert (near.half_by, near.most_by) == (None, None)
    assert far.half_by is not None
    assert far.most_by is not None
    assert far.half_by < far.most_by


def test_with_a_card_more_prompts_are_needed_and_rates_in_the_band_are_never_decided() -> None:
    with_card = boundary(CARD)
    assert with_card.low < 0.02 < with_card.high
    assert prospect(with_card, 0.01, 10_000).mean_prompts > prospect(boundary(), 0.0, 10_000).mean_prompts
    inside = prospect(with_card, (with_card.low + with_card.high) / 2, 5000)
    assert inside.undecided > 0.99


def test_where_nothing_can_pass_or_fail_nothing_does() -> None:
    hopeless = Boundary(0.0, 1.0, 3.0)
    assert hopeless.passes_at(0) >= NEVER
    assert hopeless.fails_at(3) == 0
    assert prospect(hopeless, 0.3, 200).undecided == pytest.approx(1.0)
