"""JSON Schemas of the configuration and of golden prompts, compiled once."""

from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson

from harness.errors import ConfigurationError

MAX_SHOWN = 3


class Schema:
    """A compiled JSON Schema.

    Args:
        schema: The schema itself.
        place: Where it stands, for the error.

    Raises:
        ConfigurationError: If it is no valid schema.
    """

    def __init__(self, schema: Any, place: str) -> None:
        try:
            self._validator = jsonschema_rs.validator_for(schema)
        except (ValueError, TypeError) as error:
            # The library's message quotes the schema, which is the user's own configuration.
            raise ConfigurationError(f"{place}: not a valid JSON Schema: {str(error).splitlines()[0]}") from None

    def violations(self, value: Any) -> list[str]:
        """Return where a value breaks the schema: paths and keywords, without the value's own content."""
        found = []
        for error in self._validator.iter_errors(value):
            path = "/".join(str(part) for part in error.instance_path) or "the root"
            found.append(f"{path} ({_keyword(error)})")
            if len(found) == MAX_SHOWN:
                break
        return found


def _keyword(error: Any) -> str:
    path = [part for part in error.schema_path if isinstance(part, str)]
    return path[-1] if path else "schema"


def schema_from_file(path: str, key: str) -> Schema:
    """Return the schema that a configured file holds.

    Raises:
        ConfigurationError: If the file cannot be read or holds no valid schema.
    """
    place = f"'{key}' ({path})"
    try:
        schema = orjson.loads(Path(path).read_bytes())
    except OSError as error:
        raise ConfigurationError(f"{place}: cannot be read: {error.strerror}") from None
    except orjson.JSONDecodeError as error:
        raise ConfigurationError(f"{place}: not JSON, line {error.lineno}") from None
    return Schema(schema, place)
