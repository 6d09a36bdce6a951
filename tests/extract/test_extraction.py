"""The stage as a whole: nothing lost, nothing personal left, the same input the same id."""

import random
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest

from extract.extraction import ExtractResult, extract_sessions
from extract.tracing.planting import seed_fingerprint, tracer_seed
from harness.contracts import Arrivals, Certificate, Manifest, ProfilesUsed
from harness.errors import ConfigurationError, InputError, SafetyError, StorageError
from harness.pii.interface import PiiSpan
from harness.pii.redaction import SessionRedactor
from harness.sessions import read_sessions
from harness.storage import Storage
from tests.extract.conftest import KEY, MakeSettings, record, write_jsonl

RECORDS = [record(n) for n in range(30)]


def run(
    folder: Path, make_settings: MakeSettings, storage: Storage, records: list[dict[str, Any]], **extract_keys: Any
) -> ExtractResult:
    write_jsonl(folder / "logs" / "a.jsonl", records)
    return extract_sessions(make_settings(**extract_keys), storage)


def whole_output(result: ExtractResult) -> str:
    return "\n".join(turn.text for s in read_sessions(result.folder) for turn in s.turns)


def test_a_dataset_holds_sessions_certificate_arrivals_and_manifest(
    tmp_path: Path, make_settings: MakeSettings, storage: Storage
) -> None:
    result = run(tmp_path, make_settings, storage, RECORDS)
    sessions = list(read_sessions(result.folder))
    assert (result.records, result.turns, result.quarantined) == (30, 60, {})
    assert result.sessions == len(sessions) == len({(r["session_id"], r["user_id"]) for r in RECORDS})
    assert sorted(p.name for p in result.folder.iterdir()) == [
        "arrivals.json",
        "certificate.json",
        "certificate.md",
        "manifest.json",
        "part-00000.parquet",
    ]
    certificate = Certificate.from_json((result.folder / "certificate.json").read_bytes())
    assert certificate.passed
    assert certificate.tracers_planted == 40
    assert certificate == result.certificate
    manifest = Manifest.from_json((result.folder / "manifest.json").read_bytes())
    assert (manifest.kind, manifest.artifact_id, manifest.details["sources"]) == (
        "dataset",
        result.dataset_id,
        ["a.jsonl"],
    )
    assert manifest.counts["records"] == 30
    assert set(manifest.files) == {"arrivals.json", "certificate.json", "certificate.md", "part-00000.parquet"}
    assert Arrivals.from_json((result.folder / "arrivals.json").read_bytes()).min_users == 5
    assert storage.resolve("sanitized", "latest") == result.dataset_id


def test_turns_are_in_the_order_of_time_and_ids_are_hashes(
    tmp_path: Path, make_settings: MakeSettings, storage: Storage
) -> None:
    records = [
        record(
            0,
            user_id="someone-9",
            session_id="talk-12345",
            timestamp=f"2026-10-01T08:0{m}:00Z",
            prompt=f"part {m}",
            response=None,
        )
        for m in (3, 1, 2)
    ]
    result = run(tmp_path, make_settings, storage, records)
    (session,) = read_sessions(result.folder)
    assert [turn.text for turn in session.turns] == ["part 1", "part 2", "part 3"]
    assert [turn.role for turn in session.turns] == ["user"] * 3
    assert str(session.started_on) == "2026-10-01"
    assert len(session.session_id) == len(session.user_key) == 16


def test_two_users_of_one_session_id_are_two_sessions(
    tmp_path: Path, make_settings: MakeSettings, storage: Storage
) -> None:
    result = run(
        tmp_path,
        make_settings,
        storage,
        [record(0, user_id=u, session_id="shared-1") for u in ("first-user", "other-user")],
    )
    assert (result.sessions, result.users) == (2, 2)


def test_the_same_records_give_the_same_id_in_any_order_and_split(tmp_path: Path, make_settings: MakeSettings) -> None:
    ids = set()
    for number in range(3):
        shuffled = RECORDS[:]
        random.Random(number).shuffle(shuffled)
        folder = tmp_path / f"logs-{number}"
        write_jsonl(folder / "x.jsonl", shuffled[: 10 * number])
        write_jsonl(folder / "y.jsonl", shuffled[10 * number :])
        ids.add(
            extract_sessions(make_settings(source=str(folder)), Storage(str(tmp_path / f"out-{number}"))).dataset_id
        )
    assert len(ids) == 1


