"""A short look at what the stage is to read, before anything is read in full."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice

from extract.advice import Advisor, absent_traits
from extract.profiles import profiles_in
from extract.readers import BrokenRecord, RawRecord, Source, look_for, read_source
from extract.records.mapping import LoggedExchange, RecordMapping, Rejection
from harness.config import Settings
from harness.errors import InputError
from harness.wording import counted

_RECORDS = 100
_FILES = 50


def probe_source(settings: Settings) -> str:
    """Return in words what the source holds, from the first records of its first files.

    Raises:
        InputError: If there is no file, no record in them, or none that can be used.
        ConfigurationError: If an expression or the format cannot be used.
    """
    mapping = RecordMapping(settings.extract)
    advisor = Advisor(settings.extract, mapping)
    where = settings.extract.source
    found = look_for(settings.path(where))
    records = list(islice(_records(found.readable[:_FILES]), _RECORDS))
    if not records:
        raise InputError(
            f"'extract.source' = {where}: the files hold no record", hint="check the path, and that logging is on"
        )
    faults: Counter[tuple[str, str]] = Counter()
    usable = sum(_is_usable(record, mapping, advisor, faults) for record in records)
    if not usable and not mapping.skipped:
        raise InputError(
            f"'extract.source' = {where}: none of the first {counted(len(records), 'record')} can be used: "
            f"{', '.join(f'{reason} {count}' for (reason, _), count in faults.most_common(4))}",
            hint=advisor.hint(faults, len(records)),
        )
    unread = f"; {counted(found.unread.total(), 'other file')} not read" if found.unread else ""
    return f"{counted(len(found.readable), 'file')}; {usable} of the first {counted(len(records), 'record')} can be used{unread}"


def probe_profiles(settings: Settings) -> str:
    """Return in words what the first profiles hold; every one of them has to be readable when they are used.

    Raises:
        InputError: If there is no file, no profile in them, or one that cannot be read.
    """
    section = settings.extract
    if section.profiles is None:
        return "not configured"
    profiles = list(islice(profiles_in(settings.path(section.profiles), section.fields.user), _RECORDS))
    if not profiles:
        raise InputError(f"'extract.profiles' = {section.profiles}: the files hold no profile", hint="check the path")
    absent = "".join(f"; {words}" for words in absent_traits(settings))
    return f"the first {counted(len(profiles), 'profile')} can be read{absent}"


def _records(sources: list[Source]) -> Iterator[RawRecord | BrokenRecord]:
    for source in sources:
        yield from read_source(source)


def _is_usable(
    record: RawRecord | BrokenRecord, mapping: RecordMapping, advisor: Advisor, faults: Counter[tuple[str, str]]
) -> bool:
    if isinstance(record, BrokenRecord):
        faults[record.reason, ""] += 1
        return False
    parts = list(mapping.map_all(record))
    rejected = [part for part in parts if isinstance(part, Rejection)]
    for part in rejected:
        faults[part.reason, part.field or ""] += 1
        advisor.note_rejected(record)
    if not parts:
        advisor.note_skipped(record)
    return any(isinstance(part, LoggedExchange) for part in parts)
