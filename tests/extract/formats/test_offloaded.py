"""Bodies over 100 kB: fetched whole from beside the log or an allowed bucket, or the record says why not."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import boto3
import orjson
import pytest
from moto.server import ThreadedMotoServer

from extract.formats import offloaded
from extract.readers import RawRecord, find_sources, read_source
from extract.records.mapping import LoggedExchange, RecordMapping, Rejection
from harness.config import ExtractSection
from tests.extract.formats.invocations import converse_body, converse_reply, invocation

FOLDER = "AWSLogs/111122223333/BedrockModelInvocationLogs/eu-central-1/2026/03/04/09"
LONG = "Here is my whole statement: " + "4.50 EUR bakery; " * 8000
INPUT = "3e1d0f6c-7a51-4d0e-9f5e-d64a64c6a001_input.json.gz"
OUTPUT = "3e1d0f6c-7a51-4d0e-9f5e-d64a64c6a001_output.json.gz"


def packed(value: Any) -> bytes:
    return gzip.compress(orjson.dumps(value), mtime=0)


def record(bucket: str = "logs", **output: Any) -> dict[str, Any]:
    """Return a record whose bodies are elsewhere."""
    made = invocation()
    made["input"]["inputBodyS3Path"] = f"s3://{bucket}/{FOLDER}/data/{INPUT}"
    made["output"].update(output or {"outputBodyS3Path": f"s3://{bucket}/{FOLDER}/data/{OUTPUT}"})
    return made


def read(location: str, **section: Any) -> list[LoggedExchange | Rejection]:
    mapping = RecordMapping(ExtractSection.model_validate({"format": "bedrock-invocation-log", **section}))
    read = [one for source in find_sources(location) for one in read_source(source)]
    return [mapped for one in read if isinstance(one, RawRecord) for mapped in mapping.map_all(one)]


def described(mapped: list[LoggedExchange | Rejection]) -> list[object]:
    return [(m.reason, m.field, m.detail) if isinstance(m, Rejection) else (m.prompt, m.response) for m in mapped]


@pytest.fixture
def local(tmp_path: Path) -> Path:
    """Return a local copy of a bucket's folder: one log file, the bodies in ``data/``."""
    folder = tmp_path / FOLDER
    (folder / "data").mkdir(parents=True)
    (folder / "data" / INPUT).write_bytes(packed(converse_body(LONG)))
    (folder / "data" / OUTPUT).write_bytes(packed(converse_reply({"text": "That is a lot of bread."})))
    (folder / "20260304T091502123Z_6f1c.json.gz").write_bytes(packed(record()))
    return tmp_path


def test_bodies_beside_a_local_log_are_read_and_are_no_logs_themselves(local: Path) -> None:
    assert described(read(str(local))) == [(LONG, "That is a lot of bread.")]


def test_a_streamed_body_may_be_offloaded_too(local: Path) -> None:
    chunks = [{"contentBlockDelta": {"delta": {"text": "Bread."}}}, {"messageStop": {"stopReason": "end_turn"}}]
    (local / FOLDER / "data" / OUTPUT).write_bytes(packed(chunks))
    assert described(read(str(local))) == [(LONG, "Bread.")]


@pytest.mark.parametrize(
    ("content", "why", "detail"),
    [
        (None, "offloaded_body_missing", "not beside the log, nor in large_bodies"),
        (packed({"a": LONG})[:-9], "offloaded_body_unreadable", "cut off gzip data"),
        (packed({"a": LONG})[:20] + b"\xff" * 400, "offloaded_body_unreadable", "damaged gzip data"),
        (b"{", "offloaded_body_unreadable", "1 bytes, not JSON"),
        (b"{" + b" " * 200_000, "offloaded_body_unreadable", "too large"),
        (gzip.compress(b"{" + b" " * 200_000), "offloaded_body_unreadable", "too large"),
    ],
)
def test_a_body_that_cannot_be_had_whole_is_a_reason(
    local: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, why: str, detail: str
) -> None:
    monkeypatch.setattr(offloaded, "MAX_BODY_BYTES", 160_000)
    path = local / FOLDER / "data" / OUTPUT
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    assert described(read(str(local))) == [(why, "output.outputBodyS3Path", detail)]


def test_a_record_cannot_name_other_files_of_this_machine(tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_bytes(orjson.dumps({"prompt": "mine"}))
    made = record()
    (tmp_path / "logs").mkdir()
    for path in (str(secret), f"file://{secret}", "s3://logs/data/../../secret.json", "s3://logs/..", "s3://", 7):
        made["input"]["inputBodyS3Path"] = path
        (tmp_path / "logs" / "a.jsonl").write_bytes(orjson.dumps(made))
        (mapped,) = read(str(tmp_path / "logs"))
        assert isinstance(mapped, Rejection)
        assert mapped.reason == "offloaded_body_missing"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Yield a client of a local server that speaks S3, with two buckets."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    client = boto3.client("s3")
    client.create_bucket(Bucket="logs")
    client.create_bucket(Bucket="bodies")
    yield client
    # Servers of one process share what they hold.
    urlopen(Request(f"http://{host}:{port}/moto-api/reset", method="POST"))
    server.stop()


def put(client: Any, bucket: str, name: str, value: Any) -> None:
    client.put_object(Bucket=bucket, Key=f"{FOLDER}/{name}", Body=packed(value))


def test_bodies_are_fetched_from_the_logs_own_bucket(s3: Any) -> None:
    put(s3, "logs", "20260304T091502123Z_6f1c.json.gz", record())
    put(s3, "logs", f"data/{INPUT}", converse_body(LONG))
    put(s3, "logs", f"data/{OUTPUT}", converse_reply({"text": "Bread."}))
    s3.put_object(Bucket="logs", Key="AWSLogs/amazon-bedrock-logs-permission-check", Body=b"")
    assert described(read("s3://logs/AWSLogs")) == [(LONG, "Bread.")]


def test_other_buckets_only_where_the_configuration_names_them(s3: Any, tmp_path: Path) -> None:
    put(s3, "bodies", f"data/{INPUT}", converse_body(LONG))
    made = record("bodies", outputBodyJson=converse_reply({"text": "Bread."}))
    (tmp_path / "a.jsonl").write_bytes(orjson.dumps(made))
    place = str(tmp_path / "a.jsonl")
    refused = ("offloaded_body_missing", "input.inputBodyS3Path", "not beside the log, nor in large_bodies")
    assert described(read(place)) == [refused]
    assert described(read(place, large_bodies="s3://bodies/Other")) == [refused]
    assert described(read(place, large_bodies="s3://bod")) == [refused]
    assert described(read(place, large_bodies="s3://bodies/AWSLogs")) == [(LONG, "Bread.")]


def test_an_object_that_is_gone_is_a_reason(s3: Any) -> None:
    put(s3, "logs", "20260304T091502123Z_6f1c.json.gz", record())
    put(s3, "logs", f"data/{INPUT}", converse_body(LONG))
    assert described(read("s3://logs/AWSLogs")) == [("offloaded_body_missing", "output.outputBodyS3Path", "NoSuchKey")]
