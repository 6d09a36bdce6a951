"""Numbers, codes and mail addresses: with any separators, in part, spoken."""

import re

from harness.pii.known.folding import TOKEN, compact, fold, word_set
from harness.pii.known.ordinary import is_everyday, is_ordinary
from harness.pii.known.variants import Target, Variants, Word, letters_of

_TWO_DIGIT_CODES = word_set(
    "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98"
)
"""Country calling codes of two digits (ITU-T E.164); 1 and 7 have one, all others three."""
_FEWEST_NATIONAL = 7
_SHORTEST_FORM = 5
_SHORTEST_PIECE = 4
"""The last four of a number are what people are asked for."""
_SHORTEST_CODE_PIECE = 6
_SHORTEST_MISSPELT = 8
_SHORTEST_NAME_LIKE = 5
_SHORTEST_BOX = 3
_LONGEST_PREFIX = 6
_LONGEST_NATIONAL = 11
_LONGEST_CODE = 64
"""Longer values are texts or secrets, looked for as a whole."""
_NAME_LIKE = re.compile(r"[^\W\d_]+(?:[._-]+[^\W\d_]+)*[._-]*\d{0,6}")


def add_phone(variants: Variants, value: str) -> None:
    """Add a phone number: without its country code and trunk prefix, which may then be any, and its last digits."""
    digits, national = _digits(value), national_digits(value)
    variants.add_form(national, "PHONE_NUMBER")
    variants.add_form(digits, "PHONE_NUMBER")
    variants.add_pieces(national, "PHONE_NUMBER", shortest=_SHORTEST_PIECE)
    variants.numbers[national] = "PHONE_NUMBER"


def add_code(variants: Variants, value: str) -> None:
    """Add an id, username or other code: with other separators, without its prefix, in part, with one error."""
    whole = compact(value)
    entity = "ID"
    _add(variants, whole, entity)
    tokens = TOKEN.findall(fold(value))
    if len(tokens) > 1 and len("".join(tokens[:-1])) <= _LONGEST_PREFIX:
        _add_rest(variants, tokens[-1], entity)
    if len(whole) > _LONGEST_CODE:
        return
    if whole.isdigit():
        variants.add_pieces(whole, entity, shortest=_SHORTEST_PIECE)
        if len(whole) >= _SHORTEST_MISSPELT:
            variants.numbers.setdefault(whole, entity)
    else:
        variants.add_pieces(whole, entity, shortest=_SHORTEST_CODE_PIECE)
        _add_near(variants, whole, entity)
        add_name_like(variants, value)


def add_mailbox(variants: Variants, value: str) -> None:
    """Add an e-mail address: whole, as it is spoken, and what stands before the @ with and without its digits."""
    local, _, domain = value.partition("@")
    box, host = compact(local), compact(domain)
    if host:
        for form in (box + host, box + "at" + host, box + "at" + compact(domain.replace(".", " dot "))):
            variants.add_form(form, "EMAIL_ADDRESS")
    if len(box) < _SHORTEST_BOX:
        return
    _add(variants, box, "EMAIL_ADDRESS")
    _add_near(variants, box, "EMAIL_ADDRESS")
    add_name_like(variants, local)


def add_name_like(variants: Variants, code: str) -> None:
    """Add the words of a code that is made from a name: "anna.mark" and "annamark" of "anna.mark88"."""
    if not _NAME_LIKE.fullmatch(code):
        return
    letters = letters_of(code)
    if len(letters) >= _SHORTEST_NAME_LIKE and not is_ordinary(letters):
        variants.add_form(letters, "PERSON")
    for token in re.findall(r"[^\W\d_]+", fold(code)):
        if len(token) >= _SHORTEST_NAME_LIKE and not is_ordinary(token) and not is_everyday(token):
            variants.add_name_word(token)
            variants.add_misspellings((token,), "PERSON")


def national_digits(value: str) -> str:
    """Return a phone number's digits without country code and trunk prefix, as far as these can be told."""
    digits = _digits(value)
    international = value.strip().startswith(("+", "00")) or len(digits) > _LONGEST_NATIONAL
    bare = digits.lstrip("0")
    if international:
        cut = 1 if bare[:1] in ("1", "7") else 2 if bare[:2] in _TWO_DIGIT_CODES else 3
        bare = bare[cut:].lstrip("0") if len(bare) - cut >= _FEWEST_NATIONAL else bare
    elif len(bare) == _LONGEST_NATIONAL and bare[0] == "1":
        bare = bare[1:]
    return bare if len(bare) >= _FEWEST_NATIONAL else digits


def _add(variants: Variants, form: str, entity: str) -> None:
    if len(form) >= _SHORTEST_FORM and not (form.isalpha() and is_ordinary(form)):
        variants.add_form(form, entity)
    else:
        variants.words.setdefault(form, Word(entity))


def _add_rest(variants: Variants, rest: str, entity: str) -> None:
    """Add what stands behind a code's prefix, if it tells: the "1" of "s-011-1" stands in everybody's texts."""
    if not any(c.isdigit() for c in rest):
        return
    if len(rest) >= _SHORTEST_FORM:
        _add(variants, rest, entity)
        _add_near(variants, rest, entity)
    elif len(rest) >= _SHORTEST_PIECE:
        # Like a number's last four: only where these are given.
        variants.pieces.setdefault(rest, entity)


def _add_near(variants: Variants, code: str, entity: str) -> None:
    if len(code) >= _SHORTEST_MISSPELT:
        for length in (len(code) - 1, len(code), len(code) + 1):
            variants.near.setdefault(length, []).append(Target(code, entity, 1))


def _digits(value: str) -> str:
    return "".join(c for c in fold(value) if c.isdigit())
