"""Invented phone numbers: from the ranges that regulators keep for films and books, else digits for digits."""

import re

from harness.pii.known.folding import word_set
from harness.pii.surrogates.keyed import DIGITS, Draws, Seed
from harness.pii.surrogates.shapes import digits_of, with_digits

_EXTENSION = re.compile(
    r"(?i)\s*(?:[,;]\s*)?(?:x|ext\.?|extension|durchwahl|anexo|ramal|poste)\s*\.?:?\s*(\d{1,6})\s*$"
)
_NATIONAL_DIGITS = 9
"""Of a number its last so many digits decide, so that it is the same with and without its country's code."""
_FEWEST_DIGITS = 5
_NO_COUNTRY = "999"
_ONE_DIGIT_CODES = frozenset("17")
_TWO_DIGIT_CODES = word_set(
    "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98"
)
_FRENCH = {"1": "199", "2": "261", "3": "353", "4": "465", "5": "536", "6": "639", "7": "639"}
"""ARCEP's numbers for audiovisual works: 01 99 00, 02 61 91, 03 53 01, 04 65 71, 05 36 49, 06 39 98 and two pairs."""
_FRENCH_REST = {"199": "00", "261": "91", "353": "01", "465": "71", "536": "49", "639": "98"}
_BRITISH_CITIES = ("113", "114", "115", "116", "117", "118", "121", "131", "141", "151", "161")


def fake_phone(value: str, seed: Seed) -> str | None:
    """Return a phone number in the form of ``value``; None for one in words.

    Numbers of North America, the United Kingdom, France, Australia and Germany
    come from the ranges that NANPA (555-0100 to 555-0199), Ofcom, ARCEP, ACMA
    and the Bundesnetzagentur keep free for fiction.
    """
    extension = _EXTENSION.search(value)
    number = value[: extension.start(1)] if extension else value
    letters = re.sub(r"(?i)ext(?:ension)?|x|tel|phone|durchwahl|anexo|ramal|poste", "", number)
    digits = digits_of(number)
    if len(digits) < _FEWEST_DIGITS or any(c.isalpha() for c in letters):
        return None
    code, national = _parts(number, digits)
    draws = seed.draws("phone", national[-_NATIONAL_DIGITS:])
    fake = "" if seed.attempt else _fictional(code, national, draws)
    fake = fake or _changed(national, draws)
    done = with_digits(number, _code(code, number, seed) + fake)
    return done + _changed(extension[1], draws) if extension else done


def _parts(number: str, digits: str) -> tuple[str, str]:
    """Return a number's prefix (country code, with what is dialled before it) and the rest."""
    dialled = 2 if digits.startswith("00") and len(digits) > 11 else 0
    if not dialled and not number.lstrip(" (").startswith("+"):
        bare = len(digits) == 11 and digits[0] == "1"
        return (digits[:1], digits[1:]) if bare else ("", digits)
    rest = digits[dialled:]
    length = 1 if rest[0] in _ONE_DIGIT_CODES else 2 if rest[:2] in _TWO_DIGIT_CODES else 3
    return digits[: dialled + length], rest[length:]


def _code(code: str, number: str, seed: Seed) -> str:
    """Return a prefix as it is, unless it stands alone and is long enough to tell something."""
    if seed.allows(code) or not code:
        return code
    draws = seed.draws("code", number)
    return code[:-3] + (_NO_COUNTRY if not seed.attempt else draws.other_than("1", DIGITS[1:]) + draws.digits(2))


def _fictional(code: str, national: str, draws: Draws) -> str:
    """Return a number from a range that is kept for fiction; empty where there is none for such numbers."""
    country, trunk = code.removeprefix("00"), "0" if national.startswith("0") else ""
    significant = national.removeprefix("0")
    if country == "1" or (not code and len(national) == 10 and national[0] not in "01"):
        return f"{draws.one_of(DIGITS[2:])}{draws.digits(2)}55501{draws.digits(2)}" if len(national) == 10 else ""
    if country == "44" or (not code and len(national) == 11 and trunk):
        return trunk + _british(significant, draws) if len(significant) == 10 else ""
    if country == "33" or (not code and len(national) == 10 and trunk and significant[0] in _FRENCH):
        return trunk + _french(significant, draws) if len(significant) == 9 else ""
    if country == "61" and len(significant) == 9 and significant[0] in "2378":
        return f"{trunk}{significant[0]}{draws.one_of(('5550', '7010'))}{draws.digits(4)}"
    if country == "49":
        return trunk + _german(significant, draws)
    return ""


def _british(significant: str, draws: Draws) -> str:
    if significant[0] == "7":
        return f"7700900{draws.digits(3)}"
    if significant[0] == "2":
        return f"2079460{draws.digits(3)}"
    if significant[:3] in _BRITISH_CITIES:
        return f"{draws.one_of(_BRITISH_CITIES)}4960{draws.digits(3)}"
    return f"1632960{draws.digits(3)}"


def _french(significant: str, draws: Draws) -> str:
    start = _FRENCH.get(significant[0], "639")
    return f"{start}{_FRENCH_REST[start]}{draws.digits(4)}"


def _german(significant: str, draws: Draws) -> str:
    if significant[:2] in ("15", "16", "17"):
        return (
            f"17139200{draws.digits(2)}" if len(significant) == 10 else f"17604069{draws.digits(3)}"[: len(significant)]
        )
    ranges = {"30": "3023125", "69": "6990009", "40": "4066969", "89": "8999998"}
    start = ranges.get(significant[:2], "3023125")
    return start + draws.digits(len(significant) - len(start)) if len(significant) > len(start) else ""


def _changed(national: str, draws: Draws) -> str:
    """Return other digits; a leading nought stays, and no other comes to the front."""
    kept = len(national) - len(national.lstrip("0"))
    rest = national[kept:]
    return national[:kept] + (draws.other_than(rest[0], DIGITS[1:]) + draws.digits(len(rest) - 1) if rest else "")
