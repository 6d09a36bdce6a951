"""The part of an answer in which a sentence more makes sense: all of it, or one text within JSON or beside code."""

import json
from dataclasses import dataclass

import orjson

from judge.json_text import looks_like_json, read_json, texts_in

_FENCE = "```"
_LEAST_WORDS = 5
"""Of a part: less is a value or a label, and no prose."""


@dataclass(frozen=True, slots=True)
class Prose:
    """Prose and what stands around it."""

    before: str
    text: str
    after: str
    is_json: bool = False
    """Whether it is a JSON string, between its quotation marks."""

    @property
    def is_whole(self) -> bool:
        """Whether the answer is nothing but prose."""
        return not (self.before or self.after)

    def answer_with(self, text: str) -> str:
        """Return the answer with another text in the prose's place."""
        return f"{self.before}{json.dumps(text, ensure_ascii=False)[1:-1] if self.is_json else text}{self.after}"


def prose_in(text: str) -> Prose | None:
    """Return the prose of an answer; None where there is none that can be replaced."""
    if looks_like_json(text):
        return _in_json(text)
    if _FENCE in text:
        return _beside_code(text)
    return Prose("", text, "") if text.strip() else None


def _in_json(text: str) -> Prose | None:
    """Return the longest string of a JSON text, as it is spelled there."""
    try:
        found = max(texts_in(read_json(text)), key=len, default="")
    except ValueError:
        return None
    for spelled in (orjson.dumps(found).decode(), json.dumps(found)):
        before, quoted, after = text.partition(spelled)
        if quoted and _is_told(found):
            return Prose(f'{before}"', found, f'"{after}', is_json=True)
    return None


def _beside_code(text: str) -> Prose | None:
    """Return what stands before the first block of code, or else after the last."""
    first, last = text.index(_FENCE), text.rindex(_FENCE) + len(_FENCE)
    if _is_told(text[:first]):
        return Prose("", text[:first].rstrip(), text[len(text[:first].rstrip()) :])
    if text.count(_FENCE) % 2 == 0 and _is_told(text[last:]):
        return Prose(text[:last] + "\n", text[last:].lstrip(), "")
    return None


def _is_told(text: str) -> bool:
    return len(text.split()) >= _LEAST_WORDS
