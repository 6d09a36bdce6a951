"""Which numbers are ordinary: prices, dates, times, amounts, ranges, versions. These stay in a sanitized text."""

import re
from itertools import pairwise

from harness.pii.lexicon import words
from harness.pii.patterns.checksums import is_day

_YEAR = r"(?:19|20)\d\d"
_DATE = re.compile(
    rf"(?:{_YEAR}[-/.\s]\d{{1,2}}[-/.\s]\d{{1,2}}|\d{{1,2}}[-/.\s]\d{{1,2}}[-/.\s]{_YEAR}|\d{{1,2}}([-/.])\d{{1,2}}\1\d{{2}})(?:\s+\d{{1,2}})?"
)
_YEARS = re.compile(rf"{_YEAR}(?:\s?[-/–,\s]\s?(?:{_YEAR}|\d\d))*")
_MONTH_BEFORE = re.compile(
    r"(?:\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec|mai|juni|juli|okt|dez|januar|februar|märz|january|february"
    r"|march|april|june|july|august|september|october|november|december|oktober|dezember|enero|febrero|marzo|abril|mayo|junio"
    r"|julio|agosto|septiembre|octubre|noviembre|diciembre)\.?\s+(?:the\s+)?)$",
    re.IGNORECASE,
)
_MONEY = re.compile(
    r"(?:[$€£¥₹₩₺₽฿₦₱₫₪]|\b(?:usd|eur|gbp|chf|inr|cad|aud|jpy|cny|brl|mxn|zar|sek|nok|dkk|pln|czk|huf|try|aed|sar|sgd|hkd|nzd|thb|idr|myr|php|krw|rs\.?|rm|kr\.?|r\$|us\$|a\$)\s?)\s?[-+]?$",
    re.IGNORECASE,
)
_AMOUNT_BEFORE = re.compile(
    r"\b(?:pay(?:ing)?|paid|costs?|price[sd]?(?:\s+(?:at|of|is|was))?|amount(?:\s+(?:of|is|was))?|sum\s+of|total(?:\s+(?:of|is|was))?|worth|salary(?:\s+(?:of|is))?"
    r"|budget(?:\s+(?:of|is))?|limit(?:\s+(?:of|is))?|loan\s+of|balance(?:\s+(?:of|is|was))?|population(?:\s+(?:of|was|is))?|earn(?:s|ing)?|spent?|spend"
    r"|about|around|over|under|nearly|almost|roughly|approximately|exceeds?|below|above|between|less\s+than|more\s+than|at\s+least|at\s+most|up\s+to|fewer\s+than"
    r"|withdr[ae]w|depos(?:it|ited)|transfer(?:red)?|borrow(?:ed)?)\s+$",
    re.IGNORECASE,
)
_AFTER = re.compile(r"\s?(?:%|‰|°|[$€£¥₹₩]|,-)|[\s-]{0,2}([^\W\d_]+)")
_ORDINARY_BEFORE = re.compile(
    r"\b(?:error|err|exception|build|release|firmware|http|status|promo|coupon|voucher|discount|model|modell|modelo|type|version|flight|bus|train|tram|route|line|gate|platform|room|terminal|building|hall|highway|road|seat|"
    r"vol|vuelo|flug|zug|linie|zimmer|raum|page|section|chapter|article|question|form|kb|cve|iso|din|rfc|sku|part|item|article|artikel|artículo|catalogue|ean|gtin|upc|asin|colou?r|hex|barcode|isbn|grade|class|level|zone|exit|stop|song|episode|pages|chapters|rows|lines|standard|socket)"
    r"(?:\s+(?:code|codes|number|numbers|no\.?|nr\.?|is|was|to|the|a|an|of))*[\s:#\"'(]*$",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"[^\W\d_]+")
_PRODUCT_NEAR = 40
_TIME_AFTER = re.compile(r":\d\d")


_FEWEST_COUNTED, _LONGEST_STEP = 3, 10
_LAST_DAY, _LAST_MONTH = 31, 12


def is_date(value: str) -> bool:
    """Return whether a value is a date in figures."""
    if _DATE.fullmatch(value.strip()) is None:
        return False
    first, second, third = (int(part) for part in re.findall(r"\d+", value)[:3])
    month, day = (second, third) if first > _LAST_DAY else (first, second)
    return 0 < month <= _LAST_DAY and 0 < day <= _LAST_DAY and min(month, day) <= _LAST_MONTH


def are_years(value: str) -> bool:
    """Return whether a value is nothing but years."""
    return _YEARS.fullmatch(value) is not None


def is_money(before: str) -> bool:
    """Return whether what stands before a number makes it a price."""
    return _MONEY.search(before) is not None


def is_counted(after: str) -> bool:
    """Return whether what follows a number makes it a quantity: a unit, a currency, or what is counted."""
    match = _AFTER.match(after)
    return match is not None and (match[1] is None or match[1].lower() in words("quantities"))


def is_named_otherwise(before: str) -> bool:
    """Return whether what stands before a number or a code makes it an error's, a flight's, a page's … and nobody's."""
    return _ORDINARY_BEFORE.search(before) is not None


def is_product(before: str, after: str) -> bool:
    """Return whether the words around a code name a product, so that the code is its model's."""
    near = _LETTERS.findall(before[-_PRODUCT_NEAR:].lower())[-3:] + _LETTERS.findall(after.lower())[:2]
    return not words("product_words").isdisjoint(near)


def is_ordinary(value: str, before: str, after: str) -> bool:
    """Return whether a number is a price, a quantity, a date, a range or a round amount.

    Args:
        value: The number, perhaps with separators.
        before: What stands before it.
        after: What follows.
    """
    if is_money(before) or is_counted(after) or is_date(value) or _YEARS.fullmatch(value):
        return True
    if _TIME_AFTER.match(after) or _MONTH_BEFORE.search(before):
        return True
    parts = re.findall(r"\d+", value)
    digits = "".join(parts)
    if len(parts) == 1:
        return (
            _is_round(digits) or _is_compact_date(digits) or (len(digits) < 8 and bool(_AMOUNT_BEFORE.search(before)))
        )
    return _is_range(parts) or _is_counting(parts)


def _is_round(digits: str) -> bool:
    """Return whether a number ends in so many zeros that it is an amount: 125500, 3000000."""
    return len(digits) - len(digits.rstrip("0")) >= max(2, len(digits) - 4)


def _is_compact_date(digits: str) -> bool:
    """Return whether eight digits are a recent day, as in the name of a file: 20240305."""
    return (
        len(digits) == 8
        and "2013" <= digits[:4] < "2050"
        and is_day(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    )


def _is_range(parts: list[str]) -> bool:
    """Return whether the parts are two round numbers or two years: 1000-2000."""
    return len(parts) == 2 and all(
        len(part) <= 5 and (part.endswith("00") or re.fullmatch(_YEAR, part)) for part in parts
    )


def _is_counting(parts: list[str]) -> bool:
    """Return whether the parts count up in even steps: "1 2 3 4 5 6 7", "10 20 30 40", but not "123 456 789"."""
    numbers = [int(part) for part in parts]
    steps = {b - a for a, b in pairwise(numbers)}
    if len(numbers) < _FEWEST_COUNTED or len(steps) > 1:
        return False
    return 0 < min(steps) < _LONGEST_STEP or (min(steps) > 0 and all(number % 10 == 0 for number in numbers))
