"""Ordinary words of many languages, for all the text that names nobody."""

import importlib
import pkgutil
import random
import re
import string
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from harness.pii.training.pools import census, plain_words, regions, word_frequencies

_LATIN = re.compile(r"[a-zA-ZÀ-ɏḀ-ỿ'’-]{2,}")
_FEWEST_WORDS = 50
_MIDDLE = 40_000
"""Words of the English list up to which one is uncommon, and beyond which rare."""


@cache
def listed(name: str) -> tuple[str, ...]:
    """Return the lines of one of the lists beside this module: their order is part of what a seed means."""
    return tuple((Path(__file__).parent / "lists" / f"{name}.txt").read_text("utf-8").splitlines())


@cache
def frequent_words() -> tuple[str, ...]:
    """Return the frequent English words that are no given names."""
    given = {name.lower() for region in (*regions(), census()) for name in region.first}
    return tuple(word for word in plain_words() if word not in given)


@cache
def uncommon_words() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return English words beyond the 9,000 most frequent that nobody is named: uncommon ones, and rare ones."""
    known = _names().union(plain_words())
    ranked = sorted(word_frequencies().items(), key=lambda pair: -pair[1])
    kept = [(rank, word) for rank, (word, _) in enumerate(ranked) if len(word) > 2 and word not in known]
    return tuple(word for rank, word in kept if rank < _MIDDLE), tuple(word for rank, word in kept if rank >= _MIDDLE)


@cache
def foreign_words() -> tuple[tuple[str, ...], ...]:
    """Return ordinary words of languages of Latin script, a tuple each (Faker, MIT); such as are names too are left out."""
    found = []
    for module in _locales("lorem"):
        words = [word for word in module.Provider.word_list if _LATIN.fullmatch(word) and word.lower() not in _names()]
        if len(words) >= _FEWEST_WORDS and not module.__name__.endswith(".en_US"):
            found.append(tuple(sorted(set(words))))
    return tuple(found)


@cache
def jobs() -> tuple[tuple[str, ...], ...]:
    """Return callings in languages of Latin script, a tuple each (Faker, MIT)."""
    found = []
    for module in _locales("job"):
        titles = tuple(sorted({title for title in module.Provider.jobs if _is_latin(title)}))
        if len(titles) >= _FEWEST_WORDS:
            found.append(titles)
    return tuple(found)


@cache
def currencies() -> tuple[str, ...]:
    """Return the names of currencies and their codes (Faker, MIT)."""
    from faker.providers.currency import Provider

    return tuple(text for code, name in Provider.currencies for text in (code, name))


def term(dice: random.Random) -> str:
    """Return one ordinary English word, a frequent one two times in five."""
    uncommon, rare = uncommon_words()
    pool = dice.choices((frequent_words(), uncommon, rare), (0.4, 0.4, 0.2))[0]
    return dice.choice(pool)


def foreign(dice: random.Random) -> str:
    """Return one to seven ordinary words of one language, in no order that means anything."""
    words = dice.choice(foreign_words())
    drawn = [dice.choice(words) for _ in range(dice.choice((1, 2, 2, 3, 4, 5, 6, 7)))]
    return " ".join((drawn[0].capitalize() if dice.random() < 0.3 else drawn[0], *drawn[1:]))


def menu(dice: random.Random) -> str:
    """Return what stands on a button: one to three words, the first or all of them capitalised."""
    drawn = [
        term(dice) if dice.random() < 0.3 else dice.choice(frequent_words()) for _ in range(dice.choice((1, 1, 2, 3)))
    ]
    every = dice.random() < 0.5
    return " ".join(word.capitalize() if every or place == 0 else word for place, word in enumerate(drawn))


def number(dice: random.Random) -> str:
    """Return a number as it stands in ordinary text: a count, a version, a size, a range, a share."""
    digits = dice.choice((1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 5, 6))
    whole = str(dice.randint(10 ** (digits - 1), 10**digits - 1))
    form = dice.random()
    if form < 0.55:
        return whole
    if form < 0.62:
        return f"{int(whole) * 25:{dice.choice((',', '_', ''))}}".replace("_", dice.choice((".", " ", "'")))
    if form < 0.7:
        return f"{whole}{dice.choice('.,')}{dice.randint(0, 99)}"
    if form < 0.76:
        return f"{dice.choice(('', '', 'v'))}{dice.randint(0, 30)}.{dice.randint(0, 20)}.{dice.randint(0, 9)}"
    if form < 0.82:
        return f"{whole}{dice.choice(('-', '/', 'x', ' x ', ' - ', ':', ' to '))}{dice.randint(1, 999)}"
    if form < 0.88:
        return f"{whole}{dice.choice(('%', '%', 'k', 'th', 'x', '+', '°', 'm', 'a', 'b', 'S', 'L'))}"
    return f"{dice.choice('ABCDEFGHIJKLMNOPQRSTUVWXYZ')}{dice.choice(('', '', '-'))}{dice.randint(1, 99)}"


def code(dice: random.Random) -> str:
    """Return letters and digits that name a thing: an article, a part, a formula, a standard, a class of road."""
    upper, digits = string.ascii_uppercase, string.digits
    form = dice.choice(("A9", "A99", "A999", "AA99", "AAA-9999", "9A", "99A", "AA 999", "AAA 9999-AA", "A9-A9", "9999-AAA-AA", "AAA/99/9", "A9A9", "AAAA_AAA", "a9", "aa9", "a99-9"))  # fmt: skip
    pools = {"A": upper, "a": string.ascii_lowercase, "9": digits}
    made = "".join(dice.choice(pools[char]) if char in pools else char for char in form)
    if dice.random() < 0.12:
        made = "".join(f"{dice.choice(('C', 'H', 'O', 'N', 'S', 'Na', 'Cl', 'K', 'Mg', 'Fe'))}{dice.choice(('', '', '2', '3', '4', '6', '12'))}" for _ in range(dice.randint(2, 4)))  # fmt: skip
    return made


def quantity(dice: random.Random) -> str:
    """Return a number with its unit."""
    return f"{dice.choice((number(dice), str(dice.randint(1, 500))))}{dice.choice((' ', ' ', ' ', ''))}{dice.choice(listed('units'))}"


@cache
def _names() -> frozenset[str]:
    found = (name for region in (*regions(), census()) for name in (*region.first, *region.last))
    return frozenset(part.lower() for name in found for part in name.split())


def _locales(provider: str) -> list[Any]:
    package: ModuleType = importlib.import_module(f"faker.providers.{provider}")
    found = (module for module in pkgutil.iter_modules(package.__path__) if module.ispkg)
    return [importlib.import_module(f"{package.__name__}.{module.name}") for module in found]


def _is_latin(text: str) -> bool:
    return all(not char.isalpha() or _LATIN.match(char * 2) for char in text)
