"""Sanitizing on a real Spark: the same dataset as one machine makes, whatever happens to tasks."""

import os
import random
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from pyspark.sql import SparkSession

from extract import transform
from extract.distributed import configured_files, extract_on_spark
from extract.executors.batches import Batches, Row, Task, without_text
from extract.executors.reading import EXCHANGE, READ, REJECTED, ExchangeReader
from extract.extraction import ExtractResult, extract_sessions
from extract.sessions import MOST_SESSIONS
from harness.config import Settings, load_settings
from harness.contracts import Arrivals, QuarantinedRecord, SanitizedSession
from harness.errors import ConfigurationError, InputError, SafetyError
from harness.sessions import read_sessions
from harness.storage import Storage
from tests.extract.conftest import KEY, MakeSettings, record, write_jsonl

FIRST = ("Anneke", "Rasheed", "Tomasz", "Beatriz", "Olaf", "Dilnoza", "Marit")
LAST = ("Halvorsrud", "Okonkwo", "Kowalczyk", "Ferreira", "Lindqvist")
SERVICE = "batch-service-77"
HEAVY = MOST_SESSIONS + 120
"""Sessions of one user: more than are looked at together, and about a third of all records."""
ORDINARY = 600
TAUGHT = 35
"""Users who write an id in the format that their company uses, and are told the same words."""
LARGE = " ".join(["how long does a transfer to France take, please?"] * 105_000)
"""A message of five megabytes."""
FILES = 3
CONFIGURATION = """
[extract]
source = "logs/*"
profiles = "profiles.jsonl"
profile_traits = ["plan"]
certificate_floor = 0.01
certificate_structured_floor = 0.01
tracers = 40
max_message_chars = 400000
[extract.fields]
keep = ["channel"]
feedback = "rating"
"""


def made_records() -> list[dict[str, Any]]:
    """Return records of a few dozen users, of whom one is a service that wrote a third of all."""
    dice = random.Random(5)
    people = [
        (f"customer-{n:04}", f"{dice.choice(FIRST)} {dice.choice(LAST)}", f"post{n}@mail.test") for n in range(40)
    ]
    records = []
    for number in range(ORDINARY):
        user, name, mail = dice.choice(people)
        records.append(
            record(
                number,
                user_id=user,
                session_id=f"talk-{number // 3}",
                prompt=dice.choice(
                    (
                        f"hi, i'm {name}, write to {mail}",
                        f"call me on 020 7946 0{number % 1000:03}",
                        f"is {name.split()[0]} in today?",
                        "How long does it take?",
                    )
                ),
                response=f"Dear {name}, two days.",
                channel=dice.choice(("web", "app", f"campaign-{number}")),
                rating=dice.choice((None, "up", "down")),
            )
        )
    for number in range(TAUGHT):
        said = "The branches open at nine. Your branch is near."
        prompt = f"it says vx-{number + 10} here"
        records.append(record(number, user_id=f"reader-{number}", session_id="-", prompt=prompt, response=said))
    for number in range(HEAVY):
        text = (
            "it is for Quillfeather Marchwinska" if number % 50 == 0 else f"send it to marchwinska please, no. {number}"
        )
        records.append(record(number, user_id=SERVICE, session_id=f"job-{number}", prompt=text, response=None))
    dice.shuffle(records)
    records[7]["prompt"] = None
    records[9]["timestamp"] = "nonsense"
    return records


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Logs in three files with a broken line each, profiles, and a configuration of them."""
    folder = tmp_path_factory.mktemp("logs")
    records = made_records()
    for number in range(FILES):
        path = write_jsonl(folder / "logs" / f"{number}.jsonl", records[number::FILES])
        path.write_bytes(path.read_bytes() + b'\n{"prompt": "torn\n')
    (folder / "logs" / "empty.jsonl").touch()
    profiles = [
        {"user_id": user, "name": {"first": FIRST[n % 7]}, "plan": "gold" if n % 2 else "basic", "town": "Leeds"}
        for n, user in enumerate(sorted({r["user_id"] for r in records}))
    ]
    write_jsonl(folder / "profiles.jsonl", [*profiles, {"user_id": SERVICE, "contact": "Zwanenburg, Ottoline"}])
    file = folder / "reverse-rag.toml"
    file.write_text(CONFIGURATION, encoding="utf-8")
    return load_settings(file, env={})


@pytest.fixture(scope="module")
def local(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> ExtractResult:
    """What one machine makes of the logs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REVERSE_RAG_HMAC_KEY", KEY)
        return extract_sessions(settings, Storage(str(tmp_path_factory.mktemp("local"))))


def sessions_in(folder: Path) -> list[SanitizedSession]:
    return list(read_sessions(folder))


def quarantined_in(folder: Path) -> list[tuple[str, int | None, str, str | None]]:
    lines = (folder / "quarantine.jsonl").read_bytes().splitlines()
    found = map(QuarantinedRecord.from_json, lines)
    return sorted((r.source, r.line, r.reason, r.field) for r in found)


