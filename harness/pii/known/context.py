"""Whether a word that is both everyday and the user's name stands where a name is due."""

import re

from harness.pii.known.folding import word_set
from harness.pii.known.ordinary import is_everyday
from harness.pii.known.reading import Reading
from harness.pii.known.variants import Trust, Variants
from harness.pii.lexicon import words

_OPENER = re.compile(
    r"(?:\b(?:name(?:['’]?s|\s+is)?|i\s+am|i['’]?m|im|this\s+is|it['’]?s|call(?:ed)?(?:\s+me)?|dear|hi|hello|hey|mr|mrs|ms|miss|dr|regards|best|sincerely"
    r"|cheers|thanks|thank\s+you|under|bin|heiße|heisse|soy|llamo|suis|appelle|sou|chamo|sono|chiamo|ben|heet)\b[\s,:.!–-]{0,4}|[–-]\s?)$",
    re.IGNORECASE,
)
_CLOSER = re.compile(r"\s*(?:$|[,.!?;:\n)–-]|(?:here|speaking)\b)", re.IGNORECASE)
_SENTENCE_START = re.compile(r"(?:^|[.!?:;\n\"“(…–-]|\*\*)\s*$")
_BESIDE = re.compile(r"[\s.,'’_-]{1,3}")
_MONTH_BEFORE = re.compile(
    r"(?:\b(?:in|on|of|since|until|till|by|next|last|this|early|late|mid|from|to|before|after)|\d(?:st|nd|rd|th)?,?)[\s-]*$",
    re.IGNORECASE,
)
_MONTH_AFTER = re.compile(r"[\s,]*\d")
_FOLLOWERS = word_set(
    "you i it the this that my they we he she be not there your a an these those anyone someone any our their his her all also as if me us no"
)
"""What follows a verb at the beginning of a question or command, and rarely a name."""
_SMALL_TALK = word_set(
    "hi hello hey dear thanks thank you regards best cheers yes no it is its this my name mr mrs ms dr sincerely bye ok okay sure"
)
_MOST_BARE_WORDS = 4
_LOOK_BACK = 24


def is_due(reading: Reading, place: int, variants: Variants, trust: Trust) -> bool:
    """Return whether the token at ``place`` is used as a name.

    Args:
        reading: The text.
        place: Index of an everyday token that is among the user's names.
        variants: The user's.
        trust: What is known of the token.
    """
    if trust is Trust.ALWAYS:
        return True
    if _is_beside_own(reading, place, variants) or _is_introduced(reading, place):
        return True
    capital = reading.is_capital(place)
    if _is_bare(reading, variants) and (capital or trust is Trust.NAMED):
        return True
    return capital and _is_name_by_capital(reading, place, trust)


def _is_beside_own(reading: Reading, place: int, variants: Variants) -> bool:
    for other, gap in ((place - 1, place - 1), (place + 1, place)):
        if not 0 <= other < len(reading.words) or not _BESIDE.fullmatch(reading.gap(gap)):
            continue
        word = reading.words[other]
        if _is_own(reading, other, variants) and not (other < place and _is_whole_before(reading, other, variants)):
            return True
        if word in variants.initials and other < place and _is_initial(reading, other):
            return True
    return False


def _is_own(reading: Reading, place: int, variants: Variants) -> bool:
    word = reading.words[place]
    known = variants.words.get(word)
    return known is not None and known.entity == "PERSON" and (not is_everyday(word) or reading.is_capital(place))


def _is_whole_before(reading: Reading, place: int, variants: Variants) -> bool:
    """Return whether a part of the name has another before it: after "w. smith" comes "will" the verb."""
    if not place or not _BESIDE.fullmatch(reading.gap(place - 1)):
        return False
    return reading.words[place - 1] in variants.initials or _is_own(reading, place - 1, variants)


def _is_initial(reading: Reading, place: int) -> bool:
    """Return whether a single letter is written as an initial; "I" and "a" are words unless a full stop follows."""
    dotted = place + 1 < len(reading.words) and reading.gap(place).startswith(".")
    return dotted or (reading.words[place] not in ("i", "a") and reading.is_capital(place))


def _is_introduced(reading: Reading, place: int) -> bool:
    start, end = reading.spans[place]
    return bool(_CLOSER.match(reading.text, end) and _OPENER.search(reading.text[max(0, start - _LOOK_BACK) : start]))


def _is_bare(reading: Reading, variants: Variants) -> bool:
    return len(reading.words) <= _MOST_BARE_WORDS and all(
        word in variants.words or word in _SMALL_TALK or word in variants.initials for word in reading.words
    )


def _is_name_by_capital(reading: Reading, place: int, trust: Trust) -> bool:
    start, end = reading.spans[place]
    before = reading.text[max(0, start - _LOOK_BACK) : start]
    if reading.words[place] in words("calendar") and (
        _MONTH_BEFORE.search(before) or _MONTH_AFTER.match(reading.text, end)
    ):
        return False
    if not _SENTENCE_START.search(before) or place + 1 == len(reading.words) > 1:
        return True
    following = reading.words[place + 1] if place + 1 < len(reading.words) else ""
    return trust is Trust.NAMED and following not in _FOLLOWERS
