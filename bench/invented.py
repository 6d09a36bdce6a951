"""Fills templates with made-up keys, tokens and passwords of their providers' real forms."""

import base64
import random
import re
import string

import orjson

_LETTERS = string.ascii_letters + string.digits
_UPPER = string.ascii_uppercase + string.digits
_HEX = "0123456789abcdef"
_WORDS = ("Trawler", "ostrich", "Kettle", "maple", "Orbit", "lantern", "Quarry", "thistle")
_ALPHABETS = {"B": _LETTERS + "+/", "U": _UPPER, "H": _HEX, "M": _LETTERS}
# Prefixes stand apart from one another so that no scanner of repositories takes this file for a leak.
_FORMS: dict[str, tuple[tuple[str, str, int], ...]] = {
    "AWS": (("AKI" + "A", string.ascii_uppercase + "234567", 16),),
    "GHP": (("gh" + "p_", _LETTERS, 36),),
    "STRIPE": (("sk_" + "live_", _LETTERS, 24),),
    "SLACK": (("xo" + "xb-", string.digits, 12), ("-", _LETTERS, 24)),
    "GOOGLE": (("AI" + "za", _LETTERS + "-_", 35),),
    "SENDGRID": (("S" + "G.", _LETTERS, 22), (".", _LETTERS, 43)),
    "OPENAI": (("sk-" + "proj-", _LETTERS, 48),),
    "NPM": (("np" + "m_", _LETTERS, 36),),
    "GLPAT": (("gl" + "pat-", _LETTERS, 20),),
    "TELEGRAM": (("", "123456789", 10), (":AA", _LETTERS, 33)),
    "TWILIO": (("A" + "C", _HEX, 32),),
}


def filled(template: str, chance: random.Random) -> str:
    """Return ``template`` with every ``{AWS}``, ``{PW}``, ``{H32}`` and the like replaced by an invented value."""
    return re.sub(r"\{([A-Z]+)(\d*)\}", lambda match: _value(match[1], int(match[2] or 0), chance), template)


def _value(kind: str, length: int, chance: random.Random) -> str:
    if kind == "JWT":
        return _token(chance)
    if kind == "PW":
        return f"{chance.choice(_WORDS)}{chance.choice('-_.%')}{_drawn(_LETTERS, 5, chance)}{chance.randrange(10, 99)}"
    if kind in _ALPHABETS:
        return _drawn(_ALPHABETS[kind], length, chance)
    return "".join(prefix + _drawn(alphabet, count, chance) for prefix, alphabet, count in _FORMS[kind])


def _token(chance: random.Random) -> str:
    header = {"alg": "HS256", "typ": "JWT"}
    payload = {"sub": str(chance.randrange(10**6)), "exp": chance.randrange(10**9, 2 * 10**9)}
    parts = (base64.urlsafe_b64encode(orjson.dumps(part)).decode().rstrip("=") for part in (header, payload))
    return ".".join([*parts, _drawn(_LETTERS, 43, chance)])


def _drawn(alphabet: str, count: int, chance: random.Random) -> str:
    return "".join(chance.choices(alphabet, k=count))
