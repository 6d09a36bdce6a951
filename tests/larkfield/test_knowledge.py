import re

import pytest

from larkfield.knowledge import Passage, passage, passages, system_prompt
from larkfield.ranking import terms, words

POLICY = [entry for entry in passages() if entry.search_words]
PUBLIC_PHONES = {"0808 157 0142", "+44 20 7946 0142"}


def runs(text: str, length: int) -> set[tuple[str, ...]]:
    """Return every run of so many words."""
    said = words(text)
    return {tuple(said[at : at + length]) for at in range(len(said) - length + 1)}


def test_the_bank_has_policy_on_sixty_topics_and_more() -> None:
    assert len(POLICY) >= 60
    assert len({entry.passage_id for entry in passages()}) == len(passages())


@pytest.mark.parametrize("entry", POLICY, ids=lambda entry: entry.passage_id)
def test_a_passage_is_a_few_whole_sentences_with_its_title_in_its_own_words(entry: Passage) -> None:
    assert 2 <= len(entry.sentences) <= 4
    assert all(sentence.endswith(".") for sentence in entry.sentences)
    assert set(terms(entry.title)) <= set(terms(entry.text))


def test_most_policy_is_concrete() -> None:
    assert sum(any(char.isdigit() for char in entry.text) for entry in POLICY) > 0.95 * len(POLICY)


def test_policy_names_no_contact_but_the_public_ones() -> None:
    text = " ".join(entry.text for entry in passages())
    assert set(re.findall(r"[\w.]+@[\w.]+\w", text)) == {"help@larkfield.example"}
    assert set(re.findall(r"\+?\d[\d ]{8,}\d", text)) == PUBLIC_PHONES


def test_no_passage_shares_a_run_of_words_with_the_system_prompt() -> None:
    secret = runs(system_prompt(), 5)
    assert "LARK-CANARY-7F3A" in system_prompt()
    assert not any(secret & runs(entry.text, 5) for entry in passages())


def test_an_unknown_passage_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        passage("no-such-passage")
