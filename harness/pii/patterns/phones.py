"""Telephone numbers of any country: whole, partial, in figures with any grouping, with letters."""

import re
from functools import lru_cache

from harness.pii.patterns.quantities import is_counted, is_date, is_money, is_named_otherwise, is_ordinary
from harness.pii.patterns.rules import Rule, digits_of, pattern, word_set

REGIONS: tuple[str, ...] = ("US", "GB", "DE", "FR", "ES", "IN", "BR", "IT")
"""Regions whose national notation is tried when a number has no country code."""

_NO_PHONE = re.compile(r"\d{3}-\d{2}-\d{4}|(?:\d{1,3}\.){3}\d{1,3}|\d{1,3}\.\d{1,2}\.\d{3,5}\.\d{1,4}")
# How Brazil, Chile, Argentina and Switzerland write other numbers.
_NATIONAL = re.compile(r"\d{2,3}\.\d{3}\.\d{3}(?:/\d{4})?-\d{1,2}|\d{3}(?:\.\d{4}){2}\.\d\d|\d\d-\d{8}-\d")
_PHONE_WORDS = word_set(
    "phone phones mobile mobil cell cellphone call calling tel telephone text sms whatsapp fax number numbers contact reach ring dial handy rufnummer handynummer"
    " telefon telefonnummer móvil movil teléfono telefono portable téléphone telefone celular cellulare telefoonnummer puhelin puhelinnumero telefonnumret"
    " landline hotline pager nummer número numero numéro viber signal signal line voicemail ph mob extension ext callback"
)
_PIECE_WORDS = _PHONE_WORDS | word_set("then starts begins card account karte konto tarjeta cuenta carte compte")
_PHONE_WORD = re.compile(rf"\b(?:{'|'.join(sorted(_PHONE_WORDS, reverse=True))})\b", re.IGNORECASE)
_REFERENCE_WORD = re.compile(
    r"\b(?:order|reference|ref|ticket|case|booking|account|invoice|tracking|policy|confirmation|transaction|article|part|serial)\b[^.!?\n]{0,24}$",
    re.IGNORECASE,
)
_EXTENSION = re.compile(r"\s*(?:x|\#|ext|durchwahl)", re.IGNORECASE)
_DECIMAL = re.compile(r"\d{4,}\.\d+|\d+\.\d{5,}")
_LETTER_O = re.compile(r"\do|o\d")
_SEVEN = re.compile(r"\d{3}[-.]\d{4}")
_GLUED_BEFORE = re.compile(r"[\w.]$|[#:/]\s?$")


def _is_phone(value: str, before: str, after: str) -> bool:
    """Return whether a row of digits can be a telephone number rather than a date, a price, a range."""
    digits = digits_of(_EXTENSION.split(value, maxsplit=1)[0])
    if not 7 <= len(digits) <= 15 or _NO_PHONE.fullmatch(value) or is_money(before) or is_date(value):
        return False
    if value.startswith(("+", "00")) or (value.startswith("(") and ")" in value):
        return True
    if (
        is_ordinary(value, before, "" if len(digits) > 8 else after)
        or _DECIMAL.fullmatch(value)
        or is_named_otherwise(before)
    ):
        return False
    return len(digits) >= 8 or _SEVEN.fullmatch(value) is not None or bool(_PHONE_WORD.search(before))


def _is_valid_phone(value: str, before: str, after: str) -> bool:
    """Return whether libphonenumber knows the number and nothing around it says that it is something else."""
    if _REFERENCE_WORD.search(before) or _NATIONAL.fullmatch(value) or not _is_phone(value, before, after):
        return False
    told = value.startswith("+") or bool(_PHONE_WORD.search(before))
    if not told and (_GLUED_BEFORE.search(before) or not re.search(r"[\s().-]", value)):
        return False
    return _valid_number(_EXTENSION.split(value, maxsplit=1)[0])


@lru_cache(maxsize=4096)
def _valid_number(value: str) -> bool:
    """Return whether libphonenumber knows the number as one that can be assigned."""
    import phonenumbers

    for region in (None,) if value.startswith("+") else REGIONS:
        try:
            if phonenumbers.is_valid_number(phonenumbers.parse(value, region)):
                return True
        except phonenumbers.NumberParseException:
            continue
    return False


def _is_part(value: str, before: str, after: str) -> bool:
    """Return whether the digits after "ending in" are a number's, and not a year or an amount."""
    if is_money(before) or is_counted(after) or re.match(r"[.,:/]\d|%", after):
        return False
    told = re.search(
        r"\b(?:digits?|number|phone|mobile|card|account|acct|iban|ssn|social|visa|mastercard|amex|one)\b",
        before,
        re.IGNORECASE,
    )
    return bool(told) or (len(value) > 2 and not re.fullmatch(r"(?:19|20)\d\d", value) and not value.endswith("00"))


