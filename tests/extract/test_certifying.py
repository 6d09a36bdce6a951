"""The certificate as part of the stage: measured in the pass that sanitizes the data, and nothing of it in the data."""

from pathlib import Path

import pytest

import extract.partitions
from extract.extraction import extract_sessions
from extract.tracing.planting import TracerSample, seed_fingerprint, tracer_seed
from extract.tracing.tracers import make_tracers, telling_parts
from harness.contracts import Certificate
from harness.errors import SafetyError
from harness.sessions import read_sessions
from harness.storage import Storage
from tests.extract.conftest import KEY, MakeSettings, record, write_jsonl
from tests.extract.finders import Finder

RECORDS = [record(n) for n in range(60)]


def test_no_tracer_is_in_the_data_or_counted(tmp_path: Path, make_settings: MakeSettings, storage: Storage) -> None:
    write_jsonl(tmp_path / "logs" / "a.jsonl", RECORDS)
    result = extract_sessions(make_settings(), storage)
    sessions = list(read_sessions(result.folder))
    assert (result.records, result.users, result.turns) == (60, 7, 120)
    assert sum(len(session.turns) for session in sessions) == 120
    assert result.certificate.tracers_planted == 40
    text = "\n".join(turn.text for session in sessions for turn in session.turns)
    for tracer in make_tracers(40, seed=tracer_seed(KEY.encode())):
        assert not telling_parts(tracer.value).keys() & telling_parts(text).keys()


def test_tracers_change_nothing_of_the_data(tmp_path: Path, make_settings: MakeSettings, storage: Storage) -> None:
    write_jsonl(tmp_path / "logs" / "a.jsonl", RECORDS)
    few = extract_sessions(make_settings(tracers=25), storage)
    many = extract_sessions(make_settings(tracers=80), storage)
    assert few.dataset_id == many.dataset_id
    assert (few.certificate.tracers_planted, many.certificate.tracers_planted) == (25, 80)


def test_it_is_the_detector_of_the_workers_that_is_certified(
    tmp_path: Path, make_settings: MakeSettings, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where what sanitizes the data is blind, the certificate says so; it is no measurement of something else."""
    monkeypatch.setattr(extract.partitions, "RegistryDetector", lambda *_: Finder())
    write_jsonl(tmp_path / "logs" / "a.jsonl", RECORDS)
    with pytest.raises(SafetyError, match="below certificate_floor") as refused:
        extract_sessions(make_settings(), storage)
    assert refused.value.exit_code == 5
    assert storage.ids("sanitized") == []


def test_a_floor_of_one_type_stops_the_stage(tmp_path: Path, make_settings: MakeSettings, storage: Storage) -> None:
    write_jsonl(tmp_path / "logs" / "a.jsonl", RECORDS)
    with pytest.raises(SafetyError, match="EMAIL_ADDRESS: 3 of 3 planted") as refused:
        extract_sessions(make_settings(certificate_floors={"EMAIL_ADDRESS": 0.98}), storage)
    assert refused.value.exit_code == 5
    assert storage.ids("sanitized") == []
    result = extract_sessions(make_settings(certificate_floors={"EMAIL_ADDRESS": 0.1}), storage)
    assert {each.name: each.floor for each in result.certificate.types}["EMAIL_ADDRESS"] == 0.1


def test_the_certificate_names_what_it_rests_on(tmp_path: Path, make_settings: MakeSettings, storage: Storage) -> None:
    write_jsonl(tmp_path / "logs" / "a.jsonl", [*RECORDS, {"user_id": "x"}])
    result = extract_sessions(make_settings(), storage)
    basis = result.certificate.rests_on
    assert basis is not None
    assert (basis.dataset_id, basis.records, basis.sessions) == (result.dataset_id, 61, result.sessions)
    assert (basis.turns, basis.users, basis.quarantined) == (120, 7, {"missing_field": 1})
    assert basis.seed is None
    assert basis.seed_fingerprint == seed_fingerprint(KEY.encode())
    assert basis.exchanges == 60
    assert basis.detector["operating_point"] == "strict"
    assert result.certificate.over_redaction is not None
    text = (result.folder / "certificate.md").read_text(encoding="utf-8")
    assert text.startswith(f"# Leak certificate of {result.dataset_id}: passed")
    assert Certificate.from_json((result.folder / "certificate.json").read_bytes()) == result.certificate


def test_the_same_key_plants_the_same_tracers(tmp_path: Path, make_settings: MakeSettings, storage: Storage) -> None:
    write_jsonl(tmp_path / "logs" / "a.jsonl", RECORDS)
    first = extract_sessions(make_settings(), storage).certificate
    second = extract_sessions(make_settings(), storage).certificate
    assert (first.types, first.forms) == (second.types, second.forms)


def test_several_workers_measure_all_tracers(tmp_path: Path, make_settings: MakeSettings, storage: Storage) -> None:
    from extract.partitions import Sizes

    write_jsonl(tmp_path / "logs" / "a.jsonl", RECORDS)
    sizes = Sizes(buckets=8, part_bytes=4_000, worth_workers=1)
    result = extract_sessions(make_settings(workers=2, tracers=60), storage, sizes=sizes)
    assert result.certificate.tracers_planted == 60
    assert result.sessions == len(list(read_sessions(result.folder)))


def test_without_records_no_tracer_can_be_planted() -> None:
    assert TracerSample(5).planted(KEY.encode()).exchanges == []
