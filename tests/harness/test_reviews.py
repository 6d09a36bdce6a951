"""The review store: the same in a folder, in a bucket and in a DynamoDB table."""

import json
import os
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from harness.contracts import ReviewItem
from harness.errors import StorageError
from harness.reviews import FOLDER, ReviewFolder, ReviewStore, StoredReviews
from harness.reviewtable import MOST_BYTES, ReviewTable
from harness.storage import Storage
from tests.judge.calibration.records import item, label

TABLE = "reviews-of-tests"
BUCKET = "reviewed"
ITEMS = [item(number, passed=number > 2) for number in range(5)]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A local AWS's address."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def aws(address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """An empty table and bucket, and an environment that knows no other AWS."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    values = {
        "AWS_ENDPOINT_URL": address,
        "AWS_ACCESS_KEY_ID": "invented",
        "AWS_SECRET_ACCESS_KEY": "invented",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    import boto3

    bucket = boto3.resource("s3", endpoint_url=address).Bucket(BUCKET)
    bucket.create()
    keys = [("review_id", "HASH"), ("record", "RANGE")]
    table: Any = boto3.resource("dynamodb", endpoint_url=address).create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in keys],
        BillingMode="PAY_PER_REQUEST",
    )
    yield
    table.delete()
    bucket.objects.delete()
    bucket.delete()


@pytest.fixture(params=["folder", "bucket", "table"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ReviewStore:
    """A store of each kind."""
    if request.param == "folder":
        return StoredReviews(Storage(str(tmp_path / "out")))
    request.getfixturevalue("aws")
    storage = Storage(f"s3://{BUCKET}/project")
    return StoredReviews(storage) if request.param == "bucket" else ReviewTable(TABLE, storage)


def ids(items: list[ReviewItem]) -> list[str]:
    """Return the items' ids in order."""
    return sorted(one.review_id for one in items)


def test_an_empty_store_is_read_as_empty(store: ReviewStore) -> None:
    assert store.items() == []
    assert store.labels() == []


def test_what_is_put_twice_is_there_once(store: ReviewStore) -> None:
    assert store.put_items("run-1-judge-1", ITEMS) == 5
    store.put_items("run-1-judge-1", ITEMS)
    store.put_items("run-2-judge-1", [item(9, passed=False)])
    assert ids(store.items()) == ids([*ITEMS, item(9, passed=False)])
    assert {one.review_id: one for one in store.items()}["judge-1-0"] == ITEMS[0]


def test_labels_are_there_for_whoever_reads_next(store: ReviewStore) -> None:
    """Of this sitting and of those before, however reading and writing take turns."""
    given = [label(one, "good", by=by) for one in ITEMS for by in ("ada", "ben")]
    for one in given:
        store.add_labels([one])
        assert one in store.labels()
    assert sorted(one.to_json() for one in store.labels()) == sorted(one.to_json() for one in given)


def test_an_answer_too_long_for_the_table_is_kept_whole(store: ReviewStore) -> None:
    long = item(7, passed=False).model_copy(update={"contexts": ["é" * MOST_BYTES]})
    store.put_items("run-1-judge-1", [long])
    assert store.items() == [long]


def test_another_machine_reads_what_this_one_kept(aws: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    root = f"s3://{BUCKET}/project"
    here = StoredReviews(Storage(root))
    here.put_items("run-1-judge-1", ITEMS)
    here.add_labels([label(ITEMS[0], "bad")])
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "another-machine"))
    there = StoredReviews(Storage(root))
    there.add_labels([label(ITEMS[1], "good", by="ben")])
    assert ids(there.items()) == ids(ITEMS)
    assert {one.labelled_by for one in there.labels()} == {"ada", "ben"}


def test_a_table_is_probed_without_writing_to_it(aws: None, address: str, tmp_path: Path) -> None:
    """Wrong keys and a missing table are noticed, and a good one stays empty."""
    import boto3

    storage = Storage(str(tmp_path))
    table = ReviewTable(TABLE, storage)
    table.probe()
    assert (table.items(), table.labels()) == ([], [])
    with pytest.raises(StorageError, match="nothing-of-the-kind"):
        ReviewTable("nothing-of-the-kind", storage).probe()
    other: Any = boto3.resource("dynamodb", endpoint_url=address).create_table(
        TableName="other-keys",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    with pytest.raises(StorageError, match="table other-keys: cannot be read or written"):
        ReviewTable("other-keys", storage).probe()
    other.delete()


def test_a_missing_table_is_an_error_that_names_it(aws: None, tmp_path: Path) -> None:
    table = ReviewTable("nothing-of-the-kind", Storage(str(tmp_path)))
    with pytest.raises(StorageError, match=r"nothing-of-the-kind.*ResourceNotFoundException"):
        table.items()
    with pytest.raises(StorageError, match="nothing-of-the-kind"):
        table.add_labels([label(ITEMS[0], "bad")])


def test_many_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    """Several runs end, and several people label, on one root."""

    def write(number: int) -> None:
        store = StoredReviews(Storage(str(tmp_path)))
        one = item(number, passed=False)
        store.put_items(f"run-{number}-judge-1", [one])
        store.add_labels([label(one, "bad")])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(40)))
    store = StoredReviews(Storage(str(tmp_path)))
    assert len(store.items()) == len(store.labels()) == 40


def test_an_item_keeps_the_time_at_which_it_came(tmp_path: Path) -> None:
    """So that judging again does not make old answers the newest, and an unchanged part is not written again."""
    store = StoredReviews(Storage(str(tmp_path)))
    store.put_items("run-1-judge-1", ITEMS)
    (part,) = (tmp_path / FOLDER / "items").iterdir()
    before = part.stat()
    later = [one.model_copy(update={"created_at": "2027-01-01T00:00:00Z"}) for one in ITEMS]
    store.put_items("run-1-judge-1", later)
    assert store.items() == ITEMS
    assert part.stat().st_mtime_ns == before.st_mtime_ns
    assert [path.name for path in part.parent.iterdir()] == [part.name]


def test_a_label_torn_by_a_crash_is_passed_over_and_a_damaged_one_is_not(tmp_path: Path) -> None:
    store = StoredReviews(Storage(str(tmp_path)))
    store.add_labels([label(one, "good") for one in ITEMS])
    (part,) = (tmp_path / FOLDER / "labels").iterdir()
    whole = part.read_bytes()
    part.write_bytes(whole[:-20])
    assert len(ReviewFolder(tmp_path / FOLDER).labels()) == 4
    part.write_bytes(b"{}\n" + whole)
    with pytest.raises(StorageError, match="line 1"):
        ReviewFolder(tmp_path / FOLDER).labels()


def test_what_is_kept_is_no_more_open_than_other_artifacts(tmp_path: Path) -> None:
    """The user's umask decides, as for exchanges."""
    before = os.umask(0o077)
    try:
        store = StoredReviews(Storage(str(tmp_path / "out")))
        store.put_items("run-1-judge-1", ITEMS)
        store.add_labels([label(ITEMS[0], "good")])
    finally:
        os.umask(before)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "out" / FOLDER).rglob("*")]
    assert len(modes) == 4
    assert not any(mode & 0o077 for mode in modes)


def test_labels_are_lines_of_json_that_other_tools_can_read(tmp_path: Path) -> None:
    StoredReviews(Storage(str(tmp_path))).add_labels([label(ITEMS[0], "unsure")])
    (part,) = (tmp_path / FOLDER / "labels").glob("part-*.jsonl")
    assert json.loads(part.read_text(encoding="utf-8"))["label"] == "unsure"
