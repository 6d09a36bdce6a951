"""What all recorded objects share."""

from typing import Any, ClassVar, Self

import orjson
from pydantic import BaseModel, ConfigDict, Field

SCHEMA_VERSION = 1


class Record(BaseModel):
    """An object that is written to storage.

    Unknown fields are ignored when reading, so that a reader accepts what the
    next version wrote; fields that a version adds have defaults, so that it
    accepts what the previous version wrote.
    """

    # Errors name the field and never what stands in it: that may be what a user wrote or a target answered.
    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    schema_version: int = SCHEMA_VERSION

    def to_json(self) -> bytes:
        """Return the record as one line of JSON, without the line's end."""
        return orjson.dumps(self.to_dict())

    def to_dict(self) -> dict[str, Any]:
        """Return the record as JSON-compatible values."""
        return self.model_dump(mode="json")

    @classmethod
    def from_json(cls, line: bytes | str) -> Self:
        """Return the record that a line of JSON holds.

        Raises:
            pydantic.ValidationError: If the line is not such a record.
        """
        return cls.model_validate_json(line)


class Part(BaseModel):
    """A value inside a record; closed, because it has no version of its own."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


__all__ = ["SCHEMA_VERSION", "Field", "Part", "Record"]
