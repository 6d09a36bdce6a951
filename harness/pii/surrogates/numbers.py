"""Invented numbers: from ranges that nobody has where there are such, else of the same look."""

import re

from harness.pii.known import fold
from harness.pii.patterns.checksums import has_iban_country, passes_luhn
from harness.pii.surrogates.contacts import fake_username
from harness.pii.surrogates.keyed import DIGITS, Seed
from harness.pii.surrogates.phones import fake_phone
from harness.pii.surrogates.shapes import compact, digits_of, filled, same_shape, with_digits

__all__ = ["fake_card", "fake_code", "fake_iban", "fake_phone", "fake_ssn"]

NO_ISSUER = "9999"
"""9 leaves the issuer to a country, and no country has the code 999 (ISO/IEC 7812-1): such cards cannot exist."""
FEWEST_CARD_DIGITS = 12
_MASKED = re.compile(r"[xX*•#]*")
_IBAN = re.compile(r"([A-Z]{2})\d{2}([A-Z0-9]{11,30})")
BANK_CHARS = 4
_LONGEST = 64
_WORDS = re.compile(r"[a-z]{3,}\s+[a-z]{3,}")
_NAME = re.compile(r"(?<![^\W_])[a-z]{4,}")
"""A code that begins with small letters is mostly a user name, and those are mostly made of names."""


def fake_code(value: str, seed: Seed) -> str | None:
    """Return a code of the same look; None for words and for what is too long to be a code."""
    if len(value) > _LONGEST or not any(c in DIGITS for c in value) or not compact(value).isascii():
        return None
    if _WORDS.search(value):
        return None
    return fake_username(value, seed, fold) if _NAME.search(value) else same_shape(value, seed)


def fake_card(value: str, seed: Seed) -> str | None:
    """Return a card number that passes Luhn's check and that no bank can issue; what is left of a masked one changes."""
    letters = "".join(c for c in value if c.isalpha())
    digits = digits_of(value)
    if not digits or not _MASKED.fullmatch(letters):
        return None
    draws = seed.draws("card", digits)
    if len(digits) < FEWEST_CARD_DIGITS:
        return with_digits(value, draws.other_than(digits[0], DIGITS) + draws.digits(len(digits) - 1))
    body = NO_ISSUER + draws.digits(len(digits) - len(NO_ISSUER) - 1)
    return with_digits(value, next(body + check for check in DIGITS if passes_luhn(body + check)))


def fake_iban(value: str, seed: Seed) -> str | None:
    """Return an IBAN of the same country with right check digits, of a bank that does not exist."""
    iban = compact(value)
    match = _IBAN.fullmatch(iban)
    if not match or not has_iban_country(iban):
        return fake_code(value, seed)
    draws = seed.draws("iban", iban)
    bank = "".join("0" if c.isdecimal() else "X" for c in match[2][:BANK_CHARS])
    account = "".join(
        draws.one_of(DIGITS if c.isdecimal() else "ABCDEFGHKLMNPRSTUVWXYZ") for c in match[2][BANK_CHARS:]
    )
    remainder = int("".join(str(int(c, 36)) for c in f"{bank}{account}{match[1]}00")) % 97
    return filled(value, f"{match[1]}{98 - remainder:02d}{bank}{account}")


def fake_ssn(value: str, seed: Seed) -> str | None:
    """Return a number in the form of a US social security number that is none and no taxpayer number either.

    No number begins with 9, but taxpayer numbers do; their middle part is never below 50 (IRS Publication 1915).
    """
    digits = digits_of(value)
    if len(digits) != 9 or any(c.isalpha() for c in value):
        return fake_code(value, seed)
    draws = seed.draws("ssn", digits)
    return with_digits(value, f"9{draws.digits(2)}{draws.below(49) + 1:02d}{draws.below(9999) + 1:04d}")
