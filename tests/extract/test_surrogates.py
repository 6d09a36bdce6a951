"""A dataset in which invented values stand for personal ones."""

import datetime as dt
from pathlib import Path
from typing import Any

import orjson
import pytest

from extract.extraction import ExtractResult, configured_surrogates, extract_sessions, hmac_key
from extract.mapping import LoggedExchange
from extract.profiles import Profiles
from extract.sanitizing import SessionSanitizer
from extract.sessions import RawSession
from harness.contracts import Certificate, Manifest
from harness.pii import PiiSpan
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
