"""The blend that ranks answers by their support."""

from hypothesis import given
from hypothesis import strategies as st

from judge.groundedness.terms import support, terms

CONTEXTS = [
    "Bicycles travel in the rear coach. A bicycle ticket costs four crowns on every line.",
    "The quiet coach is the last one; phones stay silent there.",
]
TEXTS = st.text(max_size=120)


def test_quotations_rank_above_paraphrases_above_inventions() -> None:
    quoted = support("A bicycle ticket costs four crowns on every line.", CONTEXTS)
    reworded = support("For bikes you pay four crowns, whichever line you take.", CONTEXTS)
    invented = support("Our butler carries every piano to your hotel without charge.", CONTEXTS)
    assert quoted > 0.9 > reworded > 0.02 > invented


def test_a_quotation_is_known_whatever_its_spelling() -> None:
    plain = support("Phones stay silent there.", CONTEXTS)
    assert support("PHONES stay  silent THERE", CONTEXTS) == plain


@given(answer=TEXTS, contexts=st.lists(TEXTS, min_size=1, max_size=3))
def test_support_is_a_share_for_any_text(answer: str, contexts: list[str]) -> None:
    assert 0.0 <= support(answer, contexts) <= 1.0
    assert len(terms(answer, contexts)) == 6


@given(answer=TEXTS, contexts=st.lists(TEXTS, min_size=1, max_size=2), more=TEXTS)
def test_a_further_context_never_lowers_the_support(answer: str, contexts: list[str], more: str) -> None:
    assert support(answer, [*contexts, more]) >= support(answer, contexts) - 1e-12