def test_every_record_is_used_or_in_quarantine_and_quarantine_holds_no_text(
    tmp_path: Path, make_settings: MakeSettings, storage: Storage
) -> None:
    secret = "Quillfeather-Secret"
    bad: list[dict[str, Any]] = [
        record(0, prompt=None, note=secret), record(0, timestamp=secret), record(0, prompt=[secret]), record(0, prompt=secret * 20_000), {"x": secret},
    ]  # fmt: skip
    path = write_jsonl(tmp_path / "logs" / "a.jsonl", [*bad, *RECORDS])
    path.write_bytes(path.read_bytes() + f'{{"broken": "{secret}\n'.encode() + b"\0\n" + b'{"a":"\xff"}\n')
    (tmp_path / "logs" / "empty.jsonl").write_bytes(b"")
    result = extract_sessions(make_settings(), storage)
    assert result.records == 38
    assert result.quarantined == {
        "bad_timestamp": 1,
        "message_too_long": 1,
        "missing_field": 2,
        "not_json": 1,
        "not_utf8": 1,
        "nul_bytes": 1,
        "wrong_type": 1,
    }
    assert result.records == sum(result.quarantined.values()) + sum(
        t.role == "user" for s in read_sessions(result.folder) for t in s.turns
    )
    assert result.empty_files == ("empty.jsonl",)
    text = (result.folder / "quarantine.jsonl").read_text()
    assert secret not in text
    assert Counter(orjson.loads(line)["source"] for line in text.splitlines()) == {"a.jsonl": 8}
    assert Manifest.from_json((result.folder / "manifest.json").read_bytes()).counts["quarantined"] == 8


def test_what_is_personal_is_gone_and_counted(tmp_path: Path, make_settings: MakeSettings, storage: Storage) -> None:
    profiles = [
        {
            "user_id": "customer-0",
            "name": "Ottoline Ferncastle",
            "phone": "+49 170 1234567",
            "plan": "gold",
            "city": "Obuasi",
        }
    ]
    write_jsonl(tmp_path / "profiles.jsonl", profiles)
    said = "hi this is ottoline, F-E-R-N no: ferncastle. 0170/1234567, iban DE89370400440532013000, customer-0 here, Ask Tobias Wennerström"
    others = [record(n, user_id="customer-1", prompt="tell ottoline ferncastle and customer-0") for n in range(3)]
    result = run(
        tmp_path,
        make_settings,
        storage,
        [record(0, prompt=said, response="Dear Ottoline, done."), *others],
        profiles="profiles.jsonl",
        profile_traits=["plan"],
    )
    text = whole_output(result).lower()
    for value in ("ottoline", "ferncastle", "1234567", "de89", "customer-0", "tobias", "wennerström"):
        assert value not in text
    assert result.entities["PERSON"] >= 5
    assert result.certificate.audited_leaks == 0
    assert result.certificate.audited_values > 0


def test_traits_that_fewer_than_k_users_share_are_dropped(
    tmp_path: Path, make_settings: MakeSettings, storage: Storage
) -> None:
    plans = ["gold"] * 5 + ["unique"] * 2
    write_jsonl(
        tmp_path / "profiles.jsonl",
        [
            {"user_id": f"customer-{n}", "plan": plan, "city": "Obuasi", "since": "2019-04-05"}
            for n, plan in enumerate(plans)
        ],
    )
    records = [record(n, prompt="Is there a branch in Obuasi?") for n in range(30)]
    result = run(tmp_path, make_settings, storage, records, profiles="profiles.jsonl", profile_traits=["plan", "since"])
    traits = {tuple(sorted(s.traits.items())) for s in read_sessions(result.folder)}
    assert traits == {(("plan", "gold"), ("since", "2019")), (("since", "2019"),)}
    assert "Obuasi" in whole_output(result), "a value that enough users share identifies none of them"


def test_only_allow_listed_fields_survive(tmp_path: Path, make_settings: MakeSettings, storage: Storage) -> None:
    result = run(
        tmp_path,
        make_settings,
        storage,
        [record(n, channel="web", device="pixel") for n in range(9)],
        fields={"keep": ["channel"], "feedback": "rating"},
    )
    assert {tuple(s.metadata.items()) for s in read_sessions(result.folder)} == {(("channel", "web"),)}


def test_an_allow_listed_field_survives_without_what_is_surely_personal(
    tmp_path: Path, make_settings: MakeSettings, storage: Storage
) -> None:
    page = "https://bank.test/help?from=ondine@mail.example"
    records = [record(n, page=page, build="r-2024-77", again=f"u/{record(n)['user_id']}") for n in range(9)]
    result = run(tmp_path, make_settings, storage, records, fields={"keep": ["page", "build", "again"]})
    for session in read_sessions(result.folder):
        assert "ondine" not in session.metadata["page"]
        assert session.metadata["build"] == "r-2024-77", "what only might be a reference was asked for"
        assert "again" not in session.metadata, "ids of users are shared by nobody"


