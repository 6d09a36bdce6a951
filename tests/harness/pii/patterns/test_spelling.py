"""What is spelt sign by sign is found; emphasis and counting are not."""

import pytest

from harness.pii.patterns.books import STRICT
from harness.pii.patterns.rules import Facts
from tests.harness.pii.marked import is_gone, marked_lines

SPELT = """
it is [[Q for quebec, U for uniform, I for india, L for lima]]
[[M wie Martha, A wie Anton, R wie Richard]] schreibt man das
spelt [[q u i l l f e a t h e r]]
that is [[O-K-O-R-O]]
the locator is [[quebec seven tango nine zulu two]]
[[forty-two eleven, thirty-three ten, fifty-five twelve, sixty eleven]] is the card
my customer nr is [[nine nine three one four]]
"""
ORDINARY = (
    "p l e a s e",
    "A B C D E",
    "golf at the hotel in november",
    "one two three go",
    "a cup for me and b for you",
    "e.g. the U.S. and the U.K.",
    "twenty thirty forty",
)


@pytest.mark.parametrize("line", marked_lines(SPELT))
def test_what_is_spelt_goes(line: str) -> None:
    """What stands in double brackets is gone."""
    is_gone(line)


@pytest.mark.parametrize("text", ORDINARY)
def test_what_only_looks_spelt_stays(text: str) -> None:
    """The patterns find nothing."""
    assert STRICT.find(Facts.of(text)) == []
