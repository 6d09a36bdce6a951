"""What follows a street: the flat, the town, the state, the postcode, the country; on the same line or on the next ones."""

import re

from harness.pii.lexicon import words
from harness.pii.patterns.rules import pattern, word_set

STATE = rf"(?:{'|'.join(sorted(words('us_states')))})"
ZIP = r"\d{5}(?:-\d{4})?(?!\w)"
UK_POSTCODE = rf"(?:{'|'.join(sorted(words('uk_postal_areas'), key=len, reverse=True))})\d[a-z\d]?\s?\d(?!st\b|nd\b|th\b)[abd-hjlnp-uw-z]{{2}}(?!\w)"
_CANADA = r"[a-z]\d[a-z]\s?\d[a-z]\d(?!\w)"
_CAPITAL = r"(?-i:[A-ZÀ-ÞΑ-ΩŁŚŽČĐА-Я])"
TOWN = rf"(?:(?:St|Ste|Mt|Ft)\.[ ])?{_CAPITAL}['’\w-]*(?:[ ](?:(?:of|de|la|le|el|am|an|der|upon|on|sur|and|und|den|im|in)[ ])?{_CAPITAL}['’\w-]*){{0,3}}"
_ANY_TOWN = r"[^\W\d_][.'’\w-]*(?:[ ][^\W\d_]['’\w-]*){0,3}?"
_GAP = r"(?:[ ]*[,;][ ]*\n?[ ]*|[ ][-–][ ]|[ ]*\n\W{0,4}|[ ]+)"
_STOP = r"(?=[ ]*(?:[.!?;\n)\"]|,[ ]|,?$|[ ][-–]|[ ](?:and|with|which|for|it|is|in|but|please|costing|thanks)\b))"
_UNIT = pattern(
    rf"""{_GAP}?(?:(?:apt|apartment|suite|ste|unit|flat|room|rm|building|bldg|lot|space|spc|door|wing|tower|level|no|appartamento|piano|scala|interno|piso|dpto|depto|interior|int|edif|of|oficina|puerta|etage|stock|stiege|appt|bât|bat|lgh|phase|lot|blk)\b\.?[ ]*\#?[ ]*(?=\w*\d|[a-z](?!\w))[\w-]{{1,6}}(?!\w)|\#[ ]*[\w-]{{1,6}}
    |(?:floor|fl)\b\.?[ ]+\d{{1,3}}(?!\w)|\d{{1,3}}(?:st|nd|rd|th)[ ]+(?:floor|fl)\b|(?<=[ ])[a-z]{{1,2}}-?\d{{1,4}}(?!\w)|\d{{1,2}}[ºª°][ ]?[a-z]?(?!\w))"""
)
_TAILS = (
    # Town, state and postcode: any town, since the rest is so telling.
    pattern(
        rf"(?:{_GAP}{_ANY_TOWN})?{_GAP}?(?:[ ]*\n?[ ]*,)?{_GAP}(?:{STATE}\b\.?|(?-i:[A-Z]{{1,3}})\b){_GAP}(?:{TOWN}[ ]+)?{ZIP}"
    ),
    pattern(
        rf"(?:{_GAP}{_ANY_TOWN}){{0,3}}?{_GAP}(?:[a-z]{{2}}{_GAP})?(?:{UK_POSTCODE}|{_CANADA}|\d{{4}}[ ]?(?-i:[A-Z]{{2}})(?!\w))"
    ),
    # The postcode before the town, or after it.
    pattern(
        rf"{_GAP}(?:(?-i:[A-Z]{{1,2}})-)?(?:\d{{2}}-?\d{{3}}|\d{{4}}|\d{{3}}[ ]\d{{2}}|\d{{5}}-\d{{3}})(?![\w%]|[.,:]\d){_GAP}{TOWN}"
    ),
    pattern(rf"(?:{_GAP}{TOWN}){{1,3}}{_GAP}(?:\d{{5,6}}(?:-\d{{3,4}})?|\d{{2}}-\d{{3}})(?![\w%]|[.,:]\d)"),
    pattern(rf"(?:{_GAP}{TOWN}){{2,3}}{_GAP}\d{{4}}(?![\w%]|[.,:]\d)"),
    pattern(r"(?:[ ]*[,;][ ]*|[ ])\d{5,6}(?:-\d{3,4})?(?![\w%]|[.,:]\d)"),
    # Town and state, or one or two places alone.
    pattern(rf"[ ]*[,;][ ]*{_ANY_TOWN}[ ]*,[ ]*{STATE}(?!\w)"),
    pattern(
        rf"(?:[ ]*,[ ]*{TOWN}){{1,3}}{_STOP}|(?:[ ]*\n[ ]*,?[ ]*{TOWN}(?=[ ]*[,\n.]|$)){{1,3}}|[ ]{TOWN}(?=[ ]*(?:[.!?\n]|$))"
    ),
    pattern(r"[ ]*,[ ]*[^\W\d_]{3,}(?:[ ][^\W\d_]{3,}){0,2}(?=[ ]*(?:[.!]|,?$)|[ ](?:and|with)[ ])"),
)
_COUNTRY = pattern(
    rf"[\s,]+(?:usa|u\.s\.a?\.?|united[ ]states(?:[ ]of[ ]america)?|uk|united[ ]kingdom|england|scotland|wales|canada|australia|germany|deutschland|france|spain|españa|italy|italia|{TOWN}(?=[ ]*(?:[.!?\n]|$)))"
)
_MOST_UNITS = 3
_WORD = re.compile(r"[^\W\d_]+")


def tail_end(text: str, end: int) -> int:
    """Return where an address ends whose street ends at ``end``."""
    for _ in range(_MOST_UNITS):
        match = _UNIT.match(text, end)
        if match is None:
            break
        end = match.end()
    for tail in _TAILS:
        match = tail.match(text, end)
        if match and _is_place(match[0]):
            country = _COUNTRY.match(text, match.end())
            return country.end() if country and _is_place(country[0]) else match.end()
    return end


def _is_place(value: str) -> bool:
    """Return whether no word of a supposed town is an ordinary one: ", right?" follows streets, too."""
    found = [word for word in _WORD.findall(value) if len(word) > 2]
    if not found:
        return any(c.isdigit() for c in value)
    return not any(word.lower() in _ORDINARY for word in found) and not any(
        word.isupper() and len(word) == 4 for word in found[-1:]
    )


_ORDINARY = (
    words("common_words")
    | words("calendar")
    | word_set("right correct tomorrow today tonight asap enjoy thanks shared interested")
)
_ORDINARY -= (
    words("places")
    | words("word_names")
    | words("us_states")
    | words("street_names")
    | word_set(
        "of de la le el am an der upon on sur and und den im in apt suite unit california district of columbia florida texas"
    )
)
