"""JMESPath into log records: compiled once, with a short way for plain keys."""

import re
from collections.abc import Callable
from typing import Any

from harness.errors import ConfigurationError

Expression = Callable[[Any], Any]
"""Takes a record and returns the value, or None where there is none."""

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")


class ExpressionError(Exception):
    """An expression cannot be applied to a record, for example a function to a value of the wrong type."""


def compile_expression(text: str, *, key: str) -> Expression:
    """Return a function that evaluates a JMESPath expression.

    Args:
        text: The expression.
        key: The configuration key it stands at, for the error.

    Raises:
        ConfigurationError: If it is no JMESPath expression.
    """
    if _PLAIN.fullmatch(text):
        return _path(text.split("."))
    import jmespath
    from jmespath.exceptions import JMESPathError

    try:
        compiled = jmespath.compile(text)
    except JMESPathError:
        raise ConfigurationError(
            f"'{key}' is no JMESPath expression",
            hint="a key with other characters than letters, digits and _ needs double quotes: '\"user-id\"'",
        ) from None

    def evaluate(record: Any) -> Any:
        try:
            return compiled.search(record)
        except JMESPathError:
            raise ExpressionError from None

    return evaluate


def _path(keys: list[str]) -> Expression:
    if len(keys) == 1:
        (only,) = keys
        return lambda record: record.get(only)

    def walk(record: Any) -> Any:
        for key in keys:
            if not isinstance(record, dict):
                return None
            record = record.get(key)
        return record

    return walk