def assert_same(made: ExtractResult, expected: ExtractResult) -> None:
    """Everything but the certificate is equal, to the order of the sessions."""
    assert sessions_in(made.folder) == sessions_in(expected.folder)
    assert quarantined_in(made.folder) == quarantined_in(expected.folder)
    arrivals = [Arrivals.from_json((each.folder / "arrivals.json").read_bytes()) for each in (made, expected)]
    assert arrivals[0] == arrivals[1]
    assert [Path(each.quarantine_file) for each in (made, expected)] == [
        each.folder / "quarantine.jsonl" for each in (made, expected)
    ]
    placed = replace(made, folder=expected.folder, quarantine_file=expected.quarantine_file)
    assert replace(placed, certificate=expected.certificate) == expected


@pytest.mark.timeout(600)
def test_spark_and_one_machine_make_the_same_dataset_also_when_tasks_die_and_a_user_is_cut_into_units(
    spark: SparkSession, settings: Settings, local: ExtractResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process is killed once in each step: what it had returned is forgotten, and nothing counts twice."""
    markers = {step: tmp_path / f"killed-{step}" for step in ("files", "sanitize", "parts")}

    def deadly(task: Task) -> Task:
        careful, marker = without_text(task), markers.get(getattr(task, "func", task).__name__)

        def run(batches: Batches) -> Iterator[Row]:
            for row in careful(batches):
                yield row
                if marker is not None and not marker.exists():
                    marker.touch()
                    os.kill(os.getpid(), signal.SIGKILL)

        return run

    monkeypatch.setattr(transform, "without_text", deadly)
    monkeypatch.setattr(transform, "HEAVY_EXCHANGES", 300)
    result = extract_on_spark(spark, settings, Storage(str(tmp_path / "out")))
    assert all(marker.exists() for marker in markers.values())
    assert_same(result, local)
    assert result.dataset_id == local.dataset_id
    assert result.quarantined == {"bad_timestamp": 1, "missing_field": 1, "not_json": FILES}
    assert result.empty_files == ("empty.jsonl",)
    assert result.learned_ids == ("VX-99",)
    assert {"branch", "branches"} <= set(result.learned_ordinary)
    assert result.certificate.tracers_planted == local.certificate.tracers_planted == 40
    assert result.certificate.audited_values == local.certificate.audited_values
    assert result.certificate.passed
    text = " ".join(turn.text for session in sessions_in(result.folder) for turn in session.turns)
    assert "Zwanenburg" not in text
    assert "Kowalczyk" not in text
    assert "vx-" not in text


@pytest.mark.timeout(400)
def test_spark_invents_the_values_that_one_machine_invents(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REVERSE_RAG_HMAC_KEY", KEY)
    names = [f"{first} {last}" for first in FIRST[:4] for last in LAST[:2]]
    records = [record(n, prompt=f"hi, i'm {name}, call 020 7946 0{100 + n}") for n, name in enumerate(names * 3)]
    for number in range(2):
        write_jsonl(tmp_path / "logs" / f"{number}.jsonl", records[number::2])
    write_jsonl(tmp_path / "profiles.jsonl", [{"user_id": "customer-0", "name": names[0]}])
    file = tmp_path / "reverse-rag.toml"
    file.write_text(CONFIGURATION + '[extract.pii]\nreplacement = "surrogate"\n', encoding="utf-8")
    settings = load_settings(file, env={})
    local = extract_sessions(settings, Storage(str(tmp_path / "local")))
    result = extract_on_spark(spark, settings, Storage(str(tmp_path / "spark")))
    assert result.dataset_id == local.dataset_id
    text = " ".join(turn.text for session in sessions_in(result.folder) for turn in session.turns)
    assert "<PERSON" not in text
    assert not any(last in text for last in LAST)


def test_the_key_and_the_texts_are_in_no_plan_no_setting_and_no_event_log(
    spark: SparkSession, settings: Settings, events: Path
) -> None:
    reader = ExchangeReader(settings.extract, KEY.encode())
    logs = configured_files(spark, settings, reader)
    plan = logs.frame._jdf.queryExecution().toString()
    configured = str(spark.sparkContext.getConf().getAll())
    logs.frame.count()
    logged = b"".join(path.read_bytes() for path in events.iterdir()).decode()
    assert "MapInArrow" in plan
    assert "MapInArrow" in logged
    for shown in (plan, configured, logged, repr(reader)):
        assert KEY not in shown
        assert "Marchwinska" not in shown


def test_json_lines_that_spark_splits_are_the_same_exchanges(
    spark: SparkSession, tmp_path: Path, make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two at the same moment keep the order of their lines, in whichever split they stand."""
    monkeypatch.setenv("TZ", "UTC")
    records = [record(n, user_id="someone-9", session_id="talk-1", timestamp="2026-10-01T08:00:00Z") for n in range(90)]
    path = write_jsonl(tmp_path / "logs" / "a.jsonl", records)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes() + b"\xff\xfe\n\n" + orjson.dumps(records[0]) * 2 + b"\n")
    reader = ExchangeReader(make_settings().extract, KEY.encode())
    spark.conf.set("spark.sql.files.maxPartitionBytes", "5000")
    try:
        logs = transform.lines_read(spark, reader, str(path))
        assert logs.frame.rdd.getNumPartitions() > 2
        rows = logs.frame.collect()
    finally:
        spark.conf.unset("spark.sql.files.maxPartitionBytes")
    lines = sorted(bytes(row.line) for row in rows if row.kind == EXCHANGE)
    prompts = [orjson.loads(line[58:])[2] for line in lines]
    assert prompts == [*(r["prompt"] for r in records), *[records[0]["prompt"]] * 2]
    assert [(row.source, row.number, row.reason) for row in rows if row.kind == REJECTED] == [
        ("a.jsonl", None, "not_utf8")
    ]
    assert sum(row["count"] for row in rows if row.kind == READ) == 93


