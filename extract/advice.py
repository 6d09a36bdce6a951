"""What to do about logs that do not fit their configuration; told without a value of theirs."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from itertools import islice
from typing import get_args

from extract.profiles import flat_values, profiles_in
from extract.readers import RawRecord
from extract.records.fieldnames import FieldNames, did_you_mean, listed
from extract.records.mapping import REQUIRED, LoggedExchange, RecordMapping
from extract.records.times import ACCEPTED
from harness.config import ExtractSection, Settings
from harness.config.sections import LogFormatName

HEADLESS = "the first line of the table looks like data, not like a header: put a line before it that names the columns"
_LOOKED_AT = 1_000
_TRIED = 20
_MOST_PROFILES = 100_000
_FAULTS = {
    "wrong_type": "is of the wrong type in every record: [extract.fields] says where the values stand",
    "unmappable_field": "cannot be applied to any record: [extract.fields] says where the values stand",
    "bad_timestamp": f"holds no readable time in any record: readable are {ACCEPTED}",
    "future_timestamp": "lies more than a day in the future in every record: is this machine's clock right?",
}


class Advisor:
    """Looks at some records, and says what does not fit.

    Args:
        section: The configuration.
        mapping: From records to exchanges.
        until: Later times are in the future.
    """

    def __init__(self, section: ExtractSection, mapping: RecordMapping, *, until: dt.datetime | None = None) -> None:
        self._section = section
        self._mapping = mapping
        self._until = until
        self._names = FieldNames()
        self._looked_at = 0
        self._rejected = 0
        self._lacking: Counter[str] = Counter()
        self._unfound = 0
        self._sample: list[RawRecord] = []

    def note(self, record: RawRecord) -> None:
        """Look at the names of a record's fields; of the first ones."""
        if self._looked_at < _LOOKED_AT:
            self._looked_at += 1
            self._names.note(record.values, in_table=record.in_table)

    def note_rejected(self, record: RawRecord) -> None:
        """Look at a record that is no exchange; at the first ones."""
        if self._rejected >= _LOOKED_AT:
            return
        self._rejected += 1
        self.note_skipped(record)
        lacking = self._mapping.lacking(record)
        self._unfound += lacking is None
        self._lacking.update(lacking or ())

    def note_skipped(self, record: RawRecord) -> None:
        """Look at a record without an exchange in it; to another format it may hold some."""
        self.note(record)
        if len(self._sample) < _TRIED:
            self._sample.append(record)

    def hint(self, faults: Mapping[tuple[str, str], int], records: int) -> str:
        """Return what to do where no record can be used.

        Args:
            faults: How often each pair of reason and field occurred.
            records: How many were read.
        """
        if self._names.are_data:
            return HEADLESS
        fields = [self._mapping.expression(name) for name in REQUIRED if self._lacks(name)]
        meant = any(did_you_mean(self._names, field) for field in fields)
        # A format that finds all it needs is the right one, whatever else is wrong.
        doubted = fields or self._unfound or not self._rejected
        if doubted and not meant and (form := self._fitting_format()):
            return f'[extract] format = "{form}" fits these records; it is "{self._section.format}" now'
        if fields:
            return self._of_missing(fields)
        (reason, field), count = max(faults.items(), key=lambda item: item[1], default=(("", ""), 0))
        if reason in _FAULTS and count == records:
            return f"'{field}' {_FAULTS[reason]}"
        if self._unfound and self._unfound == self._rejected:
            return f'the records are not of [extract] format = "{self._section.format}"; docs/log-formats.md lists the formats'
        return "look at one line of the source; [extract.fields] says where the values stand in it, [extract] format what it is"

    def absent(self, held: Mapping[str, int]) -> tuple[str, ...]:
        """Return in words which optional fields no exchange has, though the configuration names them.

        Args:
            held: How many exchanges have each of ``RecordMapping.optional``.
        """
        return tuple(
            _absent(f"extract.fields.{name.partition(' ')[0]}", text, "record", self._names)
            for name, text in self._mapping.optional.items()
            if not held.get(name)
        )

    def _lacks(self, name: str) -> bool:
        return 0 < self._rejected == self._lacking[name]

    def _of_missing(self, fields: list[str]) -> str:
        missing = " and ".join(f"'{field}'{did_you_mean(self._names, field)}" for field in fields)
        shown = self._names.shown()
        there = f"The records have: {listed(shown)}" if shown else "Look at one record for the names that it has"
        verb, them = ("is", "it") if len(fields) == 1 else ("are", "them")
        return f"{missing} {verb} missing in every record; set {them} in [extract.fields]. {there}"

    def _fitting_format(self) -> str:
        """Return the format that most of the rejected records are of; empty if there is none."""
        best, most = "", len(self._sample) // 2
        for name in get_args(LogFormatName):
            fitting = self._fitting(name) if name != self._section.format else 0
            if fitting > most:
                best, most = name, fitting
        return best

    def _fitting(self, name: LogFormatName) -> int:
        section = self._section.model_copy(update={"format": name})
        mapping = RecordMapping(section, until=self._until)
        # The generic format finds something in everything: there, a record fits only as a whole.
        return sum(
            any(isinstance(one, LoggedExchange) for one in mapping.map_all(record))
            or (name != "generic" and _is_found(mapping, record))
            for record in self._sample
        )


def absent_traits(settings: Settings) -> tuple[str, ...]:
    """Return in words which configured traits none of the profiles has; of the first 100,000.

    Raises:
        InputError: If a profile cannot be read.
    """
    section = settings.extract
    left = set(section.profile_traits)
    if section.profiles is None or not left:
        return ()
    # Every profile has the configured field of the user, so its names are names.
    names = FieldNames(believed=True)
    for _, profile in islice(profiles_in(settings.path(section.profiles), section.fields.user), _MOST_PROFILES):
        names.note(profile, in_table=False)
        left.difference_update(name for name, _ in flat_values(profile))
        if not left:
            return ()
    return tuple(
        _absent("extract.profile_traits", name, "profile", names) for name in section.profile_traits if name in left
    )


def absent_on_spark(settings: Settings, held: Mapping[str, int]) -> tuple[str, ...]:
    """Return in words what the configuration names and neither records nor profiles have.

    Args:
        settings: The configuration.
        held: How many exchanges have each of ``RecordMapping.optional``.
    """
    advisor = Advisor(settings.extract, RecordMapping(settings.extract))
    return (*advisor.absent(held), *absent_traits(settings))


def _is_found(mapping: RecordMapping, record: RawRecord) -> bool:
    lacking = mapping.lacking(record)
    return lacking is not None and not lacking & {"prompt", "timestamp"}


def _absent(key: str, name: str, where: str, names: FieldNames) -> str:
    return f"'{key}': '{name}' is in no {where}{did_you_mean(names, name)}"