def test_a_name_that_enough_users_share_does_not_survive_in_an_allow_listed_field(
    tmp_path: Path, make_settings: MakeSettings, storage: Storage
) -> None:
    records = [record(n, agent="Piet Hiemstra", nm="Ottoline", channel="web") for n in range(12)]
    write_jsonl(tmp_path / "profiles.jsonl", [{"user_id": f"customer-{n}", "adviser": "Wei Chen"} for n in range(7)])
    keys = {"fields": {"keep": ["agent", "nm", "channel"]}, "profiles": "profiles.jsonl", "profile_traits": ["adviser"]}
    result = run(tmp_path, make_settings, storage, records, **keys)
    left = {(tuple(s.metadata.items()), tuple(s.traits.items())) for s in read_sessions(result.folder)}
    metadata = (("agent", "<PERSON_1>"), ("channel", "web"), ("nm", "<PERSON_1>"))
    assert {(tuple(sorted(kept)), traits) for kept, traits in left} == {(metadata, (("adviser", "<PERSON_1>"),))}
    assert result.personal == dict.fromkeys(("metadata.agent", "metadata.nm", "traits.adviser"), result.sessions)
    assert "`metadata.agent`" in (result.folder / "certificate.md").read_text()
    assert result.profiles == ProfilesUsed(users=7, matched=7, strangers=0)


def test_an_exact_time_is_no_record_key(tmp_path: Path, make_settings: MakeSettings, storage: Storage) -> None:
    records = [record(n, session_id=f"s-{n}", timestamp=f"2026-10-01T08:{n:02}:17Z") for n in range(12)]
    result = run(tmp_path, make_settings, storage, records, fields={"keep": ["timestamp"]})
    assert {tuple(s.metadata.items()) for s in read_sessions(result.folder)} == {(("timestamp", "2026-10-01"),)}
    assert result.record_keys == ()


def test_profiles_of_nobody_in_the_logs_are_counted(
    tmp_path: Path, make_settings: MakeSettings, storage: Storage
) -> None:
    write_jsonl(tmp_path / "profiles.jsonl", [{"user_id": f"other-{n}", "name": "Wei Chen"} for n in range(3)])
    result = run(tmp_path, make_settings, storage, RECORDS, profiles="profiles.jsonl")
    assert result.profiles == ProfilesUsed(users=7, matched=0, strangers=3)
    assert "no user's profile was found" in " ".join((result.folder / "certificate.md").read_text().split())


def test_the_seed_of_the_tracers_is_not_published(
    tmp_path: Path, make_settings: MakeSettings, storage: Storage
) -> None:
    result = run(tmp_path, make_settings, storage, RECORDS)
    seed = str(tracer_seed(KEY.encode()))
    for name in ("certificate.json", "certificate.md", "manifest.json"):
        text = (result.folder / name).read_text()
        assert seed not in text
        assert seed_fingerprint(KEY.encode()) in text


def test_a_record_key_survives_and_is_named(tmp_path: Path, make_settings: MakeSettings, storage: Storage) -> None:
    """A code of its own for every session is what somebody allow-lists to find the records again."""
    records = [record(n, session_id=f"s-{n}", request=f"req-{n:04d}") for n in range(12)]
    result = run(tmp_path, make_settings, storage, records, fields={"keep": ["request"]})
    assert {s.metadata["request"] for s in read_sessions(result.folder)} == {f"req-{n:04d}" for n in range(12)}
    assert result.record_keys == ("metadata.request",)
    assert "**Record keys**: `metadata.request`" in (result.folder / "certificate.md").read_text()
    assert orjson.loads((result.folder / "manifest.json").read_bytes())["details"]["record_keys"] == [
        "metadata.request"
    ]


def test_a_profile_that_cannot_be_read_stops_the_stage(
    tmp_path: Path, make_settings: MakeSettings, storage: Storage
) -> None:
    (tmp_path / "profiles.jsonl").write_text('{"user_id": "customer-0"}\n{"user_id": \n')
    with pytest.raises(InputError, match="line 2"):
        run(tmp_path, make_settings, storage, RECORDS, profiles="profiles.jsonl")


