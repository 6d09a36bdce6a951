"""JMESPath expressions as functions: the usual ones are compiled, any other is interpreted by the library."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jmespath
import jmespath.exceptions

from harness.errors import ConfigurationError

Getter = Callable[[Any], Any]


def compiled(expression: str | None, key: str) -> Getter | None:
    """Return a JMESPath expression as a function; None for none.

    The library walks an expression's tree anew for every value. Fields, indices
    and projections (``a.b``, ``a[0].b``, ``a[].b``, ``a[*].b``), which is what
    answers are mapped with, become plain functions with the same results, at a
    tenth of the cost.

    Raises:
        ConfigurationError: If it is not valid; names the key.
    """
    if expression is None:
        return None
    try:
        parsed = jmespath.compile(expression)
    except jmespath.exceptions.JMESPathError as error:
        raise ConfigurationError(
            f"'{key}' is not a valid JMESPath expression: {type(error).__name__}", hint="see https://jmespath.org"
        ) from None
    return _getter(parsed.parsed) or _interpreted(parsed.search)


def is_truth(found: Any) -> bool:
    """Return whether JMESPath takes a value as true; unlike Python, it does with 0."""
    return found is not None and found is not False and found not in ("", [], {})


def _interpreted(search: Getter) -> Getter:
    """Return a search that finds nothing where a function of the expression does not take what the reply holds."""

    def get(value: Any) -> Any:
        try:
            return search(value)
        except (jmespath.exceptions.JMESPathError, ArithmeticError, ValueError, RecursionError):
            return None

    return get


def _getter(node: Mapping[str, Any]) -> Getter | None:
    """Return a node of the library's tree as a function; None where it, or a part of it, is of another kind."""
    kind = node["type"]
    if kind == "field":
        return _field(node["value"])
    if kind == "index":
        return _index(node["value"])
    if kind in {"identity", "current"}:
        return _identity
    parts = [_getter(child) for child in node["children"] if isinstance(child, Mapping)]
    known = [part for part in parts if part is not None]
    if kind not in _COMPOSED or len(known) < len(parts):
        return None
    return _COMPOSED[kind](known)


def _identity(value: Any) -> Any:
    return value


def _field(name: str) -> Getter:
    return lambda value: value.get(name) if isinstance(value, dict) else None


def _index(position: int) -> Getter:
    def get(value: Any) -> Any:
        inside = isinstance(value, list) and -len(value) <= position < len(value)
        return value[position] if inside else None

    return get


def _chain(parts: Sequence[Getter]) -> Getter:
    def get(value: Any) -> Any:
        for part in parts:
            value = part(value)
        return value

    return get


def _flatten(parts: Sequence[Getter]) -> Getter:
    (base,) = parts

    def get(value: Any) -> Any:
        found = base(value)
        if not isinstance(found, list):
            return None
        flat: list[Any] = []
        for member in found:
            if isinstance(member, list):
                flat.extend(member)
            else:
                flat.append(member)
        return flat

    return get


def _projection(parts: Sequence[Getter]) -> Getter:
    base, right = parts

    def get(value: Any) -> Any:
        found = base(value)
        if not isinstance(found, list):
            return None
        return [got for member in found if (got := right(member)) is not None]

    return get


_COMPOSED: Mapping[str, Callable[[Sequence[Getter]], Getter]] = {
    "subexpression": _chain,
    "index_expression": _chain,
    "flatten": _flatten,
    "projection": _projection,
}
