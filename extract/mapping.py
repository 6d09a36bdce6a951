"""From a record as logged to one exchange of a session, or the reason why it is none."""

import datetime as dt
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from extract.expressions import Expression, ExpressionError, compile_expression
from extract.formats import shape_of
from extract.readers import RawRecord
from harness.config import ExtractSection

Feedback = Literal["up", "down"]

_UP = frozenset(
    {
        "up",
        "thumbs_up",
        "thumbsup",
        "thumbs-up",
        "thumbs up",
        "positive",
        "good",
        "like",
        "liked",
        "yes",
        "true",
        "helpful",
        "1",
        "+1",
        "👍",
    }
)
_DOWN = frozenset(
    {
        "down",
        "thumbs_down",
        "thumbsdown",
        "thumbs-down",
        "thumbs down",
        "negative",
        "bad",
        "dislike",
        "disliked",
        "no",
        "false",
        "unhelpful",
        "-1",
        "0",
        "👎",
    }
)
_FEWEST_GOOD_STARS = 4
_EPOCH_MILLISECONDS = 1e11
"""Larger numbers are milliseconds since 1970, smaller ones seconds."""
_YEARS = range(1990, 2200)
# Nobody sees them, so they could hide a value from every recognizer.
_INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b\u2060\ufeff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedExchange:
    """What a user asked and the assistant answered, raw."""

    user: str
    session: str
    at: dt.datetime
    """Aware, UTC."""
    prompt: str
    response: str | None
    feedback: Feedback | None
    kept: Mapping[str, str]
    source: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """Why a record is no exchange; never holds its text."""

    reason: str
    field: str | None = None
    detail: str = ""


class FieldError(Exception):
    """A field of a record cannot be used."""

    def __init__(self, rejection: Rejection) -> None:
        super().__init__(rejection.reason)
        self.rejection = rejection


class RecordMapping:
    """Maps records as ``[extract.fields]`` says.

    Raises:
        ConfigurationError: If an expression is none, or the format cannot be read.
    """

    def __init__(self, section: ExtractSection) -> None:
        fields = section.fields
        self._shape = shape_of(section.format)
        self._max_chars = section.max_message_chars
        self._names = {
            "user": fields.user,
            "session": fields.session,
            "timestamp": fields.timestamp,
            "prompt": fields.prompt,
        }
        if fields.response:
            self._names["response"] = fields.response
        if fields.feedback:
            self._names["feedback"] = fields.feedback
        self._find = {
            name: compile_expression(text, key=f"extract.fields.{name}") for name, text in self._names.items()
        }
        self._keep: dict[str, Expression] = {
            text: compile_expression(text, key="extract.fields.keep") for text in fields.keep
        }

    def map(self, record: RawRecord) -> LoggedExchange | Rejection:
        """Return the exchange that a record holds, or why it holds none."""
        try:
            return self._map(record, self._shape(record.values))
        except FieldError as error:
            return error.rejection

    def _map(self, record: RawRecord, values: Mapping[str, Any]) -> LoggedExchange:
        response = self._text(values, "response", required=False) if "response" in self._find else None
        return LoggedExchange(
            user=self._identifier(values, "user"),
            session=self._identifier(values, "session"),
            at=self._time(values),
            prompt=self._text(values, "prompt", required=True) or "",
            response=response,
            feedback=feedback_of(self._value(values, "feedback")) if "feedback" in self._find else None,
            kept={
                name: text
                for name, find in self._keep.items()
                if (text := as_text(self._evaluate(find, values, name))) is not None
            },
            source=record.source,
            line=record.line,
        )

    def _value(self, values: Mapping[str, Any], name: str) -> Any:
        return self._evaluate(self._find[name], values, self._names[name])

    @staticmethod
    def _evaluate(find: Expression, values: Mapping[str, Any], field: str) -> Any:
        try:
            return find(values)
        except ExpressionError:
            raise FieldError(Rejection(reason="unmappable_field", field=field)) from None

    def _identifier(self, values: Mapping[str, Any], name: str) -> str:
        value = self._value(values, name)
        field = self._names[name]
        if value is None or value == "":
            raise FieldError(Rejection(reason="missing_field", field=field))
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise FieldError(Rejection(reason="wrong_type", field=field, detail=type(value).__name__))
        return str(value)

    def _text(self, values: Mapping[str, Any], name: str, *, required: bool) -> str | None:
        value = self._value(values, name)
        field = self._names[name]
        if value is None and not required:
            return None
        if value is None:
            raise FieldError(Rejection(reason="missing_field", field=field))
        if not isinstance(value, str):
            raise FieldError(Rejection(reason="wrong_type", field=field, detail=type(value).__name__))
        if len(value) > self._max_chars:
            raise FieldError(Rejection(reason="message_too_long", field=field, detail=f"{len(value)} characters"))
        text = _INVISIBLE.sub("", value)
        if not text.strip():
            if required:
                raise FieldError(Rejection(reason="empty_message", field=field))
            return None
        return text

    def _time(self, values: Mapping[str, Any]) -> dt.datetime:
        value = self._value(values, "timestamp")
        field = self._names["timestamp"]
        if value is None or value == "":
            raise FieldError(Rejection(reason="missing_field", field=field))
        moment = parse_time(value)
        if moment is None:
            raise FieldError(Rejection(reason="bad_timestamp", field=field, detail=type(value).__name__))
        return moment


def parse_time(value: Any) -> dt.datetime | None:
    """Return a logged time as aware UTC; None if it is none.

    Takes ISO 8601 (without a zone: UTC), seconds or milliseconds since 1970 as numbers or text, dates and datetimes.
    """
    try:
        moment = _moment(value)
        if moment is None:
            return None
        moment = moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.year in _YEARS else None


def _moment(value: Any) -> dt.datetime | None:
    if isinstance(value, dt.datetime):
        return value
    if isinstance(value, dt.date):
        return dt.datetime(value.year, value.month, value.day, tzinfo=dt.UTC)
    if isinstance(value, str):
        if re.fullmatch(r"\d{9,13}(?:\.\d+)?", value):
            return _moment(float(value))
        return dt.datetime.fromisoformat(value.strip())
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return dt.datetime.fromtimestamp(value / 1000 if value > _EPOCH_MILLISECONDS else value, tz=dt.UTC)


def feedback_of(value: Any) -> Feedback | None:
    """Return the mood of a logged rating: words, thumbs, booleans, 1/0/-1, or one to five stars; None if it says neither."""
    if isinstance(value, bool):
        return "up" if value else "down"
    if isinstance(value, str):
        word = value.strip().lower()
        if word in _UP or word in _DOWN:
            return "up" if word in _UP else "down"
        try:
            value = float(word)
        except ValueError:
            return None
    if not isinstance(value, int | float) or not math.isfinite(value):
        return None
    if value <= 0:
        return "down"
    if value <= 1:
        return "up"
    return "up" if value >= _FEWEST_GOOD_STARS else "down" if value < _FEWEST_GOOD_STARS - 1 else None


def as_text(value: Any) -> str | None:
    """Return an allow-listed value as text; lists and tables as JSON."""
    if value is None:
        return None
    if isinstance(value, str):
        return _INVISIBLE.sub("", value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return (
        orjson.dumps(value, default=str, option=orjson.OPT_SORT_KEYS).decode()
        if isinstance(value, list | dict)
        else str(value)
    )
