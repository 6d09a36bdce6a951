"""What is wrong with a configuration, in words a person can act on."""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

_KINDS = {
    "list_type": 'a list, such as ["one", "two"]',
    "string_type": "text in quotes",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "finite_number": "a finite number",
}
"""What pydantic's types of errors ask for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where the values of a configuration came from; what comes later here wins over what comes before."""

    path: Path | None = None
    """The file; None where there is none."""
    text: str = ""
    """The file's text, to find lines in."""
    environment: Mapping[str, Any] = field(default_factory=dict)
    """Values of environment variables, as nested tables."""
    flags: Mapping[str, Any] = field(default_factory=dict)
    """Values of the command line, as nested tables."""

    def place(self, keys: Sequence[str]) -> str:
        """Return where a dotted key's value stands, ending in ``": "``; empty where that is unknown."""
        if _holds(self.flags, keys):
            return "command line: "
        if _holds(self.environment, keys):
            return f"environment variable {'REVERSE_RAG_' + '__'.join(keys).upper()}: "
        if self.path is None:
            return ""
        line = line_of(self.text, keys)
        return f"{self.path}, line {line}: " if line else f"{self.path}: "


def explain(error: ValidationError, sources: Sources, root: type[BaseModel], *, table: Sequence[str] = ()) -> str:
    """Return one line per problem: where, which key, what was found and what is allowed.

    Args:
        error: What pydantic found.
        sources: Where the values came from.
        root: The model that was validated, to find the nearest valid key.
        table: The table that the validated values stand under; empty for the whole file.
    """
    # A key that takes one of several kinds has a problem for each of them: the first says what is wrong.
    lines: dict[tuple[str, ...], str] = {}
    for problem in error.errors(include_url=False):
        keys = tuple(str(key) for key in problem["loc"] if not _is_kind(key))
        lines.setdefault(keys, _one(problem, keys, sources, root, table))
    return "\n".join(lines.values())


def _is_kind(key: int | str) -> bool:
    """Return whether a part of a place is pydantic's name for one of several kinds of value, and no key."""
    return isinstance(key, str) and (key in {"str", "int", "float", "bool"} or key.endswith("]"))


def _one(problem: Any, keys: Sequence[str], sources: Sources, root: type[BaseModel], table: Sequence[str]) -> str:
    place = sources.place([*table, *keys])
    dotted = ".".join([*table, *keys])
    if problem["type"] == "extra_forbidden":
        valid = _valid_keys(root, keys[:-1])
        near = difflib.get_close_matches(keys[-1], valid, n=1, cutoff=0.5)
        advice = f"did you mean '{near[0]}'?" if near else f"valid keys: {', '.join(sorted(valid))}"
        return f"{place}unknown key '{dotted}'; {advice}"
    observed = problem.get("input")
    advice = _nearest_value(problem) if problem["type"] == "literal_error" else ""
    # Text is not shown: it could be a secret in the wrong place.
    shown = f" (found {observed!r})" if isinstance(observed, int | float | bool) else ""
    return f"{place}'{dotted}': {_allowed(problem)}{shown}{advice}"


def _allowed(problem: Any) -> str:
    """Return what a value must be, in the words of a configuration file."""
    if (words := _KINDS.get(problem["type"])) is not None:
        return f"must be {words}"
    message: str = problem["msg"].removeprefix("Value error, ")
    return re.sub(r"^Input should be ", "must be ", message)


def _nearest_value(problem: Any) -> str:
    """Return a question for the allowed value that is nearest to the one found; empty where none is near."""
    allowed = re.findall(r"'([^']*)'", problem["ctx"]["expected"])
    near = difflib.get_close_matches(str(problem.get("input")), allowed, n=1, cutoff=0.5)
    return f"; did you mean '{near[0]}'?" if near else ""


def _holds(values: Any, keys: Sequence[str]) -> bool:
    for key in keys:
        if not isinstance(values, Mapping):
            # A list or text that is wrong inside: its place is the whole value's.
            return True
        if key not in values:
            return False
        values = values[key]
    return True


def line_of(text: str, keys: Sequence[str]) -> int | None:
    """Return the line, from 1, where a dotted key stands in TOML text; None where it is not found.

    A line scanner, because no TOML library gives positions: it follows table headers and takes the
    first line that assigns the key in its table, else the table's header.
    """
    table: list[str] = []
    header: int | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        if match := re.match(r"\s*\[+\s*([\w.\"' -]+?)\s*\]+\s*(#.*)?$", line):
            table = [part.strip().strip("\"'") for part in match[1].split(".")]
            header = number if table == list(keys[: len(table)]) else header
        elif match := re.match(r"\s*([\w\"'.-]+)\s*=", line):
            here = [*table, *(part.strip("\"'") for part in match[1].split("."))]
            if here == list(keys[: len(here)]) and len(here) > len(table):
                return number
    return header


def _valid_keys(root: type[BaseModel], keys: Sequence[str]) -> list[str]:
    kind: type[BaseModel] | None = root
    for key in keys:
        field = kind.model_fields.get(key) if kind else None
        if field is not None:
            kind = _model_in(field.annotation)
    return [f.alias or name for name, f in kind.model_fields.items()] if kind else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    for kind in (annotation, *get_args(annotation)):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
    return None
