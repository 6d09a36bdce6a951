"""Sees copied text through changes of case, spacing, punctuation, accents and simple encodings."""

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from string import ascii_lowercase

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}(?:\s?[A-Za-z0-9+/_-]{8,})*={0,2}")
_NO_LETTER = re.compile(r"[^a-z0-9]+")
_ROT13 = str.maketrans(ascii_lowercase, ascii_lowercase[13:] + ascii_lowercase[:13])
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}[\s:]?){16,}")


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a text: as it stands, or decoded."""

    how: str
    """Empty as it stands, else ``base64``, ``rot13`` …"""
    text: str
    """Letters and digits of what is read."""
    source: str
    """The text that is read, or the encoded passage of it."""

    def passage(self, start: int, end: int) -> str:
        """Return the words of the source behind ``text[start:end]``; all of an encoded passage."""
        if self.how in ("base64", "hex"):
            return self.source
        if self.how == "reversed":
            start, end = len(self.text) - end, len(self.text) - start
        found = places(self.source)
        first, last = found[start], found[end - 1] + 1
        while first > 0 and self.source[first - 1].isalnum():
            first -= 1
        while last < len(self.source) and self.source[last].isalnum():
            last += 1
        return self.source[first:last]


@lru_cache(maxsize=2048)
def squash(text: str) -> str:
    """Return the letters and digits of a text, in lower case and without accents."""
    if text.isascii():
        return _NO_LETTER.sub("", text.lower())
    return "".join(_folded(character) for character in text)


def places(text: str) -> list[int]:
    """Return, for each character of ``squash(text)``, its place in the text."""
    return [place for place, character in enumerate(text) for _ in _folded(character)]


def readings(text: str) -> Iterator[Reading]:
    """Yield every way to read a text: as it stands, backwards, rot13, and what base64 or hex in it decodes to."""
    squashed = squash(text)
    yield Reading("", squashed, text)
    yield Reading("reversed", squashed[::-1], text)
    yield Reading("rot13", squashed.translate(_ROT13), text)
    for how, pattern, decode in (("base64", _BASE64, _from_base64), ("hex", _HEX, _from_hex)):
        for match in pattern.finditer(text):
            decoded = decode(match[0])
            if decoded:
                yield Reading(how, squash(decoded), match[0])


def _folded(character: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", character).casefold() if c.isalnum())


def _from_base64(text: str) -> str:
    compact = re.sub(r"\s", "", text).rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return _readable(base64.b64decode(compact + "=" * (-len(compact) % 4)))
    except (binascii.Error, ValueError):
        return ""


def _from_hex(text: str) -> str:
    try:
        return _readable(bytes.fromhex(re.sub(r"[\s:]", "", text)))
    except ValueError:
        return ""


def _readable(data: bytes) -> str:
    """Return bytes as text; nothing where they are no text, as with identifiers and hashes."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    return text if text.isprintable() or "\n" in text else ""
