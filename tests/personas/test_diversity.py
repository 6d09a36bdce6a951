"""How varied a suite is, and what of production it covers."""

import pytest

from harness.contracts import Persona
from personas.diversity import WORDS, diversity
from tests.personas.logs import session_of
from tests.personas.suites import prompt

TEXTS = (
    "how do I renew my library card",
    "the study room was locked all morning",
    "please cancel both reservations",
    "late fees keep growing every week",
)
SUITE = [prompt(f"p-{n}", turns=[text]) for n, text in enumerate(TEXTS)]


def _persona(persona_id: str, share: float) -> Persona:
    return Persona(persona_id=persona_id, name="x", description="", segment_id="s", traffic_share=share, users=9)


def test_distinct_n_counts_different_runs_over_all_runs() -> None:
    """Ten words, five of them different; nine pairs, six different; eight triples, six different."""
    figures = diversity([prompt("a", turns=["a b a b a b c d e a"])])
    assert figures["distinct_1"] == pytest.approx(5 / 10)
    assert figures["distinct_2"] == pytest.approx(6 / 9, abs=1e-4)
    assert figures["distinct_3"] == pytest.approx(6 / 8)
    assert figures["distinct_words"] == 10


def test_runs_do_not_cross_from_one_prompt_to_the_next() -> None:
    assert diversity([prompt("a", turns=["a b"]), prompt("b", turns=["c d"])])["distinct_3"] == 0.0


def test_distinct_n_is_counted_on_the_same_number_of_words_whatever_the_size() -> None:
    many = [prompt(f"p-{n}", turns=[" ".join(f"w{(n * 7 + i) % 900}" for i in range(20))]) for n in range(1000)]
    assert diversity(many)["distinct_words"] == diversity(many[:500])["distinct_words"] == WORDS


def test_prompts_without_a_common_word_are_as_far_apart_as_can_be() -> None:
    assert diversity(SUITE)["nearest"]["mean"] > 0.8


def test_the_same_words_in_another_order_are_no_distance_apart() -> None:
    pair = [prompt("a", turns=["renew my card"]), prompt("b", turns=["my card renew"])]
    assert diversity(pair)["nearest"]["mean"] == pytest.approx(0.0, abs=1e-3)


def test_a_suite_of_one_prompt_has_no_neighbour() -> None:
    assert diversity(SUITE[:1])["nearest"]["mean"] == 1.0


def test_a_prompt_that_says_the_same_again_is_a_near_duplicate() -> None:
    again = [prompt("z", turns=[TEXTS[0].upper() + "!"])]
    assert diversity(SUITE)["near_duplicates"] == 0
    assert diversity([*SUITE, *again])["near_duplicates"] == 1


def test_conversations_and_strategies_come_as_shares() -> None:
    suite = [*SUITE, prompt("m", turns=["hello", "and then?"], strategy="follow_up")]
    figures = diversity(suite)
    assert figures["multi_turn_share"] == pytest.approx(0.2)
    assert figures["strategies"] == {"ordinary": 0.8, "follow_up": 0.2}


def test_a_segment_with_a_handful_of_prompts_is_not_covered() -> None:
    suite = [prompt(f"p-{n}", turns=[f"question {n}"]) for n in range(10)]
    personas = [_persona("persona-a", 0.7), _persona("persona-b", 0.3)]
    suite.append(prompt("q", persona_id="persona-b"))
    assert diversity(suite, personas)["coverage"]["traffic_in_covered_segments"] == pytest.approx(0.7)


def test_regression_prompts_cover_no_traffic() -> None:
    suite = [prompt(f"p-{n}", turns=[f"question {n}"], origin="regression") for n in range(20)]
    assert diversity(suite, [_persona("persona-a", 1.0)])["coverage"]["traffic_in_covered_segments"] == 0.0


def test_sessions_are_covered_by_prompts_about_the_same() -> None:
    like = [session_of("renew my library card", user=f"u-{i}", session_id=f"s-{i}") for i in range(3)]
    unlike = [session_of("turntable jazz vinyl", user=f"v-{i}", session_id=f"t-{i}") for i in range(1)]
    coverage = diversity(SUITE, [], [*like, *unlike])["coverage"]
    assert coverage["sessions_within"] == pytest.approx(0.75)
    assert coverage["of_sessions"] == 4


def test_prompts_without_a_word_are_measured_all_the_same() -> None:
    figures = diversity([prompt("a", turns=["?!"]), prompt("b", turns=["…"])])
    assert figures["distinct_1"] == 0.0
    assert figures["nearest"]["mean"] == 1.0


def test_the_figures_do_not_depend_on_the_suite_s_order() -> None:
    assert diversity(SUITE[::-1])["distinct_2"] == diversity(SUITE)["distinct_2"]
