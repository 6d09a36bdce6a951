"""However the work is cut and shared out, the same logs give the same dataset."""

import random
from pathlib import Path
from typing import Any

import pytest

import extract.sessions
from extract.extraction import ExtractResult, extract_sessions
from extract.partitions import Sizes
from harness.contracts import Manifest, SanitizedSession
from harness.errors import ReverseRagError
from harness.sessions import read_sessions
from harness.storage import Storage
from tests.extract.conftest import MakeSettings, record, write_jsonl

PEOPLE = ["Ottoline Ferncastle", "Tobias Wennerström", "Marit Brandvold"]


def made_records() -> list[dict[str, Any]]:
    """Return the records of a dozen users, and of a service with a tenth of all in one session."""
    dice = random.Random(7)
    records = []
    for n in range(120):
        name = PEOPLE[n % 3]
        said = [f"My name is {name}. Number {n}", f"is {name.lower()} there? ({n})", f"mail me: p{n}@mail.example"]
        who = (
            {"user_id": "service", "session_id": "fixed-session"} if n % 10 == 0 else {"user_id": f"customer-{n % 12}"}
        )
        records.append(record(n, prompt=dice.choice(said), channel=dice.choice(["web", "app", f"odd{n}"]), **who))
    return records


RECORDS = made_records()


def run(folder: Path, make_settings: MakeSettings, sizes: Sizes | None = None, **keys: Any) -> ExtractResult:
    """Extract the records into a storage of its own."""
    write_jsonl(folder / "logs" / "a.jsonl", RECORDS)
    keys = {"source": str(folder / "logs"), "fields": {"keep": ["channel"]}, **keys}
    return extract_sessions(make_settings(**keys), Storage(str(folder / "out")), sizes=sizes)


def sessions_of(result: ExtractResult) -> list[SanitizedSession]:
    """Return the sessions of a dataset."""
    return list(read_sessions(result.folder))


@pytest.fixture
def whole(tmp_path: Path, make_settings: MakeSettings) -> ExtractResult:
    """Return the dataset made in one piece."""
    return run(tmp_path / "whole", make_settings, Sizes(buckets=1), workers=1)


@pytest.mark.parametrize(
    ("sizes", "workers"),
    [
        (Sizes(buckets=7), 1),
        (Sizes(buckets=256, part_bytes=1), 1),
        (Sizes(buckets=2, run_bytes=500), 1),
        (Sizes(buckets=7, worth_workers=0), 2),
    ],
    ids=["7 buckets", "256 parts", "sorted on disk", "2 workers"],
)
def test_buckets_memory_and_workers_change_nothing(
    tmp_path: Path, make_settings: MakeSettings, whole: ExtractResult, sizes: Sizes, workers: int
) -> None:
    result = run(tmp_path, make_settings, sizes, workers=workers)
    assert result.dataset_id == whole.dataset_id
    assert sessions_of(result) == sessions_of(whole)
    assert (result.entities, result.suppressed, result.users) == (whole.entities, whole.suppressed, whole.users)
    assert result.certificate.audited_values == whole.certificate.audited_values


def test_sessions_stand_in_the_canonical_order_and_every_exchange_in_one(whole: ExtractResult) -> None:
    sessions = sessions_of(whole)
    places = [(session.user_key, session.session_id) for session in sessions]
    assert places == sorted(set(places))
    assert sum(turn.role == "user" for session in sessions for turn in session.turns) == len(RECORDS) == whole.records
    assert whole.users == len({session.user_key for session in sessions}) == 13
    manifest = Manifest.from_json((whole.folder / "manifest.json").read_bytes())
    assert manifest.counts["exchanges"] == len(RECORDS)


def test_rare_channels_are_suppressed_and_counted(whole: ExtractResult) -> None:
    channels = {session.metadata.get("channel") for session in sessions_of(whole)}
    assert channels == {"web", "app", None}
    manifest = Manifest.from_json((whole.folder / "manifest.json").read_bytes())
    assert (
        manifest.details["suppressed"] == whole.suppressed == {"metadata.channel": whole.suppressed["metadata.channel"]}
    )
    assert manifest.counts["suppressed"] > 0


def test_a_services_endless_session_is_cut_and_nothing_of_it_is_lost(
    tmp_path: Path, make_settings: MakeSettings, whole: ExtractResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extract.sessions, "MOST_EXCHANGES", 5)
    monkeypatch.setattr(extract.sessions, "MOST_SESSIONS", 2)
    ids = {run(tmp_path / str(n), make_settings, Sizes(buckets=n), workers=1).dataset_id for n in (1, 7)}
    assert len(ids) == 1
    cut = sessions_of(run(tmp_path / "again", make_settings, workers=1))
    parts = [session for session in cut if len(session.session_id) > 16]
    assert [session.session_id[16:] for session in parts] == ["-000002", "-000003"]
    texts = sorted(turn.text for session in cut for turn in session.turns if "mail" in turn.text)
    assert len(texts) == sum("mail" in turn.text for session in sessions_of(whole) for turn in session.turns)


def test_nothing_raw_stays_behind(tmp_path: Path, make_settings: MakeSettings, whole: ExtractResult) -> None:
    sanitized = whole.folder.parent
    assert sorted(path.name for path in sanitized.iterdir()) == [whole.dataset_id, "latest"]


def test_a_missing_exchange_stops_publication(
    tmp_path: Path, make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counts are compared before anything is published: what was read is in a session or in quarantine."""
    real = extract.sessions.sessions_of
    monkeypatch.setattr("extract.partitions.sessions_of", lambda exchanges: list(real(exchanges))[1:])
    with pytest.raises(ReverseRagError, match="120 exchanges were read"):
        run(tmp_path, make_settings, workers=1)
    assert [path.name for path in (tmp_path / "out" / "sanitized").iterdir()] == []
