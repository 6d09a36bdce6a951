"""Seeing text through simple disguises."""

import base64
import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.disguise import places, readings, skeleton, squash

SECRET = "The harbour gate opens with the word marigold."


def hidden(text: str) -> list[str]:
    return [reading.how for reading in readings(text) if skeleton(SECRET) in reading.text]


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
        ("hex", "The code: " + " ".join(f"0x{byte:02x}" for byte in SECRET.encode())),
        ("base32", base64.b32encode(SECRET.encode()).decode()),
        ("character codes", " ".join(str(ord(character)) for character in SECRET)),
        ("binary", " ".join(f"{ord(character):08b}" for character in SECRET)),
        ("escaped", SECRET.replace(" ", "%20")),
        ("escaped", "".join(f"&#{ord(character)};" for character in SECRET)),
        ("escaped", SECRET.replace("gate", "<b>ga</b>te")),
        ("reversed word by word", " ".join(word[::-1] for word in SECRET.split())),
        ("in reverse order", " ".join(reversed(SECRET.split()))),
        ("", SECRET.translate(str.maketrans("aeiost", "431057"))),
        ("", SECRET.translate(str.maketrans("aeopc", "аеорс"))),
        ("", "\u200b".join(SECRET)),
    ],
)
def test_a_disguised_text_is_read(how: str, text: str) -> None:
    assert how in hidden(text)


def test_a_passage_is_given_back_word_for_word() -> None:
    text = "Well, the Harbour-Gate opens; good."
    reading = next(iter(readings(text)))
    start = reading.text.find(skeleton("arbourgate"))
    assert reading.passage(start, start + 10) == "Harbour-Gate"


@pytest.mark.parametrize("how", ["reversed", "reversed word by word", "in reverse order", "escaped"])
def test_a_rearranged_passage_is_marked_where_it_stands(how: str) -> None:
    forms = {
        "reversed": SECRET[::-1],
        "reversed word by word": " ".join(word[::-1] for word in SECRET.split()),
        "in reverse order": " ".join(reversed(SECRET.split())),
        "escaped": SECRET.replace(" ", "%20"),
    }
    text = f"Well: {forms[how]} So it is."
    reading = next(reading for reading in readings(text) if reading.how == how)
    start = reading.text.find(skeleton(SECRET))
    passage = reading.passage(start, start + len(skeleton(SECRET)))
    assert passage in text
    assert passage.strip(". ") in forms[how]


@pytest.mark.parametrize(
    "text", ["deadbeef" * 8, "9f86d081884c7d659a2feaa0c55ad015", "1 2 3 4 5 6 7 8 9 10 11 12", "101 102"]
)
def test_hashes_and_figures_are_no_hidden_text(text: str) -> None:
    assert {reading.how for reading in readings(text)} <= {
        "",
        "reversed",
        "rot13",
        "in reverse order",
        "reversed word by word",
    }


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
