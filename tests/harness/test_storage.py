"""Artifacts under a local folder and under S3: the same calls, the same content."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from harness.errors import ExitCode, StorageError, UsageError
from harness.storage import POINTER, Kind, Storage

BUCKET = "artifacts"


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """A local S3 server's address."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """An empty bucket on the local server, and an environment that knows no other."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    values = {
        "AWS_ENDPOINT_URL": s3,
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

    made = boto3.Session().resource("s3", endpoint_url=s3).Bucket(BUCKET)
    made.create()
    yield made
    made.objects.delete()
    made.delete()


@pytest.fixture(params=["local", "s3"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A storage root of either kind."""
    if request.param == "local":
        return str(tmp_path / "out")
    request.getfixturevalue("bucket")
    return f"s3://{BUCKET}/some/prefix"


def put(storage: Storage, kind: Kind, artifact_id: str, **files: str) -> Path:
    """Publish an artifact with these files."""
    folder = storage.staging(kind)
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return storage.publish(kind, artifact_id, folder)


def elsewhere(root: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Storage:
    """Return the same storage as another machine sees it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "another-machine"))
    return Storage(root)


def test_what_is_published_can_be_fetched_by_id_and_as_latest(
    root: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    put(Storage(root), "suites", "suite-1", manifest="{}", sub__part="deep")
    storage = elsewhere(root, monkeypatch, tmp_path)
    for reference in ("suite-1", "latest"):
        folder = storage.fetch("suites", reference)
        assert (folder / "manifest").read_text(encoding="utf-8") == "{}"
        assert (folder / "sub" / "part").read_text(encoding="utf-8") == "deep"
    assert storage.ids("suites") == ["suite-1"]


def test_latest_is_what_was_published_last(root: str) -> None:
    storage = Storage(root)
    put(storage, "suites", "suite-b", x="1")
    put(storage, "suites", "suite-a", x="2")
    assert storage.resolve("suites", "latest") == Storage(root).resolve("suites", "latest") == "suite-a"
    assert storage.ids("suites") == ["suite-a", "suite-b"]


def test_the_same_content_again_is_dropped_and_becomes_latest(root: str) -> None:
    storage = Storage(root)
    put(storage, "suites", "suite-a", x="first")
    put(storage, "suites", "suite-b", x="other")
    again = put(storage, "suites", "suite-a", x="second")
    assert (again / "x").read_text(encoding="utf-8") == "first"
    assert storage.resolve("suites", "latest") == "suite-a"


def test_kinds_do_not_mix(root: str) -> None:
    storage = Storage(root)
    put(storage, "sanitized", "one", x="1")
    assert storage.ids("suites") == []
    with pytest.raises(UsageError):
        storage.fetch("suites", "one")


@pytest.mark.parametrize("reference", ["latest", "suite-none"])
def test_a_missing_artifact_is_a_usage_error_that_says_what_makes_one(root: str, reference: str) -> None:
    with pytest.raises(UsageError, match=f"no suite '{reference}' under .*; known there: none yet") as caught:
        Storage(root).fetch("suites", reference)
    assert caught.value.hint == "`reverse-rag personas` makes one"
    assert caught.value.exit_code == ExitCode.USAGE


def test_a_missing_artifact_is_told_beside_those_there_are(root: str) -> None:
    storage = Storage(root)
    put(storage, "suites", "suite-a", x="1")
    with pytest.raises(UsageError, match="known there: suite-a"):
        storage.resolve("suites", "suite-b")


def test_what_is_begun_and_not_published_is_not_listed_and_can_be_discarded(root: str) -> None:
    storage = Storage(root)
    begun = storage.staging("suites")
    (begun / "x").write_text("1", encoding="utf-8")
    assert storage.ids("suites") == []
    storage.discard_unpublished()
    assert not begun.exists()


def test_a_published_folder_is_not_discarded(root: str) -> None:
    storage = Storage(root)
    folder = put(storage, "suites", "suite-a", x="1")
    storage.discard_unpublished()
    assert (folder / "x").exists()


def test_a_run_grows_in_place_and_can_be_fetched_elsewhere_while_it_does(
    root: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    storage = Storage(root)
    folder = storage.create("runs", "run-1")
    part = folder / "part-00000.jsonl"
    part.write_text("1\n", encoding="utf-8")
    storage.synchronise("runs", "run-1")
    storage.point_latest("runs", "run-1")
    other = elsewhere(root, monkeypatch, tmp_path)
    copy = other.fetch("runs", "latest") / part.name
    assert copy.read_text(encoding="utf-8") == "1\n"
    with part.open("a", encoding="utf-8") as file:
        file.write("2\n")
    (folder / "gate.json").write_text("{}", encoding="utf-8")
    if root.startswith("s3://"):
        # Objects carry whole seconds: the copy is made as old as it would be a little later.
        os.utime(copy, (1, 1))
    storage.synchronise("runs", "run-1")
    fetched = other.fetch("runs", "run-1")
    assert (fetched / part.name).read_text(encoding="utf-8") == "1\n2\n"
    assert (fetched / "gate.json").exists()


def test_a_run_that_exists_is_not_begun_again(root: str) -> None:
    storage = Storage(root)
    storage.create("runs", "run-1")
    with pytest.raises(StorageError, match="File exists"):
        storage.create("runs", "run-1")


def test_a_location_is_for_people(tmp_path: Path) -> None:
    assert Storage(f"{tmp_path}/").location("runs", "run-1") == f"{tmp_path}/runs/run-1"


def test_a_root_that_is_a_file_is_a_storage_error_with_advice(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("", encoding="utf-8")
    storage = Storage(str(tmp_path / "out"))
    for begin in (partial(storage.staging, "runs"), partial(storage.create, "runs", "run-1")):
        with pytest.raises(StorageError, match="cannot be written") as caught:
            begin()
        assert "--out" in caught.value.hint
        assert caught.value.exit_code == ExitCode.DEPENDENCY


def test_a_published_folder_is_as_open_as_its_neighbours(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        folder = put(Storage(str(tmp_path / "private")), "suites", "suite-a", x="1")
    finally:
        os.umask(before)
    assert folder.stat().st_mode & 0o777 == 0o700
    before = os.umask(0o022)
    try:
        folder = put(Storage(str(tmp_path / "open")), "suites", "suite-a", x="1")
    finally:
        os.umask(before)
    assert folder.stat().st_mode & 0o777 == 0o755


def test_a_pointer_left_half_way_hurts_nobody(tmp_path: Path) -> None:
    storage = Storage(str(tmp_path))
    put(storage, "suites", "suite-a", x="1")
    (tmp_path / "suites" / f".{POINTER}-999").write_text("suite-", encoding="utf-8")
    assert storage.resolve("suites", "latest") == "suite-a"
    assert storage.ids("suites") == ["suite-a"]


def test_objects_lie_under_the_prefix_as_the_layout_says(bucket: Any) -> None:
    put(Storage(f"s3://{BUCKET}/p"), "suites", "suite-a", manifest="{}")
    assert sorted(item.key for item in bucket.objects.all()) == [
        f"p/suites/{POINTER}",
        "p/suites/suite-a/manifest",
    ]


def test_what_did_not_change_is_not_uploaded_again(bucket: Any) -> None:
    storage = Storage(f"s3://{BUCKET}/p")
    folder = storage.create("runs", "run-1")
    (folder / "closed").write_text("1", encoding="utf-8")
    storage.synchronise("runs", "run-1")
    bucket.Object("p/runs/run-1/closed").delete()
    (folder / "open").write_text("2", encoding="utf-8")
    (folder / ".temporary").write_text("3", encoding="utf-8")
    storage.synchronise("runs", "run-1")
    assert [item.key for item in bucket.objects.all()] == ["p/runs/run-1/open"]


def test_a_run_killed_before_its_first_upload_can_still_be_resumed_here(bucket: Any) -> None:
    root = f"s3://{BUCKET}/p"
    (Storage(root).create("runs", "run-1") / "plan.json").write_text("{}", encoding="utf-8")
    assert Storage(root).ids("runs") == ["run-1"]
    assert (Storage(root).fetch("runs", "run-1") / "plan.json").exists()


def test_records_not_yet_uploaded_are_not_overwritten_by_older_ones(bucket: Any) -> None:
    """A clock of S3 that is ahead makes the uploaded part look newer than the longer one here."""
    storage = Storage(f"s3://{BUCKET}/p")
    part = storage.create("runs", "run-1") / "part-00000.jsonl"
    part.write_text("1\n", encoding="utf-8")
    storage.synchronise("runs", "run-1")
    part.write_text("1\n2\n", encoding="utf-8")
    os.utime(part, (1, 1))
    assert (storage.fetch("runs", "run-1") / part.name).read_text(encoding="utf-8") == "1\n2\n"


def test_two_addresses_of_one_bucket_name_have_two_working_copies(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    root = f"s3://{BUCKET}/p"
    put(Storage(root), "suites", "suite-a", x="at the local server")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(StorageError, match="cannot be read or written") as caught:
        Storage(root).fetch("suites", "suite-a")
    assert "credentials" in caught.value.hint


def test_a_bucket_that_is_not_there_is_a_storage_error(bucket: Any) -> None:
    storage = Storage("s3://no-such-bucket/p")
    with pytest.raises(StorageError, match="s3://no-such-bucket/p: cannot be read or written"):
        put(storage, "suites", "suite-a", x="1")


def test_a_broken_download_leaves_nothing_that_looks_whole(
    bucket: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from cloudpathlib import S3Path

    root = f"s3://{BUCKET}/p"
    put(Storage(root), "suites", "suite-a", prompts=json.dumps(["whole"]))
    storage = elsewhere(root, monkeypatch, tmp_path)

    def broken(self: Any, target: Path) -> None:
        target.write_text('["wh', encoding="utf-8")
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(S3Path, "download_to", broken)
        with pytest.raises(StorageError):
            storage.fetch("suites", "suite-a")
    assert json.loads((storage.fetch("suites", "suite-a") / "prompts").read_bytes()) == ["whole"]


def test_a_file_of_no_artifact_is_set_aside_below_the_root(tmp_path: Path) -> None:
    file = tmp_path / "notes.jsonl"
    file.write_text("one", encoding="utf-8")
    place = Storage(str(tmp_path / "out")).set_aside("quarantine", "night.jsonl", file)
    assert place == f"{tmp_path / 'out'}/quarantine/night.jsonl"
    assert Path(place).read_text(encoding="utf-8") == "one"
    assert not file.exists()


def test_a_folder_of_no_artifact_is_read_wherever_it_was_written(
    root: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "card.json"
    file.write_text("one", encoding="utf-8")
    Storage(root).set_aside("reviews/cards", "card-1.json", file)
    folder = elsewhere(root, monkeypatch, tmp_path).side("reviews")
    assert (folder / "cards" / "card-1.json").read_text(encoding="utf-8") == "one"
    assert not elsewhere(root, monkeypatch, tmp_path).side("nothing").exists()


_KILLED = """
import os, sys
from harness.storage import Storage
folder = Storage(sys.argv[1]).staging("sanitized")
(folder / "part-00000.parquet").write_text("what nobody has certified")
os.kill(os.getpid(), 9)
"""


def test_what_a_killed_process_began_is_deleted_by_the_next_and_a_living_ones_is_not(tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", _KILLED, str(tmp_path)], check=False)
    assert killed.returncode == -9
    (left,) = (tmp_path / "sanitized").iterdir()
    running = Storage(str(tmp_path)).staging("sanitized")
    assert not left.exists()
    other = Storage(str(tmp_path)).staging("sanitized")
    assert sorted((tmp_path / "sanitized").iterdir()) == sorted([running, other])


def test_what_another_machine_published_first_stays_as_it_is(
    bucket: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The same content made twice differs in its manifest's time only: the first one is everybody's."""
    root = f"s3://{BUCKET}/shared"
    for text in ("first", "second"):
        storage = elsewhere(root, monkeypatch, tmp_path / text)
        folder = storage.staging("suites")
        (folder / "manifest.json").write_text(text, encoding="utf-8")
        (folder / "prompts.jsonl").write_text("same", encoding="utf-8")
        published = storage.publish("suites", "suite-a", folder)
        assert (published / "manifest.json").read_text(encoding="utf-8") == "first"
    there = bucket.Object("shared/suites/suite-a/manifest.json").get()["Body"].read()
    assert there == b"first"


def test_the_manifest_is_uploaded_last(bucket: Any) -> None:
    """Where it is, everything that it names is there."""
    storage = Storage(f"s3://{BUCKET}/ordered")
    put(storage, "suites", "suite-a", **{"manifest.json": "{}", "prompts.jsonl": "p", "a": "a", "z": "z"})
    times = {o.key.rsplit("/", 1)[-1]: o.last_modified for o in bucket.objects.filter(Prefix="ordered/suites/suite-a/")}
    assert times["manifest.json"] == max(times.values())


def test_part_of_an_artifact_is_fetched_without_the_rest(
    root: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    put(Storage(root), "runs", "run-1", plan="p", verdicts__part="v", exchanges__part="e")
    storage = elsewhere(root, monkeypatch, tmp_path)
    folder = storage.fetch("runs", "run-1", only=("plan", "verdicts", "missing"))
    assert (folder / "plan").read_text(encoding="utf-8") == "p"
    assert (folder / "verdicts" / "part").read_text(encoding="utf-8") == "v"
    assert (folder / "exchanges").exists() == (not root.startswith("s3://"))


def test_many_that_publish_at_once_leave_one_copy_and_a_whole_pointer(root: str) -> None:
    """The same content from eight threads, and other content beside it."""
    storages = [Storage(root) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        ids = [f"suite-{number % 2}" for number in range(8)]
        list(
            pool.map(
                lambda pair: put(pair[0], "suites", pair[1], **{"manifest.json": pair[1]}),
                zip(storages, ids, strict=True),
            )
        )
    assert Storage(root).ids("suites") == ["suite-0", "suite-1"]
    latest = Storage(root).fetch("suites", "latest")
    assert (latest / "manifest.json").read_text(encoding="utf-8") == latest.name


def test_latest_that_points_to_nothing_names_what_is_gone(tmp_path: Path) -> None:
    root = str(tmp_path / "out")
    storage = Storage(root)
    folder = storage.publish("suites", "suite-a", storage.staging("suites"))
    folder.rmdir()
    with pytest.raises(UsageError, match="the latest suite, suite-a, is not there any more"):
        Storage(root).resolve("suites", "latest")
