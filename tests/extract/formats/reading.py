"""What the tests of formats share: one record in, exchanges and reasons out."""

from typing import Any

from extract.readers import RawRecord
from extract.records.mapping import LoggedExchange, RecordMapping, Rejection
from harness.config import ExtractSection

Turn = tuple[str, str | None]


def outcomes(
    form: str, record: dict[str, Any], *, location: str = "", **section: Any
) -> tuple[list[LoggedExchange | Rejection], dict[str, int]]:
    """Return everything a record becomes: exchanges and rejections, and what was skipped by reason."""
    mapping = RecordMapping(ExtractSection.model_validate({"format": form, **section}))
    raw = RawRecord(source="a.jsonl", line=1, values=record, location=location)
    return list(mapping.map_all(raw)), dict(mapping.skipped)


def turns(form: str, record: dict[str, Any], **section: Any) -> list[Turn]:
    """Return prompt and response of every exchange of a record, all of which has to be usable."""
    mapped, _ = outcomes(form, record, **section)
    assert all(isinstance(one, LoggedExchange) for one in mapped), mapped
    return [(one.prompt, one.response) for one in mapped if isinstance(one, LoggedExchange)]


def exchange(form: str, record: dict[str, Any], **section: Any) -> LoggedExchange:
    """Return the only exchange of a record."""
    mapped, _ = outcomes(form, record, **section)
    (one,) = mapped
    assert isinstance(one, LoggedExchange), one
    return one


def reason(form: str, record: dict[str, Any], **section: Any) -> str:
    """Return why a record is no exchange: ``skipped:`` before what was not rejected but passed over."""
    mapped, skipped = outcomes(form, record, **section)
    if skipped:
        assert not mapped
        (only,) = skipped
        return f"skipped: {only}"
    (one,) = mapped
    assert isinstance(one, Rejection), one
    return one.reason
