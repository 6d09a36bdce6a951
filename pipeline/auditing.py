"""Looking into texts and data sets for what is personal: ``extract --explain`` and ``extract --audit``."""

import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from harness.config import Settings
from harness.errors import UsageError
from harness.identity import keyed_hash
from pipeline.console import Console, shown

if TYPE_CHECKING:
    from extract.profiles import ProfileFiles

_MOST_PLACES = 10
_BUCKETS = 64
_KEY_BYTES = 32


def run_explain(settings: Settings, console: Console, text: str) -> dict[str, Any]:
    """Say what would be removed from a text and why; return the same as values.

    Args:
        settings: The configuration: detector and profiles.
        console: Where it is said.
        text: The text; ``-`` reads it from stdin.

    Raises:
        UsageError: If stdin holds no text.
    """
    from extract.explaining import explain
    from harness.pii.registry import KnownRegistry
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
    console.say(explained.redacted)
    if not explained.found:
        console.say("nothing personal was found", "dim")
    for each in explained.found:
        console.say(f"\n{each.value}  →  {each.entity}, score {each.score:.2f}", "bold")
        for said in each.evidence:
            console.fact(said.source, f"{said.entity} {said.score:.2f}: {said.reason}")
    if explained.left:
        console.say("\nlooked at, and left", "bold")
    for left in explained.left:
        console.fact(left.value, f"{left.entity}: the check of '{left.reason}' refused it")
    return explained.to_dict()


def run_audit(settings: Settings, console: Console, location: str, *, show_values: bool) -> dict[str, Any]:
    """Look into a data set; say and return what was found, where and how sure it is.

    Args:
        settings: The configuration: detector, profiles, and from which score on a finding counts.
        console: Where it is said.
        location: A folder, file, glob or ``s3://`` prefix.
        show_values: Also show what was found itself.

    Raises:
        InputError: If there is nothing that can be read.
    """
    from extract.inspection import inspect
    from harness.pii.setup import configured_detector

    where = location if "://" in location else str(Path(location).resolve())
    with _profiles(settings) as profiles, console.progress() as progress:
        found = inspect(
            where,
            configured_detector(settings),
            certainty=settings.extract.audit_certainty,
            known=profiles.values() if profiles else (),
            progress=progress,
        )
    console.say(
        f"audited    {found.texts:,} texts in {found.records:,} records of {found.files:,} files: {shown(where)}"
    )
    if found.broken:
        console.fact("unreadable", f"{found.broken:,} records were not looked at", "yellow")
    for entity, count in found.certain.most_common():
        console.fact(entity, f"{count:,} found", "red")
        for value in found.values[entity] if show_values else ():
            console.fact("", value)
    if found.uncertain:
        unsure = ", ".join(f"{count:,} {entity}" for entity, count in found.uncertain.most_common())
        console.fact("less certain", f"{unsure} (score below {found.certainty:g})")
    if found.invented:
        invented = ", ".join(f"{count:,} {entity}" for entity, count in found.invented.most_common())
        console.fact("may be invented", f"{invented} (the manifest says that invented values stand there)")
    for place in found.places[:_MOST_PLACES]:
        console.fact("at", f"{place.file}, record {place.record}, {place.field}: {place.entity} {place.score:.2f}")
    if len(found.places) > _MOST_PLACES:
        console.fact("", "more places with --json")
    if found.passed:
        console.say("nothing personal was found", "green")
    return found.to_dict(show_values=show_values)


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