def test_a_record_that_cannot_be_sanitized_is_quarantined(
    tmp_path: Path, make_settings: MakeSettings, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = SessionRedactor.look

    def failing(self: SessionRedactor, texts: list[str]) -> list[list[PiiSpan]]:
        if any("(4)" in text for text in texts):
            raise RecursionError
        return real(self, texts)

    monkeypatch.setattr(SessionRedactor, "look", failing)
    result = run(tmp_path, make_settings, storage, RECORDS)
    assert result.quarantined == {"sanitizer_error": 1}
    assert sum(t.role == "user" for s in read_sessions(result.folder) for t in s.turns) == 29
    assert "(4)" not in whole_output(result)


def test_below_the_floor_nothing_is_published(
    tmp_path: Path, make_settings: MakeSettings, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SessionRedactor, "redact_found", lambda _self, texts, _found: list(texts))
    with pytest.raises(SafetyError, match="certificate_floor") as error:
        run(tmp_path, make_settings, storage, RECORDS, certificate_floor=0.9)
    assert error.value.exit_code == 5
    assert storage.ids("sanitized") == []
    assert list((tmp_path / "out" / "sanitized").iterdir()) == []


def test_a_raw_id_left_in_the_output_stops_publication(
    tmp_path: Path, make_settings: MakeSettings, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SessionRedactor, "redact_found", lambda _self, texts, _found: list(texts))
    with pytest.raises(SafetyError, match="known raw values") as error:
        run(tmp_path, make_settings, storage, [record(0, user_id="quill-9917", prompt="I am quill-9917")])
    assert "quill" not in str(error.value)


@pytest.mark.parametrize("content", [b"", b"\n\n"])
def test_a_source_without_any_record_is_an_error(
    tmp_path: Path, make_settings: MakeSettings, storage: Storage, content: bytes
) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.jsonl").write_bytes(content)
    with pytest.raises(InputError, match="no record"):
        extract_sessions(make_settings(), storage)


def test_a_field_missing_everywhere_is_an_error_that_names_the_fields_there_are(
    tmp_path: Path, make_settings: MakeSettings, storage: Storage
) -> None:
    records = [{"uid": "u", "session_id": "s", "timestamp": "2026-10-01", "question": "Where is Quillfeather?"}] * 3
    with pytest.raises(InputError, match="missing_field 3") as error:
        run(tmp_path, make_settings, storage, records)
    assert "question, session_id, timestamp, uid" in error.value.hint
    assert "Quillfeather" not in error.value.hint


def test_the_key_must_be_set_and_long_enough(
    tmp_path: Path, make_settings: MakeSettings, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REVERSE_RAG_HMAC_KEY", "short")
    with pytest.raises(ConfigurationError, match="at least 16") as error:
        run(tmp_path, make_settings, storage, RECORDS)
    assert "short" not in str(error.value).replace("shorter", "")
    monkeypatch.delenv("REVERSE_RAG_HMAC_KEY")
    with pytest.raises(ConfigurationError, match="REVERSE_RAG_HMAC_KEY"):
        run(tmp_path, make_settings, storage, RECORDS)


def test_another_key_gives_other_hashes(
    tmp_path: Path, make_settings: MakeSettings, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run(tmp_path, make_settings, storage, RECORDS)
    monkeypatch.setenv("REVERSE_RAG_HMAC_KEY", "another-key-of-enough-length")
    second = run(tmp_path, make_settings, storage, RECORDS)
    assert not {s.user_key for s in read_sessions(first.folder)} & {s.user_key for s in read_sessions(second.folder)}


def test_an_unwritable_output_is_a_storage_error(tmp_path: Path, make_settings: MakeSettings) -> None:
    (tmp_path / "out").write_text("a file where the folder should be")
    with pytest.raises(StorageError):
        run(tmp_path, make_settings, Storage(str(tmp_path / "out")), RECORDS)


def test_progress_is_reported_by_step(tmp_path: Path, make_settings: MakeSettings, storage: Storage) -> None:
    steps: list[tuple[str, int, int | None]] = []

    class Recorder:
        def update(self, step: str, done: int, total: int | None = None, note: str = "") -> None:
            steps.append((f"{step}{note}", done, total))

    write_jsonl(tmp_path / "logs" / "a.jsonl", RECORDS)
    extract_sessions(make_settings(), storage, progress=Recorder())
    assert list(dict.fromkeys(step for step, _, _ in steps)) == [
        "reading records", "sanitizing records", "writing sessions", "certifying",
    ]  # fmt: skip
    assert all(done <= total for _, done, total in steps if total is not None)
