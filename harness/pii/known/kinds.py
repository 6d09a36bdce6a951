"""What kind of value a known value is, by its looks: profiles say only the text."""

import re

from harness.pii.known.birthdates import date_readings
from harness.pii.known.postal import looks_postal

_MOST_NAME_WORDS = 5
_FEWEST_PHONE_DIGITS = 7
_FEWEST_ID_DIGITS = 4
_DIGIT = re.compile(r"\d")
_LETTER = re.compile(r"[^\W\d_]")
_BLANK = re.compile(r"\s")


def entity_of(value: str) -> str:
    """Return the kind of value that a known value seems to be, in Presidio's vocabulary."""
    if "@" in value:
        return "EMAIL_ADDRESS"
    digits = len(_DIGIT.findall(value))
    if digits and date_readings(value):
        return "DATE_OF_BIRTH"
    letters = _LETTER.search(value) is not None
    if digits >= _FEWEST_PHONE_DIGITS and not letters:
        return "PHONE_NUMBER"
    several = _BLANK.search(value) is not None
    if (digits and letters and several) or looks_postal(value):
        return "LOCATION"
    if digits >= _FEWEST_ID_DIGITS or (digits and letters):
        return "ID"
    return "PERSON" if letters and (not several or len(value.split()) <= _MOST_NAME_WORDS) else "ID"
