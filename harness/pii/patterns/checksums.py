"""Check digits of numbers that stand for a person: what tells a card or a national id from any number of its length."""

import re
from collections.abc import Callable, Sequence
from datetime import date

Check = Callable[[str], bool]
"""Told a value in upper case without separators: whether its check digits hold."""

_IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28, "CH": 21, "CR": 22,
    "CY": 21, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22,
    "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30,
    "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27,
    "MT": 31, "MU": 30, "NL": 18, "NO": 15, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SC": 31,
    "SE": 24, "SI": 19, "SK": 24, "SM": 27, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
}  # fmt: skip
"""Countries whose account numbers are IBANs (ISO 13616 registry), with the length of each."""

_VERHOEFF_TIMES = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678", "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
_VERHOEFF_TURN = (
    "0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258",
)  # fmt: skip


def passes_luhn(digits: str) -> bool:
    """Return whether a string of digits passes the Luhn check (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit)
        total += number if place % 2 == 0 else (number * 2 - 9 if number > 4 else number * 2)
    return total % 10 == 0


def passes_mod97(iban: str) -> bool:
    """Return whether a compact IBAN has its country's length and passes the mod-97 check (ISO 13616)."""
    value = iban.upper()
    if len(value) != _IBAN_LENGTHS.get(value[:2], len(value)) or not 15 <= len(value) <= 34:
        return False
    return int("".join(str(int(c, 36)) for c in value[4:] + value[:4])) % 97 == 1


def has_iban_country(value: str) -> bool:
    """Return whether a value begins with the code of a country that has IBANs."""
    return value[:2].upper() in _IBAN_LENGTHS


def passes_verhoeff(digits: str) -> bool:
    """Return whether a string of digits passes the check of Verhoeff (1969), as Aadhaar numbers do."""
    check = 0
    for place, digit in enumerate(reversed(digits)):
        check = int(_VERHOEFF_TIMES[check][int(_VERHOEFF_TURN[place % 8][int(digit)])])
    return check == 0


def passes_mod11_10(digits: str) -> bool:
    """Return whether a string of digits passes ISO/IEC 7064 MOD 11,10, as German tax ids and Croatian OIBs do."""
    product = 10
    for digit in digits[:-1]:
        product = ((int(digit) + product) % 10 or 10) * 2 % 11
    return (11 - product) % 10 == int(digits[-1])


def weighted(weights: Sequence[int], modulus: int, *, remainder: int = 0) -> Check:
    """Return a check that the digits' weighted sum leaves a remainder."""

    def check(value: str) -> bool:
        numbers = [10 if c == "X" else int(c) for c in value]
        return sum(n * w for n, w in zip(numbers, weights, strict=True)) % modulus == remainder

    return check


def check_digit(weights: Sequence[int], modulus: int = 11, *, overflow: int | None = 0) -> Check:
    """Return a check that ``modulus`` less the weighted sum's remainder is the digit that follows the weighted ones.

    Args:
        weights: Of the digits before the check digit.
        modulus: What the sum is divided by.
        overflow: The check digit that stands for a result of ten; None where no such number is given out.
    """

    def check(value: str) -> bool:
        total = sum(int(d) * w for d, w in zip(value, weights, strict=False))
        result = (modulus - total % modulus) % modulus
        if result > 9:
            return overflow is not None and int(value[len(weights)]) == overflow
        return result == int(value[len(weights)])

    return check


def begins_with_date(order: str) -> Check:
    """Return a check that a value's first six digits are a date written in some order, such as ``ymd``."""
    places = {part: order.index(part) * 2 for part in "ymd"}

    def check(value: str) -> bool:
        year, month, day = (int(value[places[part] : places[part] + 2]) for part in "ymd")
        return is_day(2000 + year, month, day)

    return check


def both(*checks: Check) -> Check:
    """Return a check that holds if all of some do."""
    return lambda value: all(check(value) for check in checks)


def is_day(year: int, month: int, day: int) -> bool:
    """Return whether there is such a day."""
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def compact(value: str) -> str:
    """Return the letters and digits of a value in upper case."""
    return re.sub(r"[^A-Za-z0-9]", "", value).upper()
