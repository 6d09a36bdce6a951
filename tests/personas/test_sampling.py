"""Samples of a suite for other tools."""

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.contracts import Prompt
from personas.sampling import sample
from tests.personas.suites import prompt

SHARES = {"persona-a": 0.5, "persona-b": 0.3, "persona-c": 0.2}
STRATEGIES = ("ordinary", "typos", "rambling", "injection")


def _suite(each: int = 20) -> list[Prompt]:
    return [
        prompt(
            f"{persona}-{strategy}-{n}", persona_id=persona, strategy=strategy, weight=share / len(STRATEGIES) / each
        )
        for persona, share in SHARES.items()
        for strategy in STRATEGIES
        for n in range(each)
    ]


@given(count=st.integers(1, 240), seed=st.integers(0, 1000))
def test_the_asked_for_number_comes_and_no_prompt_twice(count: int, seed: int) -> None:
    ids = [p.prompt_id for p in sample(_suite(), count=count, seed=seed)]
    assert len(ids) == len(set(ids)) == count


@given(count=st.integers(1, 120), seed=st.integers(0, 1000))
def test_each_persona_and_each_of_its_strategies_comes_within_one_prompt_of_its_share(count: int, seed: int) -> None:
    chosen = sample(_suite(), count=count, seed=seed)
    by_persona = Counter(p.persona_id for p in chosen)
    by_cell = Counter((p.persona_id, p.strategy) for p in chosen)
    for persona, share in SHARES.items():
        assert abs(by_persona[persona] - count * share) < 1 + 1e-6
        for strategy in STRATEGIES:
            assert abs(by_cell[persona, strategy] - count * share / len(STRATEGIES)) < 1 + 1e-6


def test_every_prompt_is_drawn_as_often_as_it_weighs() -> None:
    """300 samples of 12: each of 240 prompts comes count × weight of the time, within four standard errors in the mean."""
    suite = _suite()
    drawn = Counter(p.prompt_id for seed in range(300) for p in sample(suite, count=12, seed=seed))
    for persona, share in SHARES.items():
        expected = 300 * 12 * share
        found = sum(count for name, count in drawn.items() if name.startswith(persona))
        assert abs(found - expected) < 4 * math.sqrt(expected)


def test_the_same_seed_gives_the_same_sample_and_another_one_another() -> None:
    suite = _suite()
    assert sample(suite, count=20, seed=3) == sample(suite, count=20, seed=3)
    assert sample(suite, count=20, seed=3) != sample(suite, count=20, seed=4)


def test_a_sample_larger_than_the_suite_is_the_suite() -> None:
    suite = _suite(2)
    assert sample(suite, count=999, seed=1) == suite


def test_a_prompt_heavier_than_a_step_is_certain() -> None:
    suite = [prompt("heavy", weight=0.9), *(prompt(f"light-{n}", weight=0.01) for n in range(10))]
    for seed in range(10):
        chosen = [p.prompt_id for p in sample(suite, count=3, seed=seed)]
        assert "heavy" in chosen
        assert len(chosen) == 3


def test_golden_and_regression_prompts_stand_for_no_traffic() -> None:
    suite = [prompt("a"), prompt("r", origin="regression", weight=0.0), prompt("g", origin="golden", weight=0.0)]
    assert [p.prompt_id for p in sample(suite, count=3, seed=1)] == ["a"]


def test_prompts_without_weights_are_all_alike() -> None:
    assert len(sample([prompt("a", weight=0.0), prompt("b", weight=0.0)], count=1, seed=1)) == 1


def test_an_empty_suite_gives_an_empty_sample() -> None:
    assert sample([], count=5, seed=1) == []


def test_a_sample_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="count"):
        sample(_suite(), count=0, seed=1)
