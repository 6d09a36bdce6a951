"""Invented phone numbers: from the ranges that regulators keep for films and books, else digits for digits."""

import re

from harness.pii.known.folding import word_set
from harness.pii.surrogates.keyed import DIGITS, Draws, Seed
from harness.pii.surrogates.shapes import digits_of, with_digits

_EXTENSION = re.compile(
    r"(?i)\s*(?:[,;]\s*)?(?:x|ext\.?|extension|durchwahl|anexo|ramal|poste)\s*\.?:?\s*(\d{1,6})\s*$"
)
KEPT = word_set("x ext extension tel phone mobile durchwahl anexo ramal poste")
"""Words that stay."""
_NATIONAL_DIGITS = 9
"""Of a number its last so many digits decide, so that it is the same with and without its country's code."""
_FEWEST_DIGITS = 5
_NO_COUNTRY = "999"
_ONE_DIGIT_CODES = frozenset("17")
_TWO_DIGIT_CODES = word_set(
    "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98"
)
_FRENCH = {
    "1": ("19900",),
    "2": ("26191",),
    "3": ("35301",),
    "4": ("46571",),
    "5": ("53649",),
    "6": ("63998",),
    "7": ("63998",),
}
_BRITISH_CITIES = ("113", "114", "115", "116", "117", "118", "121", "131", "141", "151", "161")


def fake_phone(value: str, seed: Seed) -> str | None:
    """Return a phone number in the form of ``value``; None for one in words.

    Numbers of North America, the United Kingdom, France, Australia and Germany
    come from the ranges that NANPA (555-0100 to 555-0199), Ofcom, ARCEP, ACMA
    and the Bundesnetzagentur keep free for fiction.
    """
    extension = _EXTENSION.search(value)
    number = value[: extension.start(1)] if extension else value
    digits = digits_of(number)
    if len(digits) < _FEWEST_DIGITS or any(word not in KEPT for word in re.findall(r"[^\W\d_]+", number.lower())):
        return None
    code, national = _parts(number, digits)
    draws = seed.draws("phone", national[-_NATIONAL_DIGITS:])
    fake = next(iter(_fictional(code, national, draws)[seed.attempt :]), "") or _changed(national, draws)
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


def _fictional(code: str, national: str, draws: Draws) -> list[str]:
    """Return numbers from ranges that are kept for fiction, the likeliest first; none where there are no such ranges."""
    country, trunk = code.removeprefix("00"), "0" if national.startswith("0") else ""
    significant = national.removeprefix("0")
    starts: tuple[str, ...] = ()
    if country == "1" or (not code and len(national) == 10 and national[0] not in "01"):
        starts = (f"{draws.one_of(DIGITS[2:])}{draws.digits(2)}55501",) if len(national) == 10 else ()
    elif country == "44" or (not code and len(national) == 11 and trunk):
        starts = _british(significant) if len(significant) == 10 else ()
    elif country == "33" or (not code and len(national) == 10 and trunk):
        starts = _FRENCH.get(significant[:1], ()) if len(significant) == 9 else ()
    elif country == "61" and len(significant) == 9 and significant[0] in "2378":
        starts = (f"{significant[0]}5550", f"{significant[0]}7010")
    elif country == "49":
        starts = _german(significant)
    return [trunk + start + draws.digits(len(significant) - len(start)) for start in starts]


def _british(significant: str) -> tuple[str, ...]:
    if significant[0] == "7":
        return "7700900", "1632960"
    if significant[0] == "2":
        return "2079460", "1632960"
    return (f"{significant[:3]}4960", "1632960") if significant[:3] in _BRITISH_CITIES else ("1632960",)


def _german(significant: str) -> tuple[str, ...]:
    landlines = {"40": "4066969", "69": "6990009", "89": "8999998"}
    mobile = {10: ("17139200",), 11: ("176040690",)}.get(len(significant), ())
    starts = mobile if significant[:2] in ("15", "16", "17") else (landlines.get(significant[:2], "3023125"),)
    return tuple(start for start in (*starts, "3023125") if 2 <= len(significant) - len(start) <= 4)


def _changed(national: str, draws: Draws) -> str:
    """Return other digits; a leading nought stays, and no other comes to the front."""
    kept = len(national) - len(national.lstrip("0"))
    rest = national[kept:]
    return national[:kept] + (draws.other_than(rest[0], DIGITS[1:]) + draws.digits(len(rest) - 1) if rest else "")
