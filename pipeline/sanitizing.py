"""Extract as the commands call it, and its result in words."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from harness.config import Settings
from harness.storage import Storage
from harness.wording import counted
from pipeline.console import Console, in_words, shown

if TYPE_CHECKING:
    from extract.outcome import ExtractResult

_SHOWN_FORMATS = 5
_QUARANTINE_ADVICE = {
    "bad_timestamp": "times are read as ISO 8601, RFC 2822, or seconds, milli-, micro- or nanoseconds since 1970",
    "future_timestamp": "the time lies more than a day after this machine's",
}
"""What to do about reasons that do not say it themselves."""


def run_extract(settings: Settings, storage: Storage, console: Console) -> dict[str, Any]:
    """Sanitize the logs; return the dataset's id and counts."""
    from extract.extraction import extract_sessions

    storage.ids("sanitized")  # storage that cannot be reached is noticed before the logs are read
    with console.progress() as progress:
        result = extract_sessions(settings, storage, progress=progress)
    console.say(_summary(result))
    console.fact("dataset", shown(storage.location("sanitized", result.dataset_id)))
    console.fact("replaced", in_words(result.entities) or "nothing")
    if result.learned_ids:
        console.fact("ids learned", _formats(result.learned_ids))
    if result.learned_ordinary:
        console.fact("words learned", f"{len(result.learned_ordinary)} that are no names here; see manifest.json")
    _say_unused(result, console)
    if result.suppressed:
        console.fact(
            "suppressed",
            f"values that fewer than {settings.personas.min_users} users share: {in_words(result.suppressed)}",
        )
    _say_personal(result, console)
    if result.record_keys:
        fields = ", ".join(name.partition(".")[2] for name in result.record_keys)
        console.fact(
            "record keys",
            f"{shown(fields)}: allow-listed, so whoever holds the logs can find a session's record",
            "yellow",
        )
    for note in result.notes:
        console.fact("incremental", shown(note))
    certificate = result.certificate
    console.fact(
        "certificate",
        f"{certificate.tracers_planted - certificate.tracers_leaked} of {certificate.tracers_planted} planted values "
        f"removed (95 % sure: at least {certificate.recall_lower:.1%}); audit found {certificate.audited_leaks} "
        f"of {certificate.audited_values:,} known values in the output",
    )
    if asked := [each for each in certificate.types if each.floor]:
        said = (f"{each.name} at least {each.lower:.1%} ({each.floor:.1%} asked)" for each in asked)
        console.fact("by type", ", ".join(said))
    if (lost := certificate.over_redaction) is not None:
        console.fact("cost", f"{lost.share:.1%} of the words in messages without anything personal")
    return {
        "dataset_id": result.dataset_id,
        "location": storage.location("sanitized", result.dataset_id),
        "records": result.records,
        "sessions": result.sessions,
        "users": result.users,
        "quarantined": dict(result.quarantined),
        "skipped": dict(result.skipped),
        "suppressed": dict(result.suppressed),
        "personal": dict(result.personal),
        "exchanges": result.exchanges,
        "profiles": None if result.profiles is None else result.profiles.model_dump(),
        "record_keys": list(result.record_keys),
        "entities": dict(result.entities),
        "earlier_id": result.earlier_id,
        "notes": list(result.notes),
        "is_new": result.is_new,
        "quarantine_file": result.quarantine_file,
        "window_dropped": result.window_dropped,
        "absent": list(result.absent),
        "unread_files": dict(result.unread_files),
        "learned_ids": list(result.learned_ids),
        "learned_ordinary": list(result.learned_ordinary),
        "certificate": certificate.to_dict(),
    }


def _say_unused(result: "ExtractResult", console: Console) -> None:
    """Say what of the logs and of the configuration is in no session."""
    if quarantined := sum(result.quarantined.values()):
        console.fact(
            "quarantined",
            f"{quarantined:,} ({in_words(result.quarantined)}); see {shown(result.quarantine_file)}",
            "yellow",
        )
        for reason, advice in _QUARANTINE_ADVICE.items():
            if reason in result.quarantined:
                console.fact("", f"{reason}: {advice}", "dim")
    if result.unread_files:
        unread = ", ".join(f"{count:,} {suffix}" for suffix, count in sorted(result.unread_files.items()))
        console.fact(
            "not read", f"{counted(sum(result.unread_files.values()), 'file')} of the source: {unread}", "yellow"
        )
    for words in result.absent:
        console.fact("not found", words, "yellow")


def _say_personal(result: "ExtractResult", console: Console) -> None:
    """Say what was personal in allow-listed fields, whose profiles were there, and what was not measured."""
    if result.personal:
        console.fact("personal", f"values of allow-listed fields replaced: {in_words(result.personal)}", "yellow")
    if (used := result.profiles) is not None:
        matched = f"of {used.matched:,} of {counted(used.users, 'user')}"
        advice = "" if used.matched else "; does [extract.fields] user name the same ids in logs and profiles?"
        console.fact(
            "profiles",
            f"{matched}; {used.strangers:,} of nobody in these logs{advice}",
            "" if used.matched else "yellow",
        )
    if unmeasured := result.certificate.not_measured:
        console.fact("not measured", f"{', '.join(unmeasured)}: no tracer of these types; raise [extract] tracers")


def _summary(result: "ExtractResult") -> str:
    there = f"{counted(result.sessions, 'session')} of {counted(result.users, 'user')}"
    if result.is_new:
        # A record of some formats holds many exchanges.
        many = f" with {counted(result.exchanges, 'exchange')}" if result.exchanges > result.records else ""
        return f"sanitized  {counted(result.records, 'record')}{many} → {there}"
    return f"unchanged  {counted(result.records, 'new record')}, none of them for a session; the dataset has {there}"


def _formats(formats: Sequence[str]) -> str:
    named = ", ".join(formats[:_SHOWN_FORMATS])
    more = len(formats) - _SHOWN_FORMATS
    return f"{len(formats)} formats: {named}{f' and {more} more' if more > 0 else ''}"
