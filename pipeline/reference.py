"""Writes the configuration's reference page and JSON Schema from the configuration's own definitions.

Run ``python -m pipeline.reference docs/reference``; a test fails when they are out of date.
"""

import sys
from pathlib import Path
from typing import Any

import orjson

from harness.config import Settings

SCHEMA_FILE = "reverse-rag.schema.json"
PAGE_FILE = "configuration.md"

_INTRODUCTION = """# `reverse-rag.toml`

Flags win over `REVERSE_RAG_SECTION__KEY` environment variables, those over the file, and the file over the defaults.
Unknown keys are errors. Secrets are only ever `${NAME}` references into the environment (or
`arn:aws:secretsmanager:…`); they are resolved where they are used and never written anywhere. Relative paths start
at the configuration file. Any tier may hold sub-tables `[tiers.NAME.judge]`, `.load`, `.slo` and `.budget` whose
keys override the file's. For completion in an editor, point it at [`reverse-rag.schema.json`](reverse-rag.schema.json).

This page is written by `python -m pipeline.reference docs/reference`.
"""


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the configuration file."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Settings.model_json_schema(by_alias=True)}


def schema_text() -> str:
    """Return the JSON Schema as the file's text."""
    return orjson.dumps(schema(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def page() -> str:
    """Return the reference page as Markdown."""
    whole = schema()
    lines = [_INTRODUCTION]
    _section(lines, whole, whole, ())
    return "\n".join(lines).rstrip() + "\n"


def _section(lines: list[str], whole: dict[str, Any], table: dict[str, Any], path: tuple[str, ...]) -> None:
    below: list[tuple[tuple[str, ...], dict[str, Any]]] = []
    rows: list[str] = []
    for key, value in table.get("properties", {}).items():
        inner = _resolved(whole, value)
        if inner.get("properties"):
            below.append(((*path, key), inner))
        elif "$ref" in str(inner.get("additionalProperties", "")):
            below.append(((*path, "NAME"), _resolved(whole, inner["additionalProperties"])))
        else:
            rows.append(f"| `{key}` | {_kind(inner)} | {_default(value)} | {_text(value)} |")
    if rows:
        summary = str(table.get("description", "")).split("\n")[0]
        lines += [
            f"## `[{'.'.join(path)}]`",
            "",
            summary,
            "",
            "| key | type | default | meaning |",
            "|---|---|---|---|",
        ]
        lines += [*rows, ""]
    for place, inner in below:
        _section(lines, whole, inner, ("tiers", *place[-1:]) if place[-1] == "NAME" else place)


def _resolved(whole: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    options = [option for option in value.get("anyOf", [value]) if option.get("type") != "null"]
    first: dict[str, Any] = options[0] if options else value
    if "$ref" in first:
        found: dict[str, Any] = whole["$defs"][first["$ref"].rsplit("/", 1)[-1]]
        return found
    return first


def _kind(value: dict[str, Any]) -> str:
    if "enum" in value:
        return " · ".join(f"`{option}`" for option in value["enum"])
    names = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true/false", "array": "list"}
    bounds = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    limits = " ".join(f"{sign} {value[name]:g}" for name, sign in bounds.items() if name in value)
    return f"{names.get(value.get('type', ''), 'table')} {limits}".strip()


def _default(value: dict[str, Any]) -> str:
    default = value.get("default")
    return "" if default is None or default in ([], {}) else f"`{orjson.dumps(default).decode()}`"


def _text(value: dict[str, Any]) -> str:
    return " ".join(str(value.get("description", "")).split()).replace("``", "`").replace("|", "\\|")


def main() -> None:
    """Write both files into the folder named on the command line."""
    folder = Path(sys.argv[1])
    (folder / SCHEMA_FILE).write_text(schema_text(), encoding="utf-8")
    (folder / PAGE_FILE).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
