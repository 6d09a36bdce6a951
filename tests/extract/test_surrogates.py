"""A dataset in which invented values stand for personal ones."""

import datetime as dt
from pathlib import Path
from typing import Any

import orjson
import pytest

from extract.certifying.inspection import inspect
from extract.extraction import ExtractResult, extract_sessions
from extract.keys import configured_surrogates, hmac_key
from extract.profiles import Profiles
from extract.records.mapping import LoggedExchange
from extract.sanitizing import SessionSanitizer
from extract.sessions import RawSession
from harness.contracts import Certificate, Manifest
from harness.pii import PiiSpan
from harness.pii.detector import detector
from harness.sessions import read_sessions
from harness.storage import Storage
from tests.extract.conftest import MakeSettings, record, write_jsonl
from tests.extract.finders import Finder

SURROGATE = {"replacement": "surrogate"}
RECORDS = [
    record(n, user_id=f"customer-{n // 3:03}", session_id=f"talk-{n:03}", prompt=prompt)
    for n, prompt in enumerate(
        [
            "hello, my name is Ottoline Ferncastle",
            "OTTOLINE FERNCASTLE again, call me on 07911 234567 please",
            "how long does a transfer take",
            "I wrote to ottoline ferncastle and she never answered",
            "my card is 4539 1488 0343 6467",
            "thanks",
        ]
    )
]


def run(folder: Path, make_settings: MakeSettings, storage: Storage, **keys: Any) -> ExtractResult:
    write_jsonl(folder / "logs" / "a.jsonl", RECORDS)
    write_jsonl(folder / "profiles.jsonl", [{"user_id": "customer-000", "name": "Ottoline Ferncastle"}])
    return extract_sessions(make_settings(profiles="profiles.jsonl", workers=1, **keys), storage)


def texts_of(result: ExtractResult) -> str:
    return "\n".join(turn.text for session in read_sessions(result.folder) for turn in session.turns)


def test_a_person_has_one_invented_name_in_the_whole_dataset_and_audits_know_that_it_is_invented(
    tmp_path: Path, make_settings: MakeSettings, storage: Storage
) -> None:
    settings = make_settings(pii=SURROGATE)
    surrogates = configured_surrogates(settings, hmac_key(settings))
    assert surrogates is not None
    name = surrogates.of("PERSON", "Ottoline Ferncastle")
    assert name is not None
    result = run(tmp_path, make_settings, storage, pii=SURROGATE)
    text = texts_of(result)
    assert not [word for word in ("ottoline", "ferncastle", "234567", "6467") if word in text.casefold()]
    assert text.casefold().count(name.casefold()) == 3
    assert name.upper() in text
    manifest = Manifest.from_json((result.folder / "manifest.json").read_bytes())
    certificate = Certificate.from_json((result.folder / "certificate.json").read_bytes())
    assert (manifest.details["replacement"], certificate.replacement) == ("surrogate", "surrogate")
    assert any("Invented values" in limit for limit in certificate.limits)
    assert (certificate.passed, certificate.audited_leaks) == (True, 0)


def test_placeholders_stand_unless_surrogates_are_asked_for(
    tmp_path: Path, make_settings: MakeSettings, storage: Storage
) -> None:
    result = run(tmp_path, make_settings, storage)
    assert "<PERSON_1>" in texts_of(result)
    assert orjson.loads((result.folder / "manifest.json").read_bytes())["details"]["replacement"] == "placeholder"
    assert result.certificate.replacement == "placeholder"


def test_another_key_gives_other_fakes_everywhere(
    tmp_path: Path, make_settings: MakeSettings, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = texts_of(run(tmp_path, make_settings, storage, pii=SURROGATE))
    monkeypatch.setenv("REVERSE_RAG_HMAC_KEY", "another-key-of-more-than-sixteen")
    assert texts_of(run(tmp_path, make_settings, storage, pii=SURROGATE)) != first


def test_audits_look_at_placeholders_because_a_fake_may_be_somebodys_name(make_settings: MakeSettings) -> None:
    settings = make_settings(pii=SURROGATE)
    surrogates = configured_surrogates(settings, hmac_key(settings))
    finder = Finder(lambda text: [PiiSpan(start=6, end=len(text), entity="PERSON", score=1.0)])
    exchange = LoggedExchange(
        user="customer-1",
        session="talk-1",
        at=dt.datetime(2026, 10, 1, tzinfo=dt.UTC),
        prompt="it is Ottoline",
        response=None,
        feedback=None,
        kept={},
        source="a.jsonl",
        line=1,
    )
    done = SessionSanitizer(finder, Profiles(), surrogates).sanitize(RawSession("s", "u", (exchange,)))
    assert done.session is not None
    assert done.searched is not None
    assert surrogates is not None
    assert done.session.turns[0].text == f"it is {surrogates.of('PERSON', 'Ottoline')}"
    assert done.searched.turns[0].text == "it is <PERSON_1>"
    assert done.searched.entities == done.session.entities == {"PERSON": 1}


def test_an_invented_name_is_nobodys_whose_profile_is_known(
    tmp_path: Path, make_settings: MakeSettings, storage: Storage
) -> None:
    """Another user bears the name that would have been invented: the next one is taken, everywhere."""
    settings = make_settings(pii=SURROGATE)
    surrogates = configured_surrogates(settings, hmac_key(settings))
    assert surrogates is not None
    usual = surrogates.of("PERSON", "Ottoline Ferncastle")
    assert usual is not None
    write_jsonl(tmp_path / "logs" / "a.jsonl", RECORDS)
    profiles = [{"user_id": "customer-000", "name": "Ottoline Ferncastle"}, {"user_id": "customer-001", "name": usual}]
    write_jsonl(tmp_path / "profiles.jsonl", profiles)
    result = extract_sessions(make_settings(profiles="profiles.jsonl", workers=1, pii=SURROGATE), storage)
    text = texts_of(result)
    assert usual.casefold() not in text.casefold()
    first, second = (text.partition(before)[2].splitlines()[0] for before in ("my name is ", "I wrote to "))
    assert second.startswith(first.lower())
    found = inspect(str(result.folder), detector("strict"), certainty=0.9, known=["Ottoline Ferncastle", usual])
    assert found.passed


def test_an_audit_passes_over_what_can_be_invented_and_finds_what_is_real(
    tmp_path: Path, make_settings: MakeSettings, storage: Storage
) -> None:
    folder = run(tmp_path, make_settings, storage, pii=SURROGATE).folder
    clean = inspect(str(folder), detector("strict"), certainty=0.5, known=["Ottoline Ferncastle"])
    assert clean.passed, clean.certain
    assert {"PERSON", "PHONE_NUMBER"} <= clean.invented.keys()
    rows = [session.model_dump(mode="json") for session in read_sessions(folder)]
    rows[0]["turns"][0]["text"] += " ask ottoline ferncastle, a.lind@lettermail.net or card 4539 1488 0343 6467"
    write_jsonl(folder / "more.jsonl", rows)
    leaking = inspect(str(folder), detector("strict"), certainty=0.9, known=["Ottoline Ferncastle"])
    assert leaking.certain.keys() >= {"known value", "EMAIL_ADDRESS", "CREDIT_CARD"}
    (folder / "manifest.json").unlink()
    assert "PHONE_NUMBER" in inspect(str(folder), detector("strict"), certainty=0.9).certain
