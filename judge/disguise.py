"""Sees copied text through changes of case, spacing, punctuation, accents, look-alike letters and simple encodings."""

import base64
import binascii
import html
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from string import ascii_lowercase
from urllib.parse import unquote

_LOOK_ALIKES = str.maketrans("аеорсухіѕјһԁԛԝѵкмтвнαορεικντυχηβμ", "aeopcyxisjhdqwvkmtbhaopeikvtuxhbm")
"""Cyrillic and Greek letters that pass for Latin ones, in lower case as ``casefold`` leaves them."""
_LOWER = bytes(range(256)).lower()
_SIGNS = bytes(code for code in range(128) if not chr(code).isalnum())
_LEET = str.maketrans("0143l57", "oiaeist")
_ROT13 = str.maketrans(ascii_lowercase, ascii_lowercase[13:] + ascii_lowercase[:13])
_NO_LETTER = re.compile(r"[\W_]+")
_WORD = re.compile(r"\S+")
_ESCAPE = re.compile(
    r"&(?:#\d{2,6}|#x[0-9A-Fa-f]{2,5}|[a-z]{2,8});|(?:%[0-9A-Fa-f]{2})+|\\u[0-9A-Fa-f]{4}|</?[A-Za-z][^<>]{0,80}>"
)
_ENCODED = {
    "base64": re.compile(r"[A-Za-z0-9+/_-]{16,}(?:\s?[A-Za-z0-9+/_-]{8,})*={0,2}"),
    "base32": re.compile(r"\b[A-Z2-7]{16,}(?:\s?[A-Z2-7]{8,})*=*"),
    "hex": re.compile(r"(?<![0-9A-Za-z])(?:(?:0x|\\x)?[0-9A-Fa-f]{2}[\s:,]{0,2}){8,}"),
    "character codes": re.compile(r"(?<![\w.])(?:\d{2,5}[\s,]{1,2}){7,}\d{2,5}(?![\w.])"),
    "binary": re.compile(r"(?<!\w)(?:[01]{8}\s?){8,}"),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a text: as it stands, rearranged, or decoded."""

    how: str
    """Empty as it stands, else ``base64``, ``rot13``, ``reversed`` …"""
    text: str
    """The skeleton of what is read."""
    source: str
    """The text that is read, or the encoded passage of it."""
    order: Callable[[], list[int]] | None = field(default=None, repr=False)
    """Makes the places in the source of the skeleton's characters; None where they have no places of their own."""

    def passage(self, start: int, end: int) -> str:
        """Return the words of the source behind ``text[start:end]``; all of an encoded passage."""
        if self.order is None:
            return self.source
        found = self.order()[start:end]
        first, last = min(found), max(found) + 1
        while first > 0 and self.source[first - 1].isalnum():
            first -= 1
        while last < len(self.source) and self.source[last].isalnum():
            last += 1
        return self.source[first:last]


@lru_cache(maxsize=2048)
def squash(text: str) -> str:
    """Return the letters and digits of a text, in lower case, without accents, and in Latin where they look it."""
    return _squashed(text)


@lru_cache(maxsize=2048)
def skeleton(text: str) -> str:
    """Return the squashed text with the digits that stand for letters as those letters (``p0rt3r``)."""
    return squash(text).translate(_LEET)


def places(text: str) -> list[int]:
    """Return, for each character of ``squash(text)`` and of its skeleton, its place in the text."""
    return [place for place, character in enumerate(text) for _ in _squashed(character)]


@lru_cache(maxsize=16)
def readings(text: str) -> tuple[Reading, ...]:
    """Return every way to read a text: as it stands, rearranged, rot13, unescaped, and what encoded parts hold."""
    return tuple(_readings(text))


def _squashed(text: str) -> str:
    if text.isascii():
        return text.encode("ascii").translate(_LOWER, _SIGNS).decode("ascii")
    folded = unicodedata.normalize("NFKD", text).casefold()
    return _NO_LETTER.sub("", folded).translate(_LOOK_ALIKES)


def _readings(text: str) -> Iterator[Reading]:
    plain = skeleton(text)
    yield Reading("", plain, text, lambda: places(text))
    yield Reading("reversed", plain[::-1], text, lambda: places(text)[::-1])
    yield Reading("rot13", squash(text).translate(_ROT13).translate(_LEET), text, lambda: places(text))
    parts = text.split()
    if len(parts) > 1:
        backwards = skeleton(" ".join(reversed(parts)))
        yield Reading("in reverse order", backwards, text, lambda: _order_backwards(text))
        yield Reading("reversed word by word", backwards[::-1], text, lambda: _order_backwards(text)[::-1])
    if any(sign in text for sign in "&%\\<") and _ESCAPE.search(text):
        yield _unescaped(text)
    for how, pattern in _ENCODED.items():
        for match in pattern.finditer(text):
            if decoded := _decoded(how, match[0]):
                yield Reading(how, skeleton(decoded), match[0])


def _order_backwards(text: str) -> list[int]:
    """Return the places of the skeleton's characters where the words come in reverse order."""
    spans = [match.span() for match in _WORD.finditer(text)]
    return [start + place for start, end in reversed(spans) for place in places(text[start:end])]


def _unescaped(text: str) -> Reading:
    """Read what a browser would show: escapes resolved, tags left out."""
    shown: list[str] = []
    sources: list[int] = []
    done = 0
    for match in _ESCAPE.finditer(text):
        piece = _resolved(match[0])
        shown += (text[done : match.start()], piece)
        sources += [*range(done, match.start()), *[match.start()] * len(piece)]
        done = match.end()
    shown.append(text[done:])
    sources += range(done, len(text))
    read = "".join(shown)
    return Reading("escaped", skeleton(read), text, lambda: [sources[place] for place in places(read)])


def _resolved(escape: str) -> str:
    if escape.startswith("<"):
        return ""
    if escape.startswith("%"):
        return unquote(escape)
    return chr(int(escape[2:], 16)) if escape.startswith("\\") else html.unescape(escape)


def _decoded(how: str, passage: str) -> str:
    """Return what an encoded passage says; nothing where it is no text, as with identifiers and hashes.

    A word beside the encoded text may look as if it belonged to it, so its chunks are tried alone as well.
    """
    if text := _readable(_bytes_of(how, passage)):
        return text
    chunks = passage.split() if how in ("base64", "base32") else []
    return next((text for chunk in chunks if (text := _readable(_bytes_of(how, chunk)))), "")


def _bytes_of(how: str, passage: str) -> bytes:
    compact = re.sub(r"\s", "", passage)
    try:
        match how:
            case "base64":
                bare = compact.rstrip("=").replace("-", "+").replace("_", "/")
                return base64.b64decode(bare + "=" * (-len(bare) % 4))
            case "base32":
                bare = compact.rstrip("=")
                return base64.b32decode(bare + "=" * (-len(bare) % 8))
            case "hex":
                return bytes.fromhex(re.sub(r"0x|\\x|[:,]", "", compact))
            case "binary":
                return bytes(int(compact[i : i + 8], 2) for i in range(0, len(compact), 8))
            case _:
                codes = [int(code) for code in re.findall(r"\d+", passage)]
                return bytes(codes) if max(codes) < 256 else "".join(map(chr, codes)).encode()
    except (binascii.Error, ValueError):
        return b""


def _readable(data: bytes) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    return text if text.isprintable() or "\n" in text else ""
