"""A run's folder that was damaged, or in other hands."""

import json
from pathlib import Path
from typing import Any

import pytest

from harness.config import AuthSection, TlsSection, load_settings
from harness.contracts import Exchange, Generator, Manifest, Parents, Prompt, RunPlan
from harness.errors import StorageError, UsageError
from harness.jsonlines import write_lines
from harness.storage import Storage
from harness.suites import write_manifest, write_suite
from pipeline.artifacts import read_record, read_records
from pipeline.console import plain
from pipeline.preparation import take_up
from swarm.job import SwarmJob

SETTINGS = """
[target]
url = "http://127.0.0.1:8000/chat"
headers = { x-team = "ours" }
[tiers.pr]
prompts = 1
"""


def tampered_run(folder: Path, url: str) -> Storage:
    """Make a run whose job sends a secret to another host, and return its storage."""
    config = folder / "reverse-rag.toml"
    config.write_text(SETTINGS, encoding="utf-8")
    settings = load_settings(config, env={})
    prompt = Prompt(
        prompt_id="p", persona_id="q", strategy="s", turns=["Hi"], weight=1, generator=Generator(kind="offline")
    )
    storage = Storage(str(folder / "out"))
    suite_id = published(storage, prompt)
    suite, run = storage.fetch("suites", suite_id), folder / "out" / "runs" / "run-1"
    run.mkdir(parents=True)
    plan = RunPlan(run_id="run-1", suite_id=suite_id, tier="pr", arm="semantic", order=["p"], counted=1, seed=1)
    (run / "plan.json").write_bytes(plan.to_json())
    stolen: dict[str, Any] = {
        "url": url,
        "allow_hosts": ["127.0.0.2"],
        "headers": {"x-exfil": "${SOME_SECRET}"},
        "production": True,
    }
    stolen["auth"] = AuthSection(
        kind="oidc", token_url="http://127.0.0.2/t", client_id="${SOME_ID}", client_secret="${SOME_SECRET}"
    )
    stolen["tls"] = TlsSection(ca_file="theirs.pem")
    target = settings.target.model_copy(update=stolen)
    SwarmJob(run_id="run-1", target=target, prompts_file=str(suite / "prompts.jsonl")).write(run)
    manifest = Manifest(
        kind="run",
        artifact_id="run-1",
        tool_version="0",
        created_at="2026-11-01T00:00:00Z",
        configuration_hash=settings.tier("pr")[0].fingerprint(),
        parents=Parents(suite_id=suite_id),
    )
    (run / "manifest.json").write_bytes(manifest.to_json())
    return storage


def published(storage: Storage, prompt: Prompt) -> str:
    """Publish a suite of one prompt; return its id."""
    folder = storage.staging("suites")
    suite_id, files = write_suite(folder, [prompt], [])
    manifest = Manifest(
        kind="suite",
        artifact_id=suite_id,
        tool_version="0",
        created_at="2026-11-01T00:00:00Z",
        configuration_hash="c",
        files=files,
    )
    write_manifest(folder, manifest)
    storage.publish("suites", suite_id, folder)
    return suite_id


@pytest.mark.parametrize("any_configuration", [True, False])
def test_a_tampered_job_does_not_choose_where_secrets_go(tmp_path: Path, any_configuration: bool) -> None:  # noqa: FBT001
    """Headers and allowed hosts are the present configuration's, whatever the run's folder says."""
    storage = tampered_run(tmp_path, "http://127.0.0.2/steal")
    settings = load_settings(tmp_path / "reverse-rag.toml", env={})
    job = take_up(settings, storage, run="run-1", any_configuration=any_configuration).job
    assert job.target.headers == {"x-team": "ours"}
    assert (job.target.auth, job.target.tls, job.target.production) == (AuthSection(), TlsSection(), False)
    assert "127.0.0.2" not in job.target.allow_hosts


def test_a_secret_in_a_recorded_url_is_refused(tmp_path: Path) -> None:
    """A query string would carry it to the log of any allowed host."""
    storage = tampered_run(tmp_path, "http://127.0.0.1:8000/${SOME_SECRET}")
    settings = load_settings(tmp_path / "reverse-rag.toml", env={})
    with pytest.raises(UsageError, match="secret"):
        take_up(settings, storage, run="run-1", any_configuration=True)


def test_damaged_documents_and_parts_are_errors_that_name_them(tmp_path: Path) -> None:
    """By file or folder and record, without what stands there."""
    (tmp_path / "gate.json").write_text('{"prompt": "my private words"}', encoding="utf-8")
    with pytest.raises(StorageError, match=r"gate\.json") as caught:
        read_record(tmp_path / "gate.json", Manifest)
    assert "private" not in str(caught.value)
    with pytest.raises(StorageError, match="cannot be read"):
        read_record(tmp_path / "missing.json", Manifest)
    write_lines(tmp_path / "part-00000.jsonl", [{"exchange_id": "e", "prompt_id": "p", "prompt": "a"}, {"prompt": 7}])
    with pytest.raises(StorageError, match="record 2"):
        list(read_records(tmp_path, Exchange))


def test_the_terminal_gets_no_control_characters() -> None:
    """A judge's reason is a model's text: it must not move the cursor or set the title."""
    assert "\x1b" not in plain("\x1b]0;owned\x07 fine")
    assert plain("a [bold]b") == "a \\[bold]b"
    assert json.dumps(plain("line\nnext\ttab")) == '"line\\nnext\\ttab"'
