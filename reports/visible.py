"""Text from outside made safe to look at: nothing in it hides, reverses or breaks what surrounds it."""

import itertools
import re

INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U000e0000-\U000e0fff]+"
)
"""Control, bidirectional, zero-width, tag and filler characters. Tab and newline are layout; U+FE0E and U+FE0F choose
between the two drawings of an emoji and hide nothing."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_MAX_NAMED = 6


def scrub(text: str) -> str:
    """Return text that every encoder accepts: lone surrogates replaced, line ends as newlines."""
    return _SURROGATE.sub("\ufffd", text).replace("\r\n", "\n")


def chip(invisible: str) -> str:
    """Return what stands for a run of invisible characters, such as ``U+202E`` or ``U+200B×40``."""
    runs = [(ord(c), len(list(same))) for c, same in itertools.groupby(invisible)]
    named = [f"U+{code:04X}" + (f"×{count}" if count > 1 else "") for code, count in runs[:_MAX_NAMED]]
    rest = sum(count for _, count in runs[_MAX_NAMED:])
    return " ".join(named) + (f" +{rest}" if rest else "")


def visible(text: str) -> str:
    """Return text for plain-text formats, in which invisible characters are spelled out."""
    return INVISIBLE.sub(lambda match: f"‹{chip(match[0])}›", scrub(text))


def one_line(text: str, limit: int) -> str:
    """Return the visible text on one line of at most ``limit`` characters."""
    # Only a little more than the limit can ever show; a giant token is not worth its whole length.
    flat = " ".join(visible(text[: limit * 8]).split())
    return flat if len(flat) <= limit else flat[: limit - 1].rstrip() + "…"