def _is_piecewise(value: str, before: str, _after: str) -> bool:
    """Return whether numbers with "then" between them are one that is told in pieces, not amounts or steps."""
    parts = re.findall(r"\d+", value)
    if not 7 <= len("".join(parts)) <= 19 or any(part.endswith("00") and len(part) == 4 for part in parts):
        return False
    return not is_money(before) and (all(len(part) > 2 for part in parts) or bool(_PHONE_WORD.search(before)))


PHONE = pattern(
    r"""(?<![\w$€£/-])(?<!\d[.,])(?:\+|00)?\(?\+?\d(?:[\s().\-/\u2010-\u2015\u00b7•]{0,3}\d){6,14}
    (?:\s*(?:x|\#|ext\.?|extension|durchwahl)\s*\d{1,6})?(?![\w%€$£]|[.,]\d)"""
)

PHONE_RULES = (
    Rule(
        entity="PHONE_NUMBER",
        why="valid number by libphonenumber",
        pattern=PHONE,
        score=1.0,
        digits=7,
        accepts=_is_valid_phone,
        precise=True,
    ),
    Rule(
        entity="PHONE_NUMBER", why="grouped as a phone number is", pattern=PHONE, score=0.6, digits=7, accepts=_is_phone
    ),
    Rule(
        entity="PHONE_NUMBER",
        why="phone number beside a label",
        # Glued to a word: "07700900123-Office", "tel07700900123", or with an extension behind.
        pattern=pattern(
            r"(?<![\d$€£.])(?<!\d,)\(?\+?\d(?:[\s().\-/]{0,3}\d){6,14}(?:\s*(?:x|\#|ext\.?)\s*\d{1,6})?(?!\d|[.,]\d)"
        ),
        score=0.55,
        digits=7,
        accepts=lambda value, before, after: (
            (
                (after[:1] in {"-", "/"} and not after[1:2].isdigit())
                or re.search(r"\b(?:tel|phone|fax|mob|t|p|m|f)[.:]?$", before, re.IGNORECASE) is not None
            )
            and _is_phone(value, before, after)
        ),
    ),
    Rule(
        entity="PHONE_NUMBER",
        why="phone number with its area code in brackets",
        # An area code in brackets makes even a short number one.
        pattern=pattern(
            r"(?<!\w)(?:\+?\d{1,3}[\s.-]?)?\(0?\d{1,5}\)[\s.-]{0,2}\d{2,4}(?:[\s.-]?\d{2,4}){0,3}(?![\w%])"
        ),
        score=0.7,
        digits=6,
        holds=("(",),
        accepts=lambda value, _before, _after: len(digits_of(value)) >= 6,
    ),
    Rule(
        entity="PHONE_NUMBER",
        why="toll-free number in letters",
        pattern=pattern(
            r"(?<![\w-])(?:\+?1[\s.-]?)?\(?8(?:00|22|33|44|55|66|77|88)\)?[\s.-]?(?-i:[A-Z][A-Z-]{5,11}|[A-Z]{3,7}-?\d{0,4})(?!\w)|(?<!\w)\([2-9]\d\d\)[\s.-]?(?-i:[A-Z]{3}-?[A-Z0-9]{4}|[A-Z]{4}-?[A-Z]{3})(?!\w)"
        ),
        score=0.9,
        digits=3,
    ),
    Rule(
        entity="PHONE_NUMBER",
        why="told to be a phone number",
        pattern=pattern(
            r"""\b(?:phone|mobile|cell|tel|telephone|fax|call(?:\s+me)?|text(?:\s+me)?|reach\s+me|handy(?:nummer)?|rufnummer|telefonnummer|telefon|whatsapp|móvil|movil|tel[ée]fono|t[ée]l[ée]phone|telefone|celular|cellulare|telefoon(?:nummer)?)
            (?:\s*(?:number|no\.?|nr\.?|is|ist|es|est|:|\#|at|on|to|the|new|my|unter|al|au))*\s*((?:\+|\(|\d)\d[\d\s()./-]{2,}\d)(?!\w|[.,:]\d)"""
        ),
        group=1,
        score=0.7,
        digits=4,
        words=_PHONE_WORDS,
        accepts=lambda value, before, after: len(digits_of(value)) >= 4 and not is_ordinary(value, before, after),
    ),
    Rule(
        entity="PHONE_NUMBER",
        why="short number told to be a phone's",
        pattern=pattern(
            r"(?<![\w$€£.,/-])\d{2,4}(?:[ -]\d{2,4}){1,3}(?=[ -](?:office|fax|mobile|home|cell|work|handy|mob)\b)"
        ),
        score=0.7,
        digits=6,
        words=word_set("office fax mobile home cell work handy mob"),
        accepts=lambda value, _before, _after: len(digits_of(value)) >= 6,
    ),
    Rule(
        entity="PHONE_NUMBER",
        why="number given piece by piece",
        # Piece by piece: "0775, then 443, and 221".
        pattern=pattern(
            r"(?<![\w.,$€£])\+?\d{1,5}(?:\s*(?:,|\.{2,}|-{1,2}|–)?\s*(?:and|then|and\s+then|followed\s+by|dash|hyphen|space|point|und|dann|y|luego|et|puis|e|poi|depois)\s+(?:again\s+)?\d{1,5}){1,6}(?![\w%]|[.,:]\d)"
        ),
        score=0.7,
        digits=7,
        words=frozenset(
            ("and", "then", "followed", "dash", "hyphen", "space", "und", "dann", "luego", "puis", "poi", "depois")
        ),
        needs=lambda facts: not facts.words.isdisjoint(_PIECE_WORDS),
        accepts=_is_piecewise,
    ),
    Rule(
        entity="PHONE_NUMBER",
        why="told to be the beginning of a number",
        pattern=pattern(
            r"\bmy\s+(?:new\s+|own\s+)?numbers?\s*(?:is|starts\s+with|:|=|[’']s)\s*(0\d{2,5})(?!\w|[.,:/]\d)"
        ),
        group=1,
        score=0.7,
        digits=3,
        words=word_set("number numbers"),
    ),
    Rule(
        entity="PHONE_NUMBER",
        why="second of two phone numbers with a stroke between them",
        pattern=pattern(r"(?<=\d/)\+?0\d{6,13}(?![\w/]|[.,]\d)"),
        score=0.6,
        digits=14,
        holds=("/0", "/+"),
    ),
    Rule(
        entity="PHONE_NUMBER",
        why="told to be an extension",
        pattern=pattern(
            r"\b(?:ext(?:ension)?|durchwahl|nebenstelle|extensión|interne|interno|ramal|toestel|anknytning|dahili)\b\.?\s*(?:(?:number|no\.?|nr\.?|is|ist|es|est|:|\#)\s*){0,2}(\d{2,6})(?!\w|[.,:/]\d)"
        ),
        group=1,
        score=0.75,
        digits=2,
        words=word_set("ext extension durchwahl nebenstelle extensión interne interno ramal toestel anknytning dahili"),
        accepts=lambda _value, before, after: not is_money(before) and not is_counted(after),
    ),
    Rule(
        entity="PHONE_NUMBER",
        why="told to be dialled for somebody",
        pattern=pattern(r"\bdial\s+(\d{3,6})\s+(?:for|to\s+(?:reach|get))\s+(?:me|us|my)\b"),
        group=1,
        score=0.75,
        digits=3,
        words=frozenset(("dial",)),
    ),
    Rule(
        entity="PHONE_NUMBER",
        why="phone number with letters o for zeros",
        pattern=pattern(r"(?<!\w)(?=[\d -]*o)(?:\+?\d{1,3}[ -]?)?[\do](?:[ -]?[\do]){8,12}(?!\w)"),
        score=0.75,
        digits=5,
        needs=lambda facts: _LETTER_O.search(facts.lower) is not None,
        accepts=lambda value, _before, _after: (
            sum(c.isdigit() for c in value) > sum(c.isalpha() for c in value) and value[0] in "0oO+"
        ),
    ),
    Rule(
        entity="PHONE_NUMBER",
        why="told to be an area code",
        pattern=pattern(r"\barea\s+code\s*(?:is|:)?\s*\(?(\d{2,5})\)?(?!\w)"),
        group=1,
        score=0.8,
        words=frozenset(("area",)),
        digits=2,
    ),
    Rule(
        entity="ID",
        why="told to be part of a number",
        pattern=pattern(
            r"""\b(?:(?:last|final|first)\s+(?:few|two|three|four|five|six|\d)\s*(?:digits?|numbers?|figures?)?(?:\s+(?:of|on|in|for)\s+(?:\w+\s+){1,4}?)??
            (?:\s*(?:is|are|were|being|as|:|=|,|should\s+be))*|(?:ends?|ending|ended|finish(?:es|ing)?|endet|endend|termina(?:da|do|ndo)?|finissant|finit|eindigt|eindigend|slutar|che\s+finisce)(?:\s+(?:in|with|on|by|auf|mit|en|con|par|met|op|på))?(?:\s+the\s+(?:numbers?|digits?))?\s*:?
            |(?:starts?|starting|begins?|beginning|beginnt|empieza|commence)\s+(?:with|by|mit|con|par)(?:\s+the\s+(?:numbers?|digits?))?\s*:?)\s*[*x.…]{0,4}(\d{2,6})(?!\w|[.,:/]\d)"""
        ),
        group=1,
        score=0.75,
        digits=2,
        words=word_set(
            "last final first end ends ending ended finish finishes finishing endet endend termina terminada terminado terminando finissant finit"
            " eindigt eindigend slutar finisce start starts starting begin begins beginning beginnt empieza commence"
        ),
        accepts=_is_part,
    ),
)
