"""Seeing text through simple disguises."""

import base64
import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.disguise import places, readings, squash

SECRET = "The harbour gate opens with the word marigold."


def hidden(text: str) -> list[str]:
    return [reading.how for reading in readings(text) if squash(SECRET) in reading.text]


@pytest.mark.parametrize(
    ("how", "text"),
    [
        ("", SECRET.upper()),
        ("", "T h e  harbour-gate… opens “with” the wörd MARIGOLD".replace("ö", "o")),
        ("reversed", SECRET[::-1]),
        ("rot13", codecs.encode(SECRET, "rot13")),
        ("base64", "Here: " + base64.b64encode(SECRET.encode()).decode()),
        ("base64", base64.urlsafe_b64encode(SECRET.encode()).decode().rstrip("=")),
        ("hex", SECRET.encode().hex()),
        ("hex", SECRET.encode().hex(" ")),
    ],
)
def test_a_disguised_text_is_read(how: str, text: str) -> None:
    assert how in hidden(text)


def test_a_passage_is_given_back_word_for_word() -> None:
    text = "Well, the Harbour-Gate opens; good."
    reading = next(iter(readings(text)))
    start = reading.text.find("arbourgate")
    assert reading.passage(start, start + 10) == "Harbour-Gate"


def test_an_encoded_passage_is_marked_as_it_stands() -> None:
    encoded = base64.b64encode(SECRET.encode()).decode()
    reading = next(r for r in readings(f"Look: {encoded}!") if r.how == "base64")
    assert reading.passage(0, 5) == encoded


@given(text=st.text(max_size=80))
def test_every_text_can_be_read_and_traced_back(text: str) -> None:
    assert len(places(text)) == len(squash(text))
    for reading in readings(text):
        if reading.text:
            passage = reading.passage(0, len(reading.text))
            assert passage in text
