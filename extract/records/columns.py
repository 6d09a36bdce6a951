"""Id-like values in a record's other fields: whoever wrote them into a message would be found by them."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

_SHORTEST = 6
"""Letters and digits."""
_LONGEST = 64
_FEWEST_DIGITS = 4
_DEEPEST = 2
"""Levels of tables in tables that are looked into; messages lie deeper, or in lists."""
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ][\d:.,+Z -]*)?")
_NUMBER = re.compile(r"[+(]?\d[\d\s()./-]*")
_CODE = re.compile(r"[\w+./:=-]+")
# Parts of names, so that "width" and "paid_usd" are no ids.
_NAMES_ID = re.compile(
    r"(?:^|[_.\W])(?:id|ids|uuid|guid|ref|reference|account|acct|phone|mobile|msisdn|tel|card|iban|bic|ssn|number|no|customer|device|imei|ip|serial|token|key)(?:$|[_.\W])",
    re.IGNORECASE,
)
_NAMES_PERSON = re.compile(
    r"(?:first|last|full|family|given|customer|user|client|member|display|sur)_?name$", re.IGNORECASE
)
_CAMEL = re.compile(r"(?<=[a-z\d])(?=[A-Z])")


def id_values(record: Mapping[str, Any], *, without: Collection[str | None] = ()) -> tuple[str, ...]:
    """Return the values of a record that may be somebody's id, address or name.

    Codes of letters and digits and e-mail addresses wherever they stand;
    plain numbers and names only where the field's name says what they are:
    most numbers in logs are durations, sizes and prices.

    Args:
        record: As it was logged.
        without: Values that are something else: the messages, the ids of user and session.
    """
    found = (text for name, text in _scalars(record, "", 0) if text not in without and _is_id(name, text))
    return tuple(dict.fromkeys(found))


def _scalars(values: Mapping[str, Any], before: str, depth: int) -> Iterator[tuple[str, str]]:
    for key, value in values.items():
        name = f"{before}{key}"
        if isinstance(value, str):
            text = value.strip()
            if _SHORTEST <= len(text) <= _LONGEST:
                yield name, text
        elif isinstance(value, int) and not isinstance(value, bool):
            yield name, str(value)
        elif isinstance(value, Mapping) and depth < _DEEPEST:
            yield from _scalars(value, f"{name}.", depth + 1)


def _is_id(name: str, text: str) -> bool:
    if sum(map(str.isalnum, text)) < _SHORTEST or _DATE.fullmatch(text):
        return False
    if "@" in text:
        return " " not in text
    digits = sum(map(str.isdigit, text))
    if digits < _FEWEST_DIGITS:
        return digits == 0 and _NAMES_PERSON.search(name) is not None
    if _NUMBER.fullmatch(text):
        return digits >= _SHORTEST and _NAMES_ID.search(_CAMEL.sub("_", name)) is not None
    return _CODE.fullmatch(text) is not None and "://" not in text
