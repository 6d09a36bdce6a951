"""Values that nobody owns."""

import random
import re

import pytest

from personas.gazetteer import region
from personas.invention import Inventor

LANGUAGES = ["en", "de", "es", "fr", "it", "pt", "nl"]


def test_there_are_several_hundred_names() -> None:
    assert sum(len(region(code).first) * len(region(code).last) for code in LANGUAGES) > 1000


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_are_of_the_personas_region_and_recorded(language: str) -> None:
    inventor = Inventor(random.Random(1), language=language)
    name = str(inventor.make("name"))
    assert name.split(" ")[0] in region(language).first
    assert inventor.personal == [name]


@pytest.mark.parametrize("language", LANGUAGES)
def test_addresses_are_reserved_ones(language: str) -> None:
    for seed in range(30):
        address = str(Inventor(random.Random(seed), language=language).make("email"))
        assert re.fullmatch(r"[a-z]+\.[a-z]+@example\.com", address)


@pytest.mark.parametrize(
    ("language", "pattern"),
    [
        ("en", r"\(206\) 555-01\d\d"),
        ("de", r"030 23125 \d{3}"),
        ("fr", r"01 99 00 \d\d \d\d"),
        ("es", r"000 \d{3} \d{3}"),
    ],
)
def test_phone_numbers_ring_nowhere(language: str, pattern: str) -> None:
    assert re.fullmatch(pattern, str(Inventor(random.Random(3), language=language).make("phone")))


def test_amounts_have_the_regions_decimal_mark() -> None:
    assert "," in str(Inventor(random.Random(1), language="de").make("amount"))


def test_the_same_chance_invents_the_same() -> None:
    assert Inventor(random.Random(5)).make("name") == Inventor(random.Random(5)).make("name")
