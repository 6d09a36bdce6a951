"""Invented addresses and phone numbers of many countries, and where somebody is."""

import random
import re
import string

from extract.tracing.material import sections, stems, towns

_LETTERS = "ABCDEFGHJKLMNPRSTWXY"
_CLASS = re.compile(r"\[(\d)-(\d)\]")
_DIGITS = {
    "en": ("oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    "de": ("null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun"),
    "es": ("cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"),
}


def address(dice: random.Random) -> str:
    """Return an address as it is written in its country, a third of them without the town."""
    language, form = dice.choice(_forms())
    filled = form
    for mark, choices in (("{s}", stems(language)), ("{t}", towns(language))):
        while mark in filled:
            filled = filled.replace(mark, dice.choice(choices), 1)
    while "{" in filled:
        filled = filled.replace("{n}", str(dice.randint(2, 480)), 1).replace("{m}", str(dice.randint(1, 19)), 1)
        filled = filled.replace("{a}", dice.choice("ABCD"), 1)
    return written(filled, dice)


def phone(dice: random.Random) -> str:
    """Return a phone number as it is written in its country; one in twelve is spelt in words."""
    country = dice.choice(sections("places.txt")["phones"])
    number = written(dice.choice(country.partition(": ")[2].split(" | ")), dice)
    if dice.random() < 1 / 12:
        words = _DIGITS[dice.choice(list(_DIGITS))]
        return " ".join(words[int(c)] for c in number if c.isdigit())
    return number


def coordinates(dice: random.Random) -> str:
    """Return a latitude and a longitude."""
    latitude, longitude = dice.uniform(-60, 70), dice.uniform(-170, 170)
    return dice.choice(("{:.5f}, {:.5f}", "{:.6f},{:.6f}", "{:.4f} , {:.4f}")).format(latitude, longitude)


def written(form: str, dice: random.Random) -> str:
    """Return a form filled in: ``#`` a digit, ``[2-9]`` one of these, ``?`` a capital letter."""
    filled = _CLASS.sub(lambda m: str(dice.randint(int(m[1]), int(m[2]))), form)
    return "".join(dice.choice(string.digits) if c == "#" else dice.choice(_LETTERS) if c == "?" else c for c in filled)


def countries() -> frozenset[str]:
    """Return the countries whose addresses are among the tracers."""
    return frozenset(line.partition(": ")[0].split()[1] for line in sections("places.txt")["forms"])


def _forms() -> list[tuple[str, str]]:
    found = []
    for line in sections("places.txt")["forms"]:
        head, _, forms = line.partition(": ")
        # Many forms of one country weigh no more than few of another.
        found += [(head.split()[0], form) for form in forms.split(" | ")][:6]
    return found
