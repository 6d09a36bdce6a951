"""Logs in S3 are read as local ones, from a local server that speaks S3."""

import gzip
from collections.abc import Iterator

import boto3
import pytest
from moto.server import ThreadedMotoServer

from extract.readers import RawRecord, find_sources, read_source
from harness.errors import ConfigurationError, InputError


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("s3")
    client.create_bucket(Bucket="logs")
    client.put_object(Bucket="logs", Key="day/a.jsonl", Body=b'{"n": 1}\n')
    client.put_object(Bucket="logs", Key="day/b.jsonl.gz", Body=gzip.compress(b'{"n": 2}\n'))
    client.put_object(Bucket="logs", Key="day/readme.txt", Body=b"hi")
    yield "s3://logs"
    server.stop()


def numbers(location: str) -> list[int]:
    records = [record for source in find_sources(location) for record in read_source(source)]
    return [record.values["n"] for record in records if isinstance(record, RawRecord)]


def test_a_prefix_a_glob_and_an_object_are_read(bucket: str) -> None:
    assert numbers(f"{bucket}/day") == [1, 2]
    assert numbers(f"{bucket}/day/*.jsonl") == [1]
    assert numbers(f"{bucket}/day/b.jsonl.gz") == [2]
    assert (
        numbers(bucket)
        == numbers(f"{bucket}/")
        == numbers(f"{bucket}/**/*.jsonl*")
        == numbers(f"{bucket}/d?y/*")
        == [1, 2]
    )
    assert numbers(f"{bucket}/*/[!b].jsonl*") == [1]
    assert numbers(f"{bucket}/d*/[a-b].jsonl.*") == [2]
    with pytest.raises(InputError, match="no file matches"):
        find_sources(f"{bucket}/night/*.jsonl")
    with pytest.raises(InputError, match=r"no file matches|cannot be listed"):
        find_sources("s3://other/day/*.jsonl")
    with pytest.raises(ConfigurationError, match="is no pattern"):
        find_sources(f"{bucket}/[z-a].jsonl")
    for location in (f"{bucket}/da", f"{bucket}/*.jsonl", "s3://No Bucket/a"):
        with pytest.raises(InputError, match=r"no file matches|cannot be listed"):
            find_sources(location)
