"""Which prompts a tier sends, and in which order."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.draw import draw
from tests.judge.records import prompt

SUITE = [prompt(f"p-{i}", weight=0.01) for i in range(100)]


@given(wanted=st.integers(1, 150), seed=st.integers(0, 50))
def test_no_prompt_comes_twice_and_every_prompt_is_of_the_suite(wanted: int, seed: int) -> None:
    drawn = draw(SUITE, wanted=wanted, seed=seed)
    assert len(drawn.order) == len(set(drawn.order)) == min(wanted, 100)
    assert set(drawn.order) <= {p.prompt_id for p in SUITE}
    assert drawn.suite_ended == (wanted > 100)


def test_the_same_seed_draws_the_same_order_whatever_the_suites_order() -> None:
    assert draw(SUITE, wanted=40, seed=3) == draw(SUITE[::-1], wanted=40, seed=3)
    assert draw(SUITE, wanted=40, seed=3).order != draw(SUITE, wanted=40, seed=4).order


def test_a_smaller_tier_is_the_beginning_of_a_larger_one() -> None:
    assert draw(SUITE, wanted=80, seed=3).order[:20] == draw(SUITE, wanted=20, seed=3).order


def test_equal_weights_are_not_thinned() -> None:
    assert draw(SUITE, wanted=100, seed=1).counted == 100


def test_the_sample_follows_the_weights() -> None:
    """A heavy and a light half: kept prompts stand to each other as the weights do."""
    suite = [prompt(f"h-{i}", weight=0.004) for i in range(200)] + [prompt(f"l-{i}", weight=0.001) for i in range(200)]
    kept: Counter[str] = Counter()
    for seed in range(20):
        drawn = draw(suite, wanted=400, seed=seed)
        kept.update(p[0] for p in drawn.order[: drawn.counted])
        assert set(drawn.order[drawn.counted :]) <= {p.prompt_id for p in suite if p.prompt_id[0] == "l"}
    assert kept["h"] == 20 * 200
    assert 0.2 < kept["l"] / kept["h"] < 0.3


def test_what_thinning_set_aside_comes_last_and_only_as_far_as_wanted() -> None:
    suite = [prompt(f"h-{i}", weight=0.1) for i in range(10)] + [prompt(f"l-{i}", weight=1e-9) for i in range(10)]
    drawn = draw(suite, wanted=15, seed=1)
    assert drawn.counted == 10
    assert [p[0] for p in drawn.order] == ["h"] * 10 + ["l"] * 5
    assert draw(suite, wanted=6, seed=1).counted == 6


def test_golden_and_regression_prompts_are_not_drawn() -> None:
    suite = [prompt("a"), prompt("g", origin="golden"), prompt("r", origin="regression")]
    assert draw(suite, wanted=5, seed=1).order == ["a"]


def test_a_suite_without_weights_counts_every_prompt() -> None:
    assert draw([prompt("a", weight=0.0), prompt("b", weight=0.0)], wanted=2, seed=1).counted == 2


def test_an_empty_suite_gives_an_empty_draw() -> None:
    assert draw([], wanted=5, seed=1).order == []


def test_a_tier_without_prompts_is_refused() -> None:
    with pytest.raises(ValueError, match="wanted"):
        draw(SUITE, wanted=0, seed=1)


def test_a_tier_comes_out_close_to_the_suites_mix_by_persona_and_by_strategy() -> None:
    """The draw is random, not stratified: shares come out within four standard errors, and no nearer by right."""
    shares = {"persona-a": 0.6, "persona-b": 0.3, "persona-c": 0.1}
    strategies = ("ordinary", "typos", "rambling", "injection", "follow_up")
    suite = [
        prompt(f"{persona}-{strategy}-{n}", weight=share / 200).model_copy(
            update={"persona_id": persona, "strategy": strategy}
        )
        for persona, share in shares.items()
        for strategy in strategies
        for n in range(40)
    ]
    by_id = {p.prompt_id: p for p in suite}
    for seed in range(20):
        drawn = draw(suite, wanted=100, seed=seed)
        assert drawn.counted == 100
        chosen = [by_id[i] for i in drawn.order]
        personas, used = Counter(p.persona_id for p in chosen), Counter(p.strategy for p in chosen)
        for persona, share in shares.items():
            assert abs(personas[persona] - 100 * share) <= 4 * (100 * share * (1 - share)) ** 0.5
        for strategy in strategies:
            assert abs(used[strategy] - 20) <= 4 * (100 * 0.2 * 0.8) ** 0.5
