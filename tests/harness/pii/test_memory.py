"""The memory of names: what it finds again, and what it leaves alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.pii.memory import NameMemory

NAMES = st.text("abcdefghijklmnopqrstuvwxyzáéñöü", min_size=6, max_size=14)
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def memory(*names: str) -> NameMemory:
    """Return a memory of names."""
    made = NameMemory()
    for name in names:
        made.learn(name)
    return made


def found(names: NameMemory, text: str) -> list[str]:
    """Return what a memory finds in a text."""
    return [text[span.start : span.end] for span in names.find(text)]


def test_every_word_of_a_name_is_found_in_any_case_and_without_accents() -> None:
    names = memory("Zoë Wennerström-Brandvold")
    assert found(names, "zoe? ZOË! wennerstrom, Brandvold's") == ["zoe", "ZOË", "wennerstrom", "Brandvold"]


@pytest.mark.parametrize("ordinary", ["will", "rose", "please", "card", "al"])
def test_ordinary_and_very_short_words_are_not_remembered(ordinary: str) -> None:
    assert found(memory(f"{ordinary} Ferncastle"), f"{ordinary} please") == []


@pytest.mark.parametrize("misspelt", ["ferncastel", "frencastle", "ferncaste", "ferncasttle", "ferncastla"])
def test_a_long_name_is_found_with_one_letter_wrong(misspelt: str) -> None:
    assert found(memory("Ferncastle"), f"no, {misspelt}.") == [misspelt]


@pytest.mark.parametrize("other", ["fencastel", "erncastle", "castle", "ferncastles2", "ferncastlery"])
def test_what_differs_by_more_or_begins_otherwise_is_another_word(other: str) -> None:
    assert found(memory("Ferncastle"), other) == []


def test_an_ordinary_word_beside_a_name_stays_and_so_do_neighbours_of_short_names() -> None:
    assert found(memory("Martin", "Carlos", "Ilker"), "marten ilket service") == ["marten"]
    assert found(memory("Pleaser", "Accoun", "Balances"), "please account balance") == []


@given(NAMES, st.integers(1, 13), st.sampled_from(LETTERS), st.sampled_from(["drop", "add", "change", "swap"]))
def test_one_edit_behind_the_first_letter_never_hides_a_name(name: str, at: int, letter: str, edit: str) -> None:
    names = memory(name)
    at = min(at, len(name) - 2)
    swapped = name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    written = {
        "drop": name[:at] + name[at + 1 :], "add": name[:at] + letter + name[at:],
        "change": name[:at] + letter + name[at + 1 :], "swap": swapped,
    }[edit]  # fmt: skip
    if len(names) and not found(memory("Unrelated"), written):
        ordinary = not len(memory(written))
        assert bool(found(names, written)) is not ordinary


def test_nothing_is_found_before_a_name_is_learnt() -> None:
    assert NameMemory().find("ferncastle") == []
    assert NameMemory().spelled("ferncastle") == "ferncastle"


def test_figures_glued_to_a_remembered_name_go_with_it() -> None:
    names = NameMemory()
    names.learn("Ottoline Brenham")
    assert [(span.start, span.end) for span in names.find("brenham3")] == [(0, 8)]
