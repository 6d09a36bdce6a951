"""From a record as logged to one exchange of a session, or the reason why it is none."""

import datetime as dt
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import orjson

from extract.formats import Found, RecordError, Rejection, Skipped, log_format
from extract.readers import RawRecord
from extract.records.columns import id_values
from extract.records.expressions import Expression, ExpressionError, compile_expression
from extract.records.times import latest_time, parse_time, shape_of
from harness.config import ExtractSection, FieldMap

__all__ = ["Feedback", "LoggedExchange", "RecordMapping", "Rejection", "as_text", "feedback_of", "parse_time"]

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
REQUIRED = ("user", "session", "timestamp", "prompt")
"""Keys of ``[extract.fields]`` without whose values there is no exchange."""
_MAPPED = (*REQUIRED, "response", "feedback")
_DEFAULTS = {name: FieldMap.model_fields[name].default for name in _MAPPED}
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
    ids: tuple[str, ...] = ()
    """What else in the record may be an id of somebody's: known only while it is read."""


class RecordMapping:
    """Maps records: the format finds the exchanges, ``[extract.fields]`` has the last word on every value.

    Args:
        section: The configuration.
        until: Later times are in the future: the same for all that map records of one run; None: a day from now on.

    Raises:
        ConfigurationError: If an expression is none, or there is no such format.
    """

    def __init__(self, section: ExtractSection, *, until: dt.datetime | None = None) -> None:
        fields = section.fields
        self._parts = log_format(section)
        self._max_chars = section.max_message_chars
        self._until = until or latest_time()
        self.skipped: Counter[str] = Counter()
        """Parts of records that are no exchanges by their nature, by reason."""
        self._names = {name: expression for name in _MAPPED if (expression := getattr(fields, name))}
        self._find = {
            name: compile_expression(text, key=f"extract.fields.{name}") for name, text in self._names.items()
        }
        self._keep: dict[str, Expression] = {
            text: compile_expression(text, key="extract.fields.keep") for text in fields.keep
        }
        self.held: Counter[str] = Counter()
        """How many exchanges have a value of each of ``optional``."""
        self._left_to_format = {name for name, text in self._names.items() if text == _DEFAULTS[name]}

    @property
    def optional(self) -> dict[str, str]:
        """Expressions that may find nothing in a record, but should in some, by what counts them in ``held``."""
        named = {
            name: text
            for name in ("response", "feedback")
            if (text := self._names.get(name)) not in (None, _DEFAULTS[name])
        }
        return named | {f"keep {text}": text for text in self._keep}

    def lacking(self, record: RawRecord) -> set[str] | None:
        """Return which of the ``REQUIRED`` a record has no value for; None if the format finds nothing in it."""
        for part in self._safely(record):
            if isinstance(part, Found):
                whole = _whole(part)
                return {name for name in REQUIRED if self._is_lacking(part, whole, name)}
        return None

    def expression(self, name: str) -> str:
        """Return what the configuration says of a key of ``[extract.fields]``."""
        return str(self._names[name])

    def map_all(self, record: RawRecord) -> Iterator[LoggedExchange | Rejection]:
        """Yield the exchanges that a record holds, and why a part of it is none; most formats have one part.

        What is no exchange by its nature is counted in ``skipped``.
        """
        number = 0
        for part in self._safely(record):
            number += 1
            if isinstance(part, Skipped):
                self.skipped[part.reason] += 1
                continue
            mapped = self._exchange(record, part) if isinstance(part, Found) else part
            if isinstance(mapped, Rejection) and number > 1:
                mapped = replace(mapped, detail=f"{mapped.detail}, part {number}".removeprefix(", "))
            yield mapped
        if not number:
            self.skipped["empty_record"] += 1

    def _safely(self, record: RawRecord) -> Iterator[Found | Rejection | Skipped]:
        try:
            yield from self._parts(record.values, record.location)
        except RecordError as error:
            yield error.part

    def _exchange(self, record: RawRecord, found: Found) -> LoggedExchange | Rejection:
        try:
            return self._mapped(record, found)
        except RecordError as error:
            return error.part if isinstance(error.part, Rejection) else Rejection(reason=error.part.reason)

    def _mapped(self, record: RawRecord, found: Found) -> LoggedExchange:
        whole = _whole(found)
        response = self._text(found, whole, "response", required=False) if "response" in self._find else None
        prompt = self._text(found, whole, "prompt", required=True) or ""
        user, session = self._identifier(found, whole, "user"), self._identifier(found, whole, "session")
        at = self._time(found, whole)
        rating = self._value(found, whole, "feedback") if "feedback" in self._find else None
        kept = {
            name: text
            for name, find in self._keep.items()
            if (text := as_text(_evaluate(find, whole, name))) is not None
        }
        self._note_held(response, rating, kept)
        return LoggedExchange(
            user=user,
            session=session,
            at=at,
            prompt=prompt,
            response=response,
            feedback=feedback_of(rating),
            kept=kept,
            source=record.source,
            line=record.line,
            ids=id_values(record.values, without=(prompt, response, user, session)),
        )

    def _note_held(self, response: str | None, rating: Any, kept: Mapping[str, str]) -> None:
        if response is not None:
            self.held["response"] += 1
        if rating is not None:
            self.held["feedback"] += 1
        for name in kept:
            self.held[f"keep {name}"] += 1

    def _is_lacking(self, found: Found, whole: Mapping[str, Any], name: str) -> bool:
        try:
            value = self._value(found, whole, name)
        except RecordError:
            return False
        return _is_blank(found.logged_at if name == "timestamp" and _is_blank(value) else value)

    def _value(self, found: Found, whole: Mapping[str, Any], name: str) -> Any:
        if name in found.fields and name in self._left_to_format:
            return found.fields[name]
        return _evaluate(self._find[name], whole, self._names[name])

    def _identifier(self, found: Found, whole: Mapping[str, Any], name: str) -> str:
        value = self._value(found, whole, name)
        field = self._names[name]
        if _is_blank(value):
            raise RecordError(Rejection(reason="missing_field", field=field))
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise RecordError(Rejection(reason="wrong_type", field=field, detail=type(value).__name__))
        return str(value)

    def _text(self, found: Found, whole: Mapping[str, Any], name: str, *, required: bool) -> str | None:
        value = self._value(found, whole, name)
        field = self._names[name]
        if value is None and not required:
            return None
        if value is None:
            raise RecordError(Rejection(reason="missing_field", field=field))
        if not isinstance(value, str):
            raise RecordError(Rejection(reason="wrong_type", field=field, detail=type(value).__name__))
        if len(value) > self._max_chars:
            raise RecordError(Rejection(reason="message_too_long", field=field, detail=f"{len(value)} characters"))
        text = _INVISIBLE.sub("", value)
        if not text.strip():
            if required:
                raise RecordError(Rejection(reason="empty_message", field=field))
            return None
        return text

    def _time(self, found: Found, whole: Mapping[str, Any]) -> dt.datetime:
        value = self._value(found, whole, "timestamp")
        if _is_blank(value):
            value = found.logged_at
        field = self._names["timestamp"]
        if _is_blank(value):
            raise RecordError(Rejection(reason="missing_field", field=field))
        moment = parse_time(value)
        if moment is None:
            raise RecordError(Rejection(reason="bad_timestamp", field=field, detail=shape_of(value)))
        if moment > self._until:
            detail = f"in the year {moment.year}" if moment.year > self._until.year else "more than a day from now"
            raise RecordError(Rejection(reason="future_timestamp", field=field, detail=detail))
        return moment


def _whole(found: Found) -> Mapping[str, Any]:
    """Return what expressions see: the record, and under the generic names what the format found beside it."""
    if not found.fields:
        return found.values
    return {_DEFAULTS[name]: value for name, value in found.fields.items()} | dict(found.values)


def _is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not _INVISIBLE.sub("", value).strip())


def _evaluate(find: Expression, values: Mapping[str, Any], field: str) -> Any:
    try:
        return find(values)
    except ExpressionError:
        raise RecordError(Rejection(reason="unmappable_field", field=field)) from None


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
