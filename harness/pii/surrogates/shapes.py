"""Letters for letters and digits for digits: numbers and codes of which only the look matters."""

from functools import lru_cache

from harness.pii.surrogates.keyed import DIGITS, Seed

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_CYRILLIC_LETTERS = "АБВГДЕЖИКЛМНПРСТУ"
"""Without those that are taken for digits."""
_MARKS = "ªº"
"""Letters to Unicode; the sign of an ordinal to everybody else."""


def compact(value: str) -> str:
    """Return the letters and digits of a value in upper case, as one that is written in many ways is compared."""
    return "".join(c for c in value.upper() if _changes(c))


def digits_of(value: str) -> str:
    """Return the ASCII digits of a value."""
    return "".join(c for c in value if c in DIGITS)


def same_shape(value: str, seed: Seed) -> str:
    """Return a value with every letter and digit replaced by another one, and everything else as it is."""
    return _same_shape(value, seed.key, seed.attempt)


@lru_cache(maxsize=65_536)
def _same_shape(value: str, key: bytes, attempt: int) -> str:
    signs = compact(value)
    draws = Seed(key, attempt=attempt).draws("shape", signs)
    digits = iter(draws.digits(len(signs)))
    fakes = [next(digits) if char.isdecimal() else draws.one_of(_alphabet(char)) for char in signs]
    if signs:
        # A number does not begin with a nought, and the first character is never the same one.
        fakes[0] = draws.other_than(signs[0], DIGITS[1:] if signs[0].isdecimal() else _alphabet(signs[0]))
    return filled(value, "".join(fakes))


def filled(value: str, fakes: str) -> str:
    """Return a value with its letters and digits replaced, one after the other; small letters stay small."""
    rest = iter(fakes)
    return "".join(_like(next(rest, ""), char) if _changes(char) else char for char in value)


def with_digits(value: str, digits: str) -> str:
    """Return a value with its digits replaced, one after the other."""
    rest = iter(digits)
    return "".join(next(rest, "") if char in DIGITS else char for char in value)


def _changes(char: str) -> bool:
    return char.isalnum() and char not in _MARKS


def _alphabet(char: str) -> str:
    return _CYRILLIC_LETTERS if "\u0400" <= char <= "\u04ff" else _LETTERS


def _like(fake: str, char: str) -> str:
    return fake.lower() if char.islower() else fake
