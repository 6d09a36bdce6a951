"""Invented e-mail addresses, user names and web addresses, in domains that are kept for examples (RFC 2606)."""

import re

from harness.pii.surrogates.keyed import Seed
from harness.pii.surrogates.names import Spelled, fake_word

_AT = re.compile(r"(?i)\s*[\[({<]\s*(?:at|@|arroba|ät)\s*[\])}>]\s*|\s*@\s*|\s+(?:at|arroba|chiocciola|arobase|ät)\s+")
_DOT = re.compile(
    r"(?i)\s*[\[({<]\s*(?:dot|punkt|punto|ponto|point|\.)\s*[\])}>]\s*|\s*\.\s*|\s+(?:dot|punkt|punto|ponto|point)\s+"
)
_SPOKEN = frozenset(
    ("dot", "underscore", "dash", "hyphen", "minus", "punkt", "punto", "ponto", "point", "guion", "all", "one", "word")
)
"""Words with which an address is read out; they stay."""
_PART = re.compile(r"[^\W\d_]+|\d+")
DOMAINS = ("example com", "example org", "example net", "post test", "mailbox test", "letters invalid")
"""The first three while they can be used: their words may stand in the value already."""
_USUAL = 3
_URL = re.compile(r"(?i)(https?://|ftp://|www\.)?")
KEPT = frozenset(("http", "https", "ftp", "www")) | _SPOKEN


def fake_email(value: str, seed: Seed, spelled: Spelled) -> str | None:
    """Return an invented mailbox in the form of ``value``, also where it is spoken; its names are those of the person."""
    at = _AT.search(value)
    if at is None:
        return None
    local = _local(value[: at.start()], seed, spelled)
    domain = _domain(value[at.end() :], seed)
    return None if local is None else f"{local}{at[0]}{domain}"


def fake_username(value: str, seed: Seed, spelled: Spelled) -> str | None:
    """Return an invented user name in the form of ``value``."""
    return None if " " in value.strip() else _local(value, seed, spelled)


def fake_url(value: str, seed: Seed) -> str:
    """Return an address at an example domain; another path gives another one."""
    start = _URL.match(value)
    domain = _of_domains(value, seed).replace(" ", ".")
    draws = seed.draws("url", value)
    path = "".join(draws.one_of("abcdefghkmnpqrstuvwxyz23456789") for _ in range(8))
    return f"{start[0].lower() if start else ''}{domain}/{path}"


def _local(text: str, seed: Seed, spelled: Spelled) -> str | None:
    pieces: list[str] = []
    reached = 0
    for part in _PART.finditer(text):
        fake = part[0] if part[0].lower() in _SPOKEN else fake_word(part[0], seed, spelled)
        if fake is None:
            return None
        pieces += (text[reached : part.start()], fake)
        reached = part.end()
    return "".join((*pieces, text[reached:])) if pieces else None


def _domain(text: str, seed: Seed) -> str:
    dot = _DOT.search(text)
    fake = _of_domains(text, seed).replace(" ", dot[0] if dot else ".")
    return fake.upper() if text.isupper() else fake


def _of_domains(text: str, seed: Seed) -> str:
    usable = [domain for domain in DOMAINS if all(seed.allows(word) for word in domain.split())]
    usual = [domain for domain in usable if domain in DOMAINS[:_USUAL]] or usable or list(DOMAINS[-1:])
    return seed.draws("domain", text.strip().lower()).one_of(tuple(usual))
