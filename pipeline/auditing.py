"""Looking into texts and data sets for what is personal: ``extract --explain`` and ``extract --audit``."""

import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from harness.config import Settings
from harness.errors import UsageError
from harness.identity import keyed_hash
from harness.wording import counted
from pipeline.console import Console, shown

if TYPE_CHECKING:
    from extract.certifying.inspection import Inspection
    from extract.profiles import ProfileFiles

_MOST_PLACES = 10
_BUCKETS = 64
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found: the result of the command, and so printed on stdout."""

    values: dict[str, Any]
    """For machines."""
    lines: list[str]
    """For people."""

    @property
    def text(self) -> str:
        """The lines without anything that means something to a terminal."""
        return "".join(f"{_printable(line)}\n" for line in self.lines)


def run_explain(settings: Settings, text: str) -> Answer:
    """Return what would be removed from a text and why.

    Args:
        settings: The configuration: detector and profiles.
        text: The text; ``-`` reads it from stdin.

    Raises:
        UsageError: If stdin holds no text.
    """
    from extract.explaining import explain
    from harness.pii.known.registry import KnownRegistry
    from harness.pii.setup import DetectorSetup

    if text == "-":
        text = sys.stdin.read().rstrip("\n")
    if not text.strip():
        raise UsageError("there is no text to explain", hint="echo TEXT | reverse-rag extract --explain -")
    setup = DetectorSetup.of(settings)
    with _profiles(settings) as profiles:
        # One field after the other, so that all users' values are never in memory together.
        registries = (
            {
                field: KnownRegistry(value for name, value in profiles.pairs() if name == field)
                for field in list(profiles.fields())
            }
            if profiles
            else {}
        )
    explained = explain(text, setup.detector(), registries=registries, own_tagger="shipped" in setup.taggers)
    lines = [explained.redacted]
    if not explained.found:
        lines.append("nothing personal was found")
    for each in explained.found:
        lines += ["", f"{each.value}  →  {each.entity}, score {each.score:.2f}"]
        lines += [_fact(said.source, f"{said.entity} {said.score:.2f}: {said.reason}") for said in each.evidence]
    if explained.left:
        lines += ["", "looked at, and left"]
        lines += [
            _fact(left.value, f"{left.entity}: the check of '{left.reason}' refused it") for left in explained.left
        ]
    return Answer(explained.to_dict(), lines)


def run_audit(settings: Settings, console: Console, location: str, *, show_values: bool) -> Answer:
    """Look into a data set; return what was found, where and how sure it is.

    Args:
        settings: The configuration: detector, profiles, and from which score on a finding counts.
        console: Where progress is shown.
        location: A folder, file, glob or ``s3://`` prefix.
        show_values: Also show what was found itself.

    Raises:
        UsageError: If no location is named.
        InputError: If there is nothing that can be read.
    """
    from extract.certifying.inspection import inspect
    from harness.pii.setup import configured_detector

    if not location.strip():
        raise UsageError("--audit names nothing to look into", hint="name a folder, a file, a glob or an s3:// prefix")
    where = location if "://" in location else str(Path(location).resolve())
    with _profiles(settings) as profiles, console.progress() as progress:
        found = inspect(
            where,
            configured_detector(settings),
            certainty=settings.extract.audit_certainty,
            known=profiles.values() if profiles else (),
            progress=progress,
        )
    return Answer(found.to_dict(show_values=show_values), list(_audited(found, shown(where), show_values=show_values)))


def _audited(found: "Inspection", where: str, *, show_values: bool) -> Iterator[str]:
    yield f"audited    {counted(found.texts, 'value')} in {counted(found.records, 'record')} of {counted(found.files, 'file')}: {where}"
    yield from _not_looked_at(found)
    for entity, count in found.certain.most_common():
        yield _fact(entity, f"{count:,} found")
        yield from (_fact("", value) for value in (found.values[entity] if show_values else ()))
    if found.uncertain:
        unsure = ", ".join(f"{count:,} {entity}" for entity, count in found.uncertain.most_common())
        yield _fact("less certain", f"{unsure} (score below {found.certainty:g})")
    if found.invented:
        invented = ", ".join(f"{count:,} {entity}" for entity, count in found.invented.most_common())
        yield _fact("may be invented", f"{invented} (the manifest says that invented values stand there)")
    for place in found.places[:_MOST_PLACES]:
        yield _fact("at", f"{place.file}, record {place.record}, {place.field}: {place.entity} {place.score:.2f}")
    if len(found.places) > _MOST_PLACES:
        yield _fact("", "more places with --json")
    if found.passed:
        yield "nothing personal was found"
    elif not found.certain:
        yield "not passed: not everything could be looked at"


def _not_looked_at(found: "Inspection") -> Iterator[str]:
    if found.broken:
        yield _fact("unreadable", f"{counted(found.broken, 'record')} not looked at")
    for unseen in found.unseen[:_MOST_PLACES]:
        yield _fact("not looked at", f"{unseen.file}: {unseen.reason}")
    if len(found.unseen) > _MOST_PLACES:
        yield _fact("", f"and {len(found.unseen) - _MOST_PLACES:,} more, with --json")


def _fact(label: str, value: str) -> str:
    return f"  {label:<12} {value}"


def _printable(line: str) -> str:
    return "".join(c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in line)


@contextmanager
def _profiles(settings: Settings) -> Iterator["ProfileFiles | None"]:
    """Offer all configured profiles; None where none are configured."""
    from extract.profiles import ProfileFiles

    section = settings.extract
    if section.profiles is None:
        yield None
        return
    key = secrets.token_bytes(_KEY_BYTES)
    with TemporaryDirectory() as folder:
        profiles = ProfileFiles(Path(folder), buckets=_BUCKETS, traits=section.profile_traits, key=key)
        profiles.read(
            settings.path(section.profiles),
            user_field=section.fields.user,
            user_key=lambda user: keyed_hash(key, user),
            min_users=settings.personas.min_users,
        )
        yield profiles
