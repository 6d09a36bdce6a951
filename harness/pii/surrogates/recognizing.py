"""Which values can be invented ones: what surrogates never make is somebody's real value."""

import ipaddress
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from harness.contracts import Manifest
from harness.pii.surrogates.contacts import DOMAINS
from harness.pii.surrogates.names import kept_words
from harness.pii.surrogates.network import MAC_START, NETWORKS
from harness.pii.surrogates.numbers import BANK_CHARS, FEWEST_CARD_DIGITS, NO_ISSUER
from harness.pii.surrogates.shapes import compact, digits_of
from harness.pii.surrogates.vocabulary import REGIONS, canonical, latin, pool

_WORD = re.compile(r"[^\W\d_]{2,}")
_COORDINATES = re.compile(r"-?\d{1,3}\.\d{3,}\D{1,3}-?\d{1,3}\.\d{3,}|[°º]|\+\d{2}\b|/maps|///")
_HOSTS = "|".join(DOMAINS)
_LINK = re.compile(rf"(?:(?:https?|ftp|www) )*(?:{_HOSTS})\b")
# Spoken addresses say the dot: "at example dot com".
_MAILBOX = re.compile(rf"\b(?:{_HOSTS.replace(' ', r'(?: [a-z]+)? ')})$")
_SSN_DIGITS = 9
_NO_TAXPAYER = 50
"""Taxpayer numbers have at least this in their middle."""
_IBAN_HEAD = 4
"""Country and check digits."""
_FEWEST_IBAN = 15


def holds_invented(manifest: Any) -> bool:
    """Return whether a dataset's manifest says that values in it are invented.

    Args:
        manifest: Its path, local or in a bucket; where there is none, or something else, nothing is said.
    """
    if not manifest.is_file():
        return False
    try:
        return bool(Manifest.from_json(manifest.read_bytes()).details.get("replacement") == "surrogate")
    except ValueError:
        return False


def may_be_invented(entity: str, value: str) -> bool:
    """Return whether a value in a dataset with invented values can be one of those.

    Many kinds have marks of what is invented: domains, networks and issuers
    that nobody has. A name can be one if a word of it is on the lists that names
    are invented from; phone numbers, addresses, dates and codes always can.

    Args:
        entity: What a detector takes it for.
        value: As it stands in the text.
    """
    look = _LOOKS.get(entity)
    return look is None or look(value)


def _never(_value: str) -> bool:
    return False


def _name(value: str) -> bool:
    found = [canonical(word) for word in _WORD.findall(value)]
    telling = [word for word in found if word not in kept_words()]
    return not telling or not _names().isdisjoint(telling)


@cache
def _names() -> frozenset[str]:
    sections = ("female", "male", "family")
    pools = [pool(region, section) for region in REGIONS for section in sections]
    pools += [pool(region, "family", "family_endings_female") for region in ("slavic", "cyrillic")]
    pools.append(pool("neutral", "neutral"))
    return frozenset(canonical(spelling) for names in pools for name in names for spelling in (name, latin(name)))


def _mailbox(value: str) -> bool:
    return _MAILBOX.search(_spaced(value)) is not None


def _link(value: str) -> bool:
    return _LINK.match(_spaced(value)) is not None


def _spaced(value: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", value.lower()))


def _card(value: str) -> bool:
    digits = digits_of(value)
    return len(digits) < FEWEST_CARD_DIGITS or digits.startswith(NO_ISSUER)


def _iban(value: str) -> bool:
    whole = compact(value)
    return len(whole) < _FEWEST_IBAN or set(whole[_IBAN_HEAD : _IBAN_HEAD + BANK_CHARS]) <= {"0", "X"}


def _ssn(value: str) -> bool:
    digits = digits_of(value)
    return len(digits) != _SSN_DIGITS or (digits[0] == "9" and int(digits[3:5]) < _NO_TAXPAYER)


def _address(value: str) -> bool:
    try:
        address = ipaddress.ip_address(value.split("/")[0].strip("[]"))
    except ValueError:
        return False
    return any(address in network for network in NETWORKS)


def _mac(value: str) -> bool:
    return compact(value).lower().startswith(MAC_START)


def _place(value: str) -> bool:
    return _COORDINATES.search(value) is None


_LOOKS: Mapping[str, Callable[[str], bool]] = {
    "PERSON": _name,
    "LOCATION": _place,
    "EMAIL_ADDRESS": _mailbox,
    "URL": _link,
    "CREDIT_CARD": _card,
    "IBAN_CODE": _iban,
    "US_SSN": _ssn,
    "IP_ADDRESS": _address,
    "MAC_ADDRESS": _mac,
    # Invented ages are lower ones, which no recognizer takes for personal.
    "AGE": _never,
    # Placeholders stand for these, always.
    "API_KEY": _never,
    "PASSWORD": _never,
    "CRYPTO": _never,
}
