"""Valid values for a JSON Schema: what a server of a scripted model answers when nobody scripted anything."""

from typing import Any

_MAX_DEPTH = 8


def instance_of(schema: dict[str, Any]) -> Any:
    """Return a small value that a JSON Schema accepts.

    Knows what pydantic writes for ordinary models: objects, arrays, tuples, unions, enums, constants, references,
    bounds of numbers and lengths. Optional members are left out, and ``pattern`` is not solved: give such a field
    an example.
    """
    return _value(schema, schema.get("$defs", {}), 0)


def _value(schema: dict[str, Any], definitions: dict[str, Any], depth: int) -> Any:
    if depth > _MAX_DEPTH:
        raise ValueError("the schema refers to itself without an end")
    if "$ref" in schema:
        return _value(definitions[schema["$ref"].rsplit("/", 1)[-1]], definitions, depth + 1)
    for given in ("const", "default"):
        if given in schema:
            return schema[given]
    for choices in ("enum", "examples"):
        if schema.get(choices):
            return schema[choices][0]
    for union in ("anyOf", "oneOf", "allOf"):
        if schema.get(union):
            return _value(schema[union][0], definitions, depth + 1)
    return _of_type(schema, definitions, depth)


def _of_type(schema: dict[str, Any], definitions: dict[str, Any], depth: int) -> Any:
    kind = schema.get("type", "object")
    if isinstance(kind, list):
        kind = kind[0]
    if kind == "object":
        members = schema.get("properties", {})
        return {name: _value(members[name], definitions, depth + 1) for name in schema.get("required", [])}
    if kind == "array":
        fixed = [_value(item, definitions, depth + 1) for item in schema.get("prefixItems", [])]
        rest = max(0, schema.get("minItems", 0) - len(fixed))
        return fixed + [_value(schema.get("items", {}), definitions, depth + 1) for _ in range(rest)]
    if kind in {"number", "integer"}:
        return _number(schema, whole=kind == "integer")
    if kind == "string":
        return _text(schema)
    return {"boolean": True, "null": None}[kind]


def _number(schema: dict[str, Any], *, whole: bool) -> float:
    step: float = 1 if whole else 0.5
    lowest = schema.get("minimum", schema["exclusiveMinimum"] + step if "exclusiveMinimum" in schema else None)
    highest = schema.get("maximum", schema["exclusiveMaximum"] - step if "exclusiveMaximum" in schema else None)
    value: float = lowest if lowest is not None else highest if highest is not None and highest < 0 else 0
    return int(value) if whole else value


def _text(schema: dict[str, Any]) -> str:
    formats = {"date": "2026-01-02", "date-time": "2026-01-02T03:04:05Z", "email": "ada@example.test"}
    text = formats.get(schema.get("format", ""), "some text")
    shortest, longest = schema.get("minLength", 0), schema.get("maxLength", len(text))
    return text[:longest].ljust(shortest, "x")
