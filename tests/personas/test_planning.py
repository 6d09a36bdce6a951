"""Sharing out prompts and weights."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.contracts import Generator, Persona, Prompt
from personas.planning import FEWEST, by_persona, by_strategy, shared_out, weighted


def _persona(number: int, share: float) -> Persona:
    return Persona(
        persona_id=f"p{number}",
        name=f"N{number}",
        description="",
        segment_id=f"s{number}",
        traffic_share=share,
        users=5,
    )


def _prompt(persona: str, text: str) -> Prompt:
    return Prompt(
        prompt_id=text,
        persona_id=persona,
        strategy="ordinary",
        turns=[text],
        weight=0.0,
        generator=Generator(kind="offline"),
    )


@given(st.integers(0, 5000), st.lists(st.floats(0.01, 1.0), min_size=1, max_size=20), st.integers(0, 6))
def test_what_is_shared_out_adds_up(total: int, shares: list[float], fewest: int) -> None:
    counts = shared_out(total, shares, fewest=fewest)
    assert sum(counts) == total
    assert min(counts) >= min(fewest, total // len(shares))


def test_prompts_follow_traffic_and_nobody_gets_less_than_a_few() -> None:
    counts = by_persona(1000, [_persona(0, 0.9), _persona(1, 0.099), _persona(2, 0.001)])
    assert sum(counts) == 1000
    assert counts[0] > 8 * counts[1]
    assert counts[2] >= FEWEST


@given(st.lists(st.integers(0, 300), min_size=1, max_size=15))
def test_each_persona_gets_its_count_over_the_strategies(counts: list[int]) -> None:
    shares = [{"a": 5.0, "b": 3.0, "c": 1.0}] * len(counts)
    assert [part.total() for part in by_strategy(counts, shares)] == counts


def test_strategies_keep_their_shares_over_many_small_personas() -> None:
    """Each persona alone has too few prompts for the rare strategy; together they have its share."""
    plan = by_strategy([3] * 100, [{"common": 9.0, "rare": 1.0}] * 100)
    assert sum(part["rare"] for part in plan) == 30


def test_weights_are_traffic_spread_over_a_personas_prompts() -> None:
    prompts = [_prompt("p0", "a"), _prompt("p1", "b"), _prompt("p1", "c")]
    weights = [p.weight for p in weighted(prompts, [_persona(0, 0.6), _persona(1, 0.4)])]
    assert weights == pytest.approx([0.6, 0.2, 0.2])


def test_weights_sum_to_one_even_when_a_persona_has_no_prompt() -> None:
    prompts = [_prompt("p0", "a")]
    assert sum(p.weight for p in weighted(prompts, [_persona(0, 0.6), _persona(1, 0.4)])) == pytest.approx(1.0)