def test_the_rows_of_a_table_are_records(spark: SparkSession, make_settings: MakeSettings) -> None:
    columns = ("user_id", "session_id", "timestamp", "prompt", "response")
    rows = [tuple(record(n)[name] if (n, name) != (2, "prompt") else None for name in columns) for n in range(5)]
    table = spark.createDataFrame(rows, ", ".join(f"{name} string" for name in columns))
    logs = transform.rows_read(table, ExchangeReader(make_settings().extract, KEY.encode()), "db.logs")
    read = logs.frame.collect()
    assert sum(row.kind == EXCHANGE for row in read) == 4
    assert [(r.source, r.number, r.reason, r.field) for r in read if r.kind == REJECTED] == [
        ("db.logs", None, "missing_field", "prompt")
    ]


def test_a_message_of_five_megabytes_is_sanitized_or_named_in_quarantine(
    spark: SparkSession, tmp_path: Path, make_settings: MakeSettings
) -> None:
    """Whole batches of them pass through Spark; by default they are longer than what is accepted."""
    write_jsonl(tmp_path / "logs" / "a.jsonl", [record(n, prompt=LARGE) if n % 2 else record(n) for n in range(12)])
    limits = {"certificate_floor": 0.0, "certificate_structured_floor": 0.0, "tracers": 1}
    result = extract_on_spark(spark, make_settings(**limits), Storage(str(tmp_path / "out")))
    assert result.quarantined == {"message_too_long": 6}
    assert (result.records, result.turns) == (12, 12)
    reader = ExchangeReader(make_settings(max_message_chars=10_000_000).extract, KEY.encode())
    read = configured_files(spark, make_settings(), reader).frame
    lines = transform.exchanges(read).repartition(2, "user_key").sortWithinPartitions("line").select("line")
    sizes = [len(row.line) for row in lines.collect()]
    assert sum(size > len(LARGE) for size in sizes) == 6


def test_what_is_wrong_with_the_logs_is_said_and_nothing_is_left_behind(
    spark: SparkSession, tmp_path: Path, make_settings: MakeSettings
) -> None:
    storage = Storage(str(tmp_path / "out"))
    write_jsonl(tmp_path / "logs" / "a.jsonl", [record(n, prompt=7) for n in range(3)])
    with pytest.raises(InputError, match="none of 3 records can be used: wrong_type 3"):
        extract_on_spark(spark, make_settings(), storage)
    with pytest.raises(ConfigurationError, match=r"extract\.incremental"):
        extract_on_spark(spark, make_settings(incremental=True), storage)
    write_jsonl(tmp_path / "logs" / "a.jsonl", [record(n) for n in range(3)])
    (tmp_path / "profiles.jsonl").write_bytes(b'{"user_id": "customer-1"}\n{broken\n')
    with pytest.raises(InputError, match=r"profiles\.jsonl, line 2"):
        extract_on_spark(spark, make_settings(profiles="profiles.jsonl"), storage)
    with pytest.raises(SafetyError, match="certificate_floor"):
        extract_on_spark(spark, make_settings(certificate_floor=1.0, tracers=3), storage)
    assert storage.ids("sanitized") == []
    assert list((tmp_path / "out" / "sanitized").iterdir()) == []


def test_sanitized_rows_are_sessions_with_a_datasets_columns(spark: SparkSession, local: ExtractResult) -> None:
    session = sessions_in(local.folder)[0]
    done = spark.createDataFrame([(session.to_json(),), (None,)], "session binary")
    (row,) = transform.as_sessions(done).collect()
    assert (row.session_id, row.started_on, row.entities) == (
        session.session_id,
        session.started_on,
        session.entities,
    )
    assert [(turn.role, turn.text) for turn in row.turns] == [(turn.role, turn.text) for turn in session.turns]


def test_an_error_in_an_executor_says_where_it_arose_and_nothing_of_the_text(spark: SparkSession) -> None:
    def task(_: Batches) -> Iterator[Row]:
        yield {"value": orjson.loads("Marchwinska")}

    from pyspark.errors import PythonException

    from extract.executors.profiles import VALUE_SCHEMA

    with pytest.raises(PythonException, match=r"a task met JSONDecodeError in test_transform\.py") as caught:
        transform._mapped(spark.range(1), task, VALUE_SCHEMA).collect()
    assert "Marchwinska" not in str(caught.value).replace('orjson.loads("Marchwinska")', "")
