"""The lists that tracers are drawn from, without anything that the tagger's own word lists hold."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

from harness.pii.tagger.model import shipped_model
from harness.pii.tagger.words import plain

_LISTED = ("in:given", "in:surname", "in:place")
_PART = re.compile(r"[^\W\d_]+")
_SHORTEST_TELLING = 4
"""Letters; shorter parts of a name ("Al", "van") are listed in any language."""


@cache
def sections(name: str) -> Mapping[str, tuple[str, ...]]:
    """Return the lines of a text file by the section that they stand in."""
    found: dict[str, list[str]] = {}
    for line in (files("extract.tracing") / "text" / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            lines = found.setdefault(line.strip("[]"), [])
        elif line and not line.startswith("# "):
            lines.append(line)
    return {section: tuple(lines) for section, lines in found.items()}


@cache
def ordinary_lines() -> tuple[str, ...]:
    """Return messages in which nothing is personal."""
    text = (files("extract.tracing") / "text" / "ordinary.txt").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line)


@cache
def names(kind: str) -> tuple[str, ...]:
    """Return the names of one kind (``given``, ``surnames``, ``words``) that no list of the tagger's holds."""
    return tuple(name for line in sections("names.txt")[kind] for name in line.split() if not is_listed(name))


@cache
def stems(language: str) -> tuple[str, ...]:
    """Return invented names of streets in a language."""
    return tuple(_items(sections("places.txt")[f"{language} stems"]))


@cache
def towns(language: str) -> tuple[str, ...]:
    """Return invented towns in a language."""
    return tuple(_items(sections("places.txt")[f"{language} towns"]))


def is_listed(name: str) -> bool:
    """Return whether the tagger's lists hold a part of a name: then it has seen it in training."""
    lexicon = shipped_model().lexicon
    parts = [plain(part) for part in _PART.findall(name)]
    return any(flag in _LISTED for part in parts if len(part) >= _SHORTEST_TELLING for flag in lexicon.flags(part))


def _items(lines: tuple[str, ...]) -> Iterator[str]:
    separator = "," if any("," in line for line in lines) else " "
    yield from (item.strip() for item in separator.join(lines).split(separator) if item.strip())
