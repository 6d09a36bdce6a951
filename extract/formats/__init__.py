"""Log formats: what one record of each looks like, and the exchanges in it."""

from extract.formats.interface import Found, LogFormat, Part, RecordError, Rejection, Skipped
from extract.formats.registry import log_format

__all__ = ["Found", "LogFormat", "Part", "RecordError", "Rejection", "Skipped", "log_format"]
