"""What is whole of an answer that is not: the complete items of a list that was cut off, wrapped in talk, or spoilt."""

import json
import re
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from harness.models.interface import OutputT

_DECODER = json.JSONDecoder()
_RESYNCS = 50
"""How often the next item is looked for after one that does not parse."""


def salvaged(text: str, output: type[OutputT], name: str) -> OutputT | None:
    """Return an ``output`` of the items that did arrive whole and fit; None if there is none.

    Args:
        text: The answer: a tool's arguments, or talk with JSON in it, fenced or not, whole or cut.
        output: The asked-for form; its other fields need defaults.
        name: The field that holds the list.
    """
    kept = []
    for item in _whole_items(text, name):
        try:
            kept += getattr(output.model_validate_json(json.dumps({name: [item]})), name)
        except ValidationError:
            continue
    return output.model_validate({name: kept}) if kept else None


def _whole_items(text: str, name: str) -> Iterator[Any]:
    """Yield the list's items that parse, up to its end or the text's."""
    # Some models answer with the bare list.
    start = re.search(rf'"{re.escape(name)}"\s*:\s*\[', text) or re.search(r"\[(?=\s*[\[{])", text)
    if start is None:
        return
    place = start.end()
    resyncs = 0
    while True:
        place += len(text[place:]) - len(text[place:].lstrip(", \t\r\n"))
        if place >= len(text) or text[place] == "]":
            return
        try:
            item, place = _DECODER.raw_decode(text, place)
        except json.JSONDecodeError:
            resyncs += 1
            place = text.find("{", place + 1)
            if place < 0 or resyncs > _RESYNCS:
                return
        else:
            yield item
