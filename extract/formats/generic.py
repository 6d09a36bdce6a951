"""Any JSON object, table row or Parquet row: ``[extract.fields]`` says where the values stand."""

from collections.abc import Iterator
from typing import Any

from extract.formats.interface import Found, Part, RecordError, Rejection

_LOG_LINE = {"@timestamp", "@message"}


def read_generic(values: dict[str, Any], _location: str) -> Iterator[Part]:
    """Yield the record as it is.

    Raises:
        RecordError: If it is a line of plain text behind a time, which only ``cloudwatch-logs`` reads.
    """
    if values.keys() == _LOG_LINE:
        raise RecordError(Rejection(reason="not_json", detail="a time and text: format = 'cloudwatch-logs' reads it"))
    yield Found(values=values)
