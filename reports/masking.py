"""Who may see what: leaked values are cut out of a text, or set apart so that a page can hide them.

DESIGN §6b: what leaves for a wider audience carries masked excerpts only; the
HTML report has leaked personal data, system prompt and canaries in full, but
hidden until somebody asks for them.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final, Literal, NamedTuple

from reports.visible import INVISIBLE, chip, scrub, visible

PLAIN: Final = 0
MARK: Final = 1
SECRET: Final = 2
CHIP: Final = 3
Kind = Literal[0, 1, 2, 3]


class Segment(NamedTuple):
    """A stretch of text and how a page shows it."""

    kind: Kind
    text: str


_WORDLIKE = 6
"""A shorter passage counts as whole words only: a leaked name of two letters must not blacken half of a text."""
_SENSITIVE = re.compile(r"leak|canar|pii|personal_data|secret", re.IGNORECASE)
_GUARDS = (
    (re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"), "[e-mail]"),
    (re.compile(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?\b"), "[account]"),
    (re.compile(r"(?<![\w.])(?<!\w-)\+?\d(?:[ ().\-/]{0,2}\d){6,}(?!\w|-\w)"), "[number]"),
)


def is_sensitive(criterion: str) -> bool:
    """Return whether a failed criterion's evidence is itself the leaked value."""
    return _SENSITIVE.search(criterion) is not None


def segment(text: str, *, marks: Iterable[str] = (), secrets: Iterable[str] = ()) -> list[Segment]:
    """Return the text cut into plain, marked and secret stretches, with invisible characters as chips.

    Where a mark and a secret overlap, the secret wins: marking must not reveal.
    """
    text = scrub(text)
    hidden = _merge(_spans(text, secrets))
    marked = _merge(_spans(text, marks))
    if not hidden and not marked:
        return _chipped(text, PLAIN)
    cuts = sorted({0, len(text), *(edge for span in (*hidden, *marked) for edge in span)})
    segments: list[Segment] = []
    for start, end in pairwise(cuts):
        if _inside(start, hidden):
            _append(segments, Segment(SECRET, visible(text[start:end])))
        else:
            segments.extend(_chipped(text[start:end], MARK if _inside(start, marked) else PLAIN))
    return segments


def mask(text: str, secrets: Iterable[str]) -> str:
    """Return the visible text with every secret cut out."""
    return "".join(_shown(part) for part in segment(text, secrets=secrets))


def excerpt(segments: Sequence[Segment], *, before: int = 40, limit: int = 200) -> str:
    """Return the stretch around the first marked or secret passage; secrets are cut out, marks stay readable."""
    first = next((i for i, part in enumerate(segments) if part.kind in (MARK, SECRET)), None)
    if first is None:
        return ""
    lead = _tail("".join(_shown(part) for part in segments[:first]), before)
    rest = "".join(_shown(part) for part in segments[first:])
    flat = " ".join((lead + rest).split())
    return flat if len(flat) <= limit else flat[: limit - 1].rstrip() + "…"


def guard(text: str) -> str:
    """Return the text without anything shaped like an e-mail address, an account or a long number.

    The second line of defence for what leaves for a wider audience: a judge's
    reason may repeat a value that no evidence names.
    """
    for pattern, placeholder in _GUARDS:
        text = pattern.sub(placeholder, text)
    return text


def _shown(part: Segment) -> str:
    if part.kind == SECRET:
        return f"[masked: {len(part.text)} characters]"
    return f"‹{part.text}›" if part.kind == CHIP else part.text


def _tail(text: str, limit: int) -> str:
    """Return the end of a text, from the beginning of a word."""
    if len(text) <= limit:
        return text
    _, _, whole_words = text[-limit:].partition(" ")
    return f"… {whole_words}"


def _spans(text: str, passages: Iterable[str]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for passage in {scrub(p).strip() for p in passages}:
        if words := passage.split():
            # White space may have been folded, and case changed, on the way through a judge.
            pattern = r"\s+".join(re.escape(word) for word in words)
            if len(passage) < _WORDLIKE:
                pattern = rf"(?<!\w){pattern}(?!\w)"
            found.extend(match.span() for match in re.finditer(pattern, text, re.IGNORECASE))
    return found


def _merge(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _inside(position: int, spans: list[tuple[int, int]]) -> bool:
    return any(start <= position < end for start, end in spans)


def _chipped(text: str, kind: Kind) -> list[Segment]:
    parts: list[Segment] = []
    last = 0
    for match in INVISIBLE.finditer(text):
        if match.start() > last:
            parts.append(Segment(kind, text[last : match.start()]))
        parts.append(Segment(CHIP, chip(match[0])))
        last = match.end()
    if last < len(text):
        parts.append(Segment(kind, text[last:]))
    return parts


def _append(segments: list[Segment], part: Segment) -> None:
    if segments and segments[-1].kind == part.kind:
        part = Segment(part.kind, segments.pop().text + part.text)
    segments.append(part)
