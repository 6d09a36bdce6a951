"""A text as a reader sees it: no invisible characters, figures of any script as 0 … 9, no pictures between figures."""

import re
import unicodedata
from dataclasses import dataclass, replace

from harness.pii.interface import PiiSpan

_DROPPED = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u20e3\ufe00-\ufe0f\ufeff]")
_HIDING = re.compile(
    "[\u00a0\u00ad\u034f\u061c\u180e\u2000-\u200f\u2010\u2011\u202a-\u202f\u205f-\u2064\u20e3\u2212\u2460-\u2469\u24ea"
    "\u2776-\u277f\u3000\u3002\ufe00-\ufe0f\ufeff\uff01-\uff61]|(?![0-9])\\d|[0-9][\u2600-\u27bf\U0001f000-\U0001faff]"
)
"""What a text holds that is not written as it is seen; a picture counts only behind a figure."""
_FIRST_BLANK, _FIRST_RINGED, _FIRST_PICTURE = "\u0600", "\u2460", "\u2600"
_FIRST_WIDE, _BEHIND_WIDE = "\uff01", "\uffe0"
_SIGNS = {"\u2010": "-", "\u2011": "-", "\u2212": "-", "\u3002": ".", "\uff61": "."}


@dataclass(frozen=True, slots=True)
class Seen:
    """A text as it is seen, and where each of its characters stands in the text as it is written."""

    text: str
    starts: tuple[int, ...]
    """The last is where the written text ends."""

    def written(self, span: PiiSpan) -> PiiSpan:
        """Return where a value that was seen stands in the text as it is written."""
        return replace(span, start=self.starts[span.start], end=self.starts[span.end])


def seen(text: str) -> Seen | None:
    """Return a text as it is seen; None where that is how it is written.

    A card number stays one with invisible blanks, wide figures or pictures
    between its groups, but no pattern that looks for figures would find it.
    """
    if text.isascii() or not _HIDING.search(text):
        return None
    pieces: list[str] = []
    starts: list[int] = []
    for place, char in enumerate(text):
        if not _DROPPED.match(char):
            pieces.append(_plain(char))
            starts.append(place)
    return Seen("".join(pieces), (*starts, len(text)))


def _plain(char: str) -> str:
    """Return the one character that stands for a sign, a figure or a blank; other characters stay."""
    if char < _FIRST_BLANK:
        return " " if char == "\u00a0" else char
    figure = unicodedata.digit(char, None)
    if figure is not None and (char.isdecimal() or char >= _FIRST_RINGED):
        return str(figure)
    if char in _SIGNS:
        return _SIGNS[char]
    if char >= _FIRST_WIDE and char < _BEHIND_WIDE:
        plain = unicodedata.normalize("NFKC", char)
        return plain if len(plain) == 1 else char
    if char in "\u2028\u2029":
        return "\n"
    return " " if char.isspace() or (char >= _FIRST_PICTURE and unicodedata.category(char) == "So") else char
