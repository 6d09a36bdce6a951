"""Sees copied text through changes of case, spacing, punctuation, accents and simple encodings."""

import base64
import binascii
import codecs
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}(?:\s?[A-Za-z0-9+/_-]{8,})*={0,2}")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}[\s:]?){16,}")


@dataclass(frozen=True, slots=True)
class Squashed:
    """A text reduced to its letters and digits, with the way back."""

    text: str
    places: tuple[int, ...]
    """Index in the original text of each character of ``text``."""
    original: str

    def passage(self, start: int, end: int) -> str:
        """Return the original passage behind ``text[start:end]``, widened to whole words."""
        ends = self.places[start], self.places[end - 1]
        first, last = min(ends), max(ends) + 1
        while first > 0 and self.original[first - 1].isalnum():
            first -= 1
        while last < len(self.original) and self.original[last].isalnum():
            last += 1
        return self.original[first:last]


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a text: as it stands, or decoded."""

    how: str
    """Empty as it stands, else ``base64``, ``rot13`` …"""
    squashed: Squashed
    whole: str | None = None
    """The encoded passage of the answer; None where single characters can be traced back."""

    def passage(self, start: int, end: int) -> str:
        """Return the words of the answer behind a part of the squashed text."""
        return self.whole if self.whole is not None else self.squashed.passage(start, end)


def squash(text: str) -> str:
    """Return the letters and digits of a text, in lower case and without accents."""
    if text.isascii():
        return "".join(c for c in text.lower() if c.isalnum())
    folded = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in folded if c.isalnum())


def squash_with_places(text: str) -> Squashed:
    """Return the squashed text with each character's place."""
    if text.isascii():
        pairs = [(c, i) for i, c in enumerate(text.lower()) if c.isalnum()]
    else:
        pairs = [(s, i) for i, c in enumerate(text) for s in squash(c)]
    return Squashed("".join(c for c, _ in pairs), tuple(i for _, i in pairs), text)


def readings(text: str) -> Iterator[Reading]:
    """Yield every way to read a text: as it stands, backwards, rot13, and what base64 or hex in it decodes to."""
    plain = squash_with_places(text)
    yield Reading("", plain)
    yield Reading("reversed", Squashed(plain.text[::-1], plain.places[::-1], text))
    yield Reading("rot13", Squashed(codecs.encode(plain.text, "rot13"), plain.places, text))
    for how, pattern, decode in (("base64", _BASE64, _from_base64), ("hex", _HEX, _from_hex)):
        for match in pattern.finditer(text):
            decoded = decode(match[0])
            if decoded:
                yield Reading(how, squash_with_places(decoded), whole=match[0])


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
