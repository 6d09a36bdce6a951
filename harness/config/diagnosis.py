"""What is wrong with a configuration, in words a person can act on."""

import difflib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError


def explain(error: ValidationError, path: Path | None, text: str, root: type[BaseModel]) -> str:
    """Return one line per problem: file, line, key, what was found and what is allowed.

    Args:
        error: What pydantic found.
        path: The file; None when the values did not come from one.
        text: The file's text, to find lines in.
        root: The model that was validated, to find the nearest valid key.
    """
    return "\n".join(_one(problem, path, text, root) for problem in error.errors(include_url=False))


def _one(problem: Any, path: Path | None, text: str, root: type[BaseModel]) -> str:
    keys = [str(key) for key in problem["loc"]]
    line = line_of(text, keys)
    place = f"{path}, line {line}: " if path and line else f"{path}: " if path else ""
    dotted = ".".join(keys)
    if problem["type"] == "extra_forbidden":
        valid = _valid_keys(root, keys[:-1])
        near = difflib.get_close_matches(keys[-1], valid, n=1, cutoff=0.5)
        advice = f"did you mean '{near[0]}'?" if near else f"valid keys: {', '.join(sorted(valid))}"
        return f"{place}unknown key '{dotted}'; {advice}"
    observed = problem.get("input")
    shown = f" (found {observed!r})" if isinstance(observed, int | float | bool) else ""
    return f"{place}'{dotted}': {problem['msg'].removeprefix('Value error, ')}{shown}"


def line_of(text: str, keys: Sequence[str]) -> int | None:
    """Return the line, from 1, where a dotted key stands in TOML text; None where it is not found.

    A line scanner, because no TOML library gives positions: it follows table headers and takes the
    first line that assigns the key in its table, else the table's header.
    """
    table: list[str] = []
    header: int | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        if match := re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", line):
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
