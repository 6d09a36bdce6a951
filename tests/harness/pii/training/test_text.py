"""The training text itself: our own words around placeholders, nobody's data."""

import re
import unicodedata
from pathlib import Path

import pytest

from harness.pii.training import corpus
from harness.pii.training.corpus import templates
from harness.pii.training.values import TYPES

FILES = sorted((Path(corpus.__file__).parent / "text").glob("*.txt"))
PLACEHOLDER = re.compile(r"\{(\w+)\}")


def lines_of(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_says_nothing_twice(path: Path) -> None:
    lines = lines_of(path)
    assert sorted(lines) == sorted(set(lines))


def test_hardly_any_line_stands_in_two_files() -> None:
    """A few bare answers ("np") do, on purpose: they are common."""
    assert len(templates()) - len(set(templates())) <= 10


def test_every_placeholder_is_known() -> None:
    assert {name for line in templates() for name in PLACEHOLDER.findall(line)} <= TYPES.keys()


def test_every_placeholder_occurs() -> None:
    assert {name for line in templates() for name in PLACEHOLDER.findall(line)} == TYPES.keys()


def test_the_text_is_wide_enough_and_much_of_it_holds_nothing_personal() -> None:
    assert len(FILES) >= 20
    assert len(templates()) >= 7000
    without = sum(not PLACEHOLDER.search(line) for line in templates()) / len(templates())
    assert 0.3 < without < 0.8


def test_a_backslash_and_n_is_a_line_break() -> None:
    assert any("\n" in line for line in templates())
    assert not any("\\n" in line for line in templates())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_lines_are_tidy_and_hold_no_real_contact_data(path: Path) -> None:
    for number, line in enumerate(lines_of(path), 1):
        where = f"{path.name}:{number}"
        assert line == line.strip(), where
        assert unicodedata.normalize("NFC", line) == line, where
        assert len(line) < 1500, where
        words = PLACEHOLDER.sub("", line)
        assert not re.search(r"[\w.]+@[\w-]+\.\w+", words), f"{where}: an e-mail address"
        assert not re.search(r"https?://|www\.", words), f"{where}: a link"
        assert not re.search(r"\d{9,}|\d{3}[- ]\d{3}[- ]\d{4}", words), f"{where}: a number that could be somebody's"
