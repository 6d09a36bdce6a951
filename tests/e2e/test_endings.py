"""Every way a run can end early: killed, interrupted, no target, a forbidden host, a missing secret."""

import collections
import json
import os
import re
import signal
import time
from pathlib import Path

import pytest

from tests.e2e.conftest import Project, configure


def exchanges(project: Project) -> list[dict[str, object]]:
    """Return all whole exchange records of the project's only run."""
    rows = []
    for part in sorted((project.folder / "out" / "runs").glob("*/exchanges/part-*.jsonl")):
        rows += [
            json.loads(line)
            for line in part.read_text(encoding="utf-8").splitlines(keepends=True)
            if line.endswith("\n")
        ]
    return rows


def wait_for_exchanges(project: Project, count: int) -> None:
    """Wait until so many exchanges are recorded."""
    deadline = time.monotonic() + 60
    while len(exchanges(project)) < count:
        assert time.monotonic() < deadline, "the gate records nothing"
        time.sleep(0.05)


def test_a_killed_run_resumes_with_every_prompt_exactly_once(project: Project) -> None:
    """SIGKILL at any moment loses nothing that was answered and sends nothing answered again."""
    gate = project.start("gate", "--tier", "all")
    wait_for_exchanges(project, 60)
    os.killpg(gate.pid, signal.SIGKILL)
    gate.wait(30)
    done = project.run("gate", "--resume", "latest")
    assert done.returncode == 0, done.stderr
    seen = collections.Counter((e["prompt_id"], e["turn"], e["attempt"]) for e in exchanges(project))
    assert max(seen.values()) == 1
    assert len({prompt_id for prompt_id, _, _ in seen}) == 200
    assert len(list((project.folder / "out" / "runs").glob("run-*"))) == 1
    assert project.gate()["prompts"]["judged"] == 200


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_gate_says_how_to_resume(project: Project, sent: signal.Signals, code: int) -> None:
    """Never exit 1, which would read as a failed gate."""
    gate = project.start("gate", "--tier", "all")
    wait_for_exchanges(project, 20)
    gate.send_signal(sent)
    _, talk = gate.communicate(timeout=60)
    assert gate.returncode == code, talk
    assert re.search(r"reverse-rag gate -c \S+ --resume run-", talk)
    assert project.run("gate", "--resume", "latest").returncode == 0


@pytest.mark.parametrize("command", ["extract", "personas"])
def test_an_interrupted_stage_leaves_nothing_half_written(
    tmp_path: Path, logs: Path, prepared: Project, command: str
) -> None:
    """Ctrl-C exits 130, and the storage root holds no partial folder."""
    project = configure(tmp_path, logs, "http://127.0.0.1:9")
    if command == "personas":
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "sanitized").symlink_to(prepared.folder / "out" / "sanitized")
    process = project.start(command)
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    _, talk = process.communicate(timeout=60)
    assert process.returncode == 130, talk
    assert not list((tmp_path / "out").glob("*/.partial-*"))


def test_a_target_that_is_down_exits_3(project: Project, logs: Path) -> None:
    """Nothing could be judged, so this is no failed gate; it does not send the whole tier into the void."""
    down = configure(project.folder, logs, "http://127.0.0.1:9")
    done = down.run("gate", "--tier", "main")
    assert done.returncode == 3, done.stderr
    assert len(exchanges(down)) < 100


def test_a_host_that_is_not_listed_is_never_contacted(project: Project, logs: Path) -> None:
    """The allow-list is checked before anything is sent."""
    forbidden = configure(project.folder, logs, "http://192.0.2.1:9")
    done = forbidden.run("gate", "--tier", "pr")
    assert done.returncode == 5, done.stderr
    assert "192.0.2.1" in done.stderr
    assert "allow_hosts" in done.stderr
    assert exchanges(forbidden) == []


def test_a_missing_secret_is_named(prepared: Project) -> None:
    """By the variable's name and the key that needs it."""
    done = prepared.run("extract", REVERSE_RAG_HMAC_KEY="")
    assert done.returncode == 2
    assert "REVERSE_RAG_HMAC_KEY" in done.stderr
    assert "extract.hmac_key" in done.stderr


def test_an_unwritable_storage_root_exits_3(prepared: Project, tmp_path: Path) -> None:
    """A file where the folder should be."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    done = prepared.run("extract", "--out", str(tmp_path / "file" / "out"))
    assert done.returncode == 3
    assert "cannot be written" in done.stderr


def test_an_unknown_tier_names_the_known_ones(prepared: Project) -> None:
    """Before anything is sent."""
    done = prepared.run("gate", "--tier", "nightly")
    assert done.returncode == 2
    assert "pr" in done.stderr
