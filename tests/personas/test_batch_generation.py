"""The nightly generation: prompts by batch inference jobs, what those leave open one by one."""

from pathlib import Path
from typing import Any

import pytest

from harness.config import PersonasSection, Settings, StorageSection
from harness.errors import ConfigurationError
from harness.models import connect
from harness.models.batch import Polling
from harness.sessions import SessionWriter
from harness.storage import Storage
from harness.suites import read_manifest
from harness.testing.author import ScriptedAuthor, counted_tokens
from harness.testing.batches import BatchServer
from harness.testing.servers import BedrockServer
from personas.generation import make_suite
from tests.personas.logs import library_sessions

ROLE = "arn:aws:iam::000000000000:role/batches"


def _dataset(root: str) -> Storage:
    storage = Storage(root)
    folder = storage.staging("sanitized")
    with SessionWriter(folder) as writer:
        for session in library_sessions(120):
            writer.add(session)
    storage.publish("sanitized", "data-1", folder)
    return storage


def test_a_round_is_a_job_and_its_errors_are_asked_one_by_one(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # A job takes no fewer than 100 calls; filled ones would need a suite of a thousand prompts for that.
    monkeypatch.setattr("personas.author.BATCH_SIZE", 3)
    author = ScriptedAuthor()
    storage = _dataset("s3://suites/rr")
    section = PersonasSection(
        model="bedrock:amazon.nova-lite-v1:0", personas=6, prompts_per_persona=60, batch=True, batch_role=ROLE
    )
    settings = Settings(storage=StorageSection(root=storage.root), personas=section)
    with (
        BedrockServer(author, count=counted_tokens) as live,
        BatchServer(author, count=counted_tokens, s3=s3, broken=lambda place: place % 9 == 0) as jobs,
    ):
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", live.url)
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK", jobs.url)
        client = connect(section.model, timeout_s=20, concurrency=4, key="personas.model", adaptive=True)
        polling = Polling(first_s=0.05, most_s=0.1)
        result = make_suite(settings, storage, model=client, polling=polling)
    assert result.prompts == result.planned == 360
    assert not result.filled_offline
    assert dict(result.batch_jobs) == {"Completed": 1}
    details = read_manifest(result.folder).details
    assert details["batch_jobs"] == {"Completed": 1}
    assert details["batch_small"] == result.batch_small > 0
    assert len(jobs.billed) > 10 * len(live.billed) / 3
    tokens = sum(map(sum, jobs.billed)) + sum(map(sum, live.billed))
    assert result.usage.tokens == tokens
    left = [item["Key"] for item in s3.list_objects_v2(Bucket="suites")["Contents"]]
    assert not [key for key in left if "/batch/" in key or "/work/" in key]


def test_batches_need_a_bucket(s3: Any, tmp_path: Path) -> None:
    """Said before anything is asked."""
    storage = _dataset(str(tmp_path / "out"))
    section = PersonasSection(model="bedrock:amazon.nova-lite-v1:0", batch=True, batch_role=ROLE)
    with BedrockServer() as live:
        client = connect(section.model, timeout_s=20, concurrency=4, key="personas.model")
        with pytest.raises(ConfigurationError, match=r"personas\.batch.*local folder"):
            make_suite(Settings(storage=StorageSection(root=storage.root), personas=section), storage, model=client)
    assert not live.calls
