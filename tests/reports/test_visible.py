import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.visible import INVISIBLE, chip, one_line, scrub, visible
from tests.reports.hostile import CORPUS

ANY_TEXT = st.text(st.characters(codec=None), max_size=200)


@given(ANY_TEXT)
def test_any_text_becomes_encodable_and_holds_nothing_invisible(text: str) -> None:
    shown = visible(text)
    shown.encode()
    assert INVISIBLE.search(shown) is None


@pytest.mark.parametrize("text", CORPUS, ids=range(len(CORPUS)))
def test_the_corpus_fits_on_one_line_of_the_limit(text: str) -> None:
    line = one_line(text, 80)
    assert len(line) <= 80
    assert "\n" not in line


def test_invisible_characters_are_named_and_runs_are_counted() -> None:
    assert visible("a\u202eb") == "a‹U+202E›b"
    assert chip("\u200b" * 40) == "U+200B×40"


def test_a_long_run_of_different_invisible_characters_stays_short() -> None:
    assert chip("".join(chr(0xE0020 + i) for i in range(50))).endswith(" +44")


def test_newlines_and_tabs_are_layout_and_stay() -> None:
    assert visible("a\r\nb\tc") == "a\nb\tc"


def test_emoji_with_a_variation_selector_stay_whole() -> None:
    assert visible("❤️") == "❤️"


def test_lone_surrogates_are_replaced() -> None:
    assert scrub("x\ud800y") == "x\ufffdy"
