"""What patterns and the tagger find, put together: each value under its own kind, and no more than it."""

from collections.abc import Sequence

import pytest

from harness.pii.combining import combined, merge
from harness.pii.detector import Detector
from harness.pii.interface import PiiSpan
from harness.pii.kept import KeptWords


class Said:
    """A tagger that takes one part of a text for a name.

    Args:
        part: The part.
    """

    def __init__(self, part: str) -> None:
        self._part = part

    def find(self, texts: Sequence[str]) -> list[list[PiiSpan]]:
        """Return where it stands in each text."""
        return [[named(text, self._part)] for text in texts]


def named(text: str, part: str, entity: str = "PERSON", score: float = 0.9) -> PiiSpan:
    """Return where a part of a text was found."""
    start = text.index(part)
    return PiiSpan(start=start, end=start + len(part), entity=entity, score=score)


def values(text: str, spans: list[PiiSpan]) -> list[tuple[str, str]]:
    """Return what spans hold, and their kinds."""
    return [(text[span.start : span.end], span.entity) for span in merge(spans)]


@pytest.mark.parametrize(
    ("text", "part", "expected"),
    [
        ("I met Aria Brenham. ARIA is nice.", "Aria Brenham. ARIA", ["Aria Brenham", "ARIA"]),
        ("Ask Dr. Meadows", "Dr. Meadows", ["Dr. Meadows"]),
        ("Ask J. Lind", "J. Lind", ["J. Lind"]),
        ("Ask Prof. Ana St. John", "Prof. Ana St. John", ["Prof. Ana St. John"]),
        ("Thanks Ada. Bo. Cyrus Lind", "Ada. Bo. Cyrus Lind", ["Ada", "Bo. Cyrus Lind"]),
    ],
)
def test_no_name_crosses_the_end_of_a_sentence(text: str, part: str, expected: list[str]) -> None:
    assert values(text, combined(text, [], [named(text, part)])) == [(each, "PERSON") for each in expected]


def test_a_kept_word_in_the_next_sentence_stays() -> None:
    text = "I met Aria Brenham. ARIA is nice."
    finder = Detector("strict", Said("Aria Brenham. ARIA"), kept=KeptWords(["Aria"]))
    assert [text[span.start : span.end] for span in finder.find(text)] == ["Aria Brenham"]


@pytest.mark.parametrize("text", ["i am sixteen", "im thirty two", "ninety-three"])
def test_an_age_in_words_is_no_name(text: str) -> None:
    said = text.split()[-1]
    assert combined(text, [], [named(text, said)]) == []


@pytest.mark.parametrize(
    ("text", "whole", "entity"),
    [
        ("ottoline at mailhaus dot org", "ottoline at mailhaus dot org", "EMAIL_ADDRESS"),
        ("see http://x.example/u/ottoline?token=abc", "http://x.example/u/ottoline?token=abc", "URL"),
    ],
)
def test_a_known_name_in_an_address_or_a_link_is_a_part_of_it(text: str, whole: str, entity: str) -> None:
    found = Detector("strict").find(text, known=("Ottoline Lund",))
    assert [(text[span.start : span.end], span.entity) for span in found] == [(whole, entity)]


@pytest.mark.parametrize(
    ("text", "number", "entity", "said"),
    [
        ("0532 123 45 67 soon", "0532 123 45 67", "PHONE_NUMBER", "LOCATION"),
        ("080-2345-6789 bangalore landline", "080-2345-6789", "PHONE_NUMBER", "LOCATION"),
        ("4111-1111-1111-1111 expired", "4111-1111-1111-1111", "CREDIT_CARD", "PERSON"),
    ],
)
def test_a_number_ends_with_its_last_figure(text: str, number: str, entity: str, said: str) -> None:
    assert values(text, combined(text, [named(text, number, entity, 1.0)], [named(text, text, said)])) == [
        (number, entity)
    ]


@pytest.mark.parametrize(
    ("text", "said", "rest"),
    [("0532 123 45 67 Ottoline", "PERSON", "Ottoline"), ("0532 123 45 67 larch close", "LOCATION", "larch close")],
)
def test_a_name_or_a_street_behind_a_number_is_one_of_its_own(text: str, said: str, rest: str) -> None:
    number = named(text, "0532 123 45 67", "PHONE_NUMBER", 1.0)
    assert values(text, combined(text, [number], [named(text, text, said)])) == [
        ("0532 123 45 67", "PHONE_NUMBER"),
        (rest, said),
    ]


def test_an_unlikely_name_behind_a_user_name_stays() -> None:
    text = "login as akowalska fails"
    user = named(text, "akowalska", "ID", 0.8)
    assert values(text, combined(text, [user], [named(text, "akowalska fails", score=0.2)])) == [("akowalska", "ID")]
