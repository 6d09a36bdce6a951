"""Labelled texts: generated ones from the training text, and those of labelled sets."""

import json
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from harness.pii.training.noise import Style
from harness.pii.training.values import TYPES, Values

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_TEXTS = Path(__file__).parent / "text"
_BARE = (
    "{person}",
    "{person}",
    "{person}",
    "{first}",
    "{first}",
    "{last}",
    "{last}",
    "{address}",
    "{street}",
    "{city}",
    "{org}",
    "{venue}",
    "{date}",
    "{time}",
    "{id}",
    "{phone}",
    "{zip}",
    "{country}",
    "{product}",
    "{title}",
)
_AROUND = (
    "{}",
    "{}",
    "{}",
    "{}.",
    "it's {}",
    "its {}",
    "yes, {}",
    "no, {}",
    "{} please",
    "{}, please",
    "that's {}",
    "ok {}",
    "{} thanks",
    "- {}",
    "{}!",
    "i said {}",
    "just {}",
    "{} i think",
    "sure: {}",
    "{}\n",
    "um, {}",
)
_MARKED = frozenset(TYPES.values()) - {"O", "GPE", "ORGANIZATION", "DATE_TIME", "URL"}
"""The types that are marked wherever they occur in the training text; towns and brands also stand there as plain words."""
_JOINED = 0.12
_BARE_SHARE = 0.1
_PLAIN_SHARE = 0.07
_FOREIGN_SHARE = 0.3
_FEWEST_RARE = 3


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text with what is personal in it."""

    text: str
    spans: tuple[tuple[int, int, str], ...]
    """Start, end (exclusive), type."""
    annotated: frozenset[str] | None = None
    """The types that were marked where they occur; None: all. What is not marked may still be there."""
    source: str = "generated"


@cache
def templates() -> tuple[str, ...]:
    """Return the lines of the training text, each a message with placeholders."""
    lines = (line for path in sorted(_TEXTS.glob("*.txt")) for line in path.read_text("utf-8").splitlines())
    return tuple(line.replace("\\n", "\n") for line in lines if line.strip())


def generated(count: int, *, seed: int, lines: Sequence[str] | None = None) -> Iterator[Labelled]:
    """Yield generated texts; the same seed gives the same ones.

    Args:
        count: How many.
        seed: Of all random choices.
        lines: Templates to use instead of all.
    """
    dice = random.Random(seed)
    values, lines = Values(dice), lines or templates()
    for _ in range(count):
        yield from restyle([_filled(_template(lines, dice), values, dice)], dice)


def read_set(path: Path) -> Iterator[Labelled]:
    """Yield the rows of a labelled set: JSON lines with text, spans (start, end, type) and optionally annotated."""
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        spans = tuple((s["start"], s["end"], s["type"]) for s in row["spans"])
        marked = row.get("annotated")
        ignored = tuple((s["start"], s["end"], "IGNORED") for s in row.get("ignore", ()))
        yield Labelled(
            row["text"],
            (*spans, *ignored),
            frozenset(marked) if marked is not None else None,
            row.get("source", path.stem),
        )


def restyle(rows: Iterable[Labelled], dice: random.Random) -> Iterator[Labelled]:
    """Yield rows in other casings and with slips, so that a small set says more."""
    for row in rows:
        typed, spans = Style.draw(dice).apply(row.text, row.spans, dice)
        yield replace(row, text=typed, spans=spans)


def _template(lines: Sequence[str], dice: random.Random) -> str:
    draw = dice.random()
    if draw < _BARE_SHARE:
        return dice.choice(_AROUND).format(dice.choice(_BARE))
    if draw < _BARE_SHARE + _PLAIN_SHARE:
        return dice.choice(_AROUND).format(_plain(dice))
    if draw < _BARE_SHARE + _PLAIN_SHARE + _JOINED:
        return dice.choice((" ", " ", ". ", "\n", " - ")).join((dice.choice(lines), dice.choice(lines)))
    return dice.choice(lines)


def _plain(dice: random.Random) -> str:
    """Return placeholders for a few ordinary words and numbers, in no order that means anything.

    One or two words are frequent ones: a rare word that stands alone looks like a name to everybody.
    """
    if dice.random() < _FOREIGN_SHARE:
        return dice.choice(
            ("{foreign}", "{foreign}", "{foreign} {number}", "{number} {foreign}", "{foreign} {quantity}")
        )
    count = dice.randint(1, 5)
    word = "{word}" if count < _FEWEST_RARE else "{term}"
    return " ".join(dice.choices((word, "{number}", "{quantity}", "{code}"), (14, 2, 2, 1))[0] for _ in range(count))


def _filled(template: str, values: Values, dice: random.Random) -> Labelled:
    region = values.region()
    parts: list[str] = []
    spans: list[tuple[int, int, str]] = []
    length = 0
    end = 0
    for match in _PLACEHOLDER.finditer(template):
        if match[1] not in TYPES:
            continue
        if dice.random() < 0.3:
            region = values.region()
        value = values.make(match[1], region)
        before = template[end : match.start()]
        start = length + len(before)
        parts += [before, value]
        length = start + len(value)
        end = match.end()
        if TYPES[match[1]] != "O":
            spans.append((start, length, TYPES[match[1]]))
    return Labelled("".join([*parts, template[end:]]), tuple(spans), _MARKED)
