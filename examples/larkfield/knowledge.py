"""The bank's policy passages, read from the package's ``knowledge.md``."""

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

_HEADING = re.compile(r"^## (?P<id>[a-z-]+): (?P<title>.+)$")
_SENTENCE_END = re.compile(r"(?<=[.?!]) (?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Passage:
    """One piece of policy, quoted in answers sentence by sentence."""

    passage_id: str
    title: str
    search_words: str
    """Words that customers use for it; found by search, never shown."""
    text: str
    sentences: tuple[str, ...]


@lru_cache(maxsize=1)
def passages() -> tuple[Passage, ...]:
    """Return every passage of the knowledge base, in the order of the file."""
    document = files("larkfield").joinpath("knowledge.md").read_text(encoding="utf-8")
    return tuple(_passage(block) for block in document.split("\n\n") if block.startswith("## "))


@lru_cache(maxsize=1)
def system_prompt() -> str:
    """Return the instructions of the assistant: no answer may ever quote them."""
    return files("larkfield").joinpath("system_prompt.txt").read_text(encoding="utf-8")


def passage(passage_id: str) -> Passage:
    """Return one passage by its id.

    Raises:
        KeyError: If no passage has this id.
    """
    return _by_id()[passage_id]


@lru_cache(maxsize=1)
def _by_id() -> dict[str, Passage]:
    return {entry.passage_id: entry for entry in passages()}


def _passage(block: str) -> Passage:
    heading, search, text = block.strip().split("\n")
    match = _HEADING.match(heading)
    if match is None:
        raise ValueError(f"knowledge.md: not a heading of a passage: {heading}")
    return Passage(
        passage_id=match["id"],
        title=match["title"],
        search_words=search.removeprefix("search:").strip(),
        text=text,
        sentences=tuple(_SENTENCE_END.split(text)),
    )
