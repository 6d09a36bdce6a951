"""Input that is broken, a target that misbehaves, a disk that is full, an impatient user: a clear end, nothing lost."""

import gzip
import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.locking import held
from harness.testing.target import TargetServer
from tests.e2e.conftest import CLI, Project, configure, environment
from tests.e2e.test_endings import exchanges, wait_for_exchanges

SECRET_TEXT = "the words of one unlucky customer"


def log_lines(logs: Path, count: int) -> list[bytes]:
    """Return the first lines of the example bank's log."""
    return (logs / "logs.jsonl").read_bytes().splitlines()[:count]


def spoiled(line: bytes, **changes: Any) -> bytes:
    """Return a log line with some fields changed; None removes one."""
    record = {**json.loads(line), **changes}
    return json.dumps({name: value for name, value in record.items() if value is not None}).encode()


def extraction(tmp_path: Path, logs: Path, source: Path) -> Project:
    """Return a project that reads one file."""
    return configure(tmp_path, logs, "http://127.0.0.1:9", source=f'source = "{source}"')


def on_server(project: Project, server: TargetServer, way: str, *, timeout_s: int = 1) -> Project:
    """Return the project with a target that answers in one of the test server's ways."""
    target = f'url = "{server.url(way)}"\ntimeout_s = {timeout_s}\nallow_hosts = ["127.0.0.1"]'
    lines = project.config.read_text(encoding="utf-8").splitlines()
    changed = [target if line.startswith("url =") else line for line in lines]
    project.config.write_text("\n".join(changed), encoding="utf-8")
    return project


def assert_clean(done: "subprocess.CompletedProcess[str]") -> None:
    """No traceback, and no word of a user in any message."""
    for said in (done.stdout, done.stderr):
        assert "Traceback" not in said
        assert SECRET_TEXT not in said


def runs(project: Project) -> list[Path]:
    """Return the folders of the project's runs."""
    return sorted((project.folder / "out" / "runs").glob("run-*"))


def test_broken_records_are_counted_and_the_rest_is_used(tmp_path: Path, logs: Path) -> None:
    """What was read is what was used plus what is in quarantine, and quarantine holds places, never text."""
    lines = log_lines(logs, 120)
    lines[3] = b'{"prompt": "' + SECRET_TEXT.encode()
    lines[5] = spoiled(lines[5], prompt=None)
    lines[6] = spoiled(lines[6], prompt=42)
    lines[7] = spoiled(lines[7], timestamp=SECRET_TEXT)
    lines[8] = spoiled(lines[8], user_id={"name": SECRET_TEXT})
    lines[9] = b"\0" * 50
    lines[10] = spoiled(lines[10], prompt="When does\0 my card arrive?")
    lines[11] = spoiled(lines[11], prompt="x " * 2_500_000)
    lines[12] = b"\xff\xfe" + lines[12]
    lines[-1] = lines[-1][:40]
    source = tmp_path / "logs.jsonl"
    source.write_bytes(b"\n".join(lines))
    done = extraction(tmp_path, logs, source).run("extract", "--json")
    assert done.returncode == 0, done.stderr
    assert_clean(done)
    result = json.loads(done.stdout)
    assert result["records"] == 120
    assert sum(result["quarantined"].values()) == 9
    assert "quarantined  9" in done.stderr
    dataset = Path(result["location"])
    kept = [json.loads(line) for line in (dataset / "quarantine.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [record["line"] for record in kept] == [4, 6, 7, 8, 9, 10, 12, 13, 120]
    assert {record["field"] for record in kept} >= {"prompt", "timestamp", "user_id"}
    assert SECRET_TEXT not in (dataset / "quarantine.jsonl").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.jsonl", lambda _: b"", "no record"),
        ("nuls.jsonl", lambda _: b"\0" * 500, "nuls.jsonl, line 1"),
        ("plain.jsonl.gz", b"\n".join, "looks like text"),
        ("packed.jsonl", lambda lines: gzip.compress(b"\n".join(lines)), "looks like gzip data"),
        ("plain.parquet", b"\n".join, "looks like text"),
        ("lines.csv", b"\n".join, "looks like JSON"),
        ("document.jsonl", lambda lines: b"[\n" + b",\n".join(lines) + b"\n]", "one JSON document"),
        ("other.jsonl", lambda _: b'{"who": 1, "what": "x"}', "'prompt' are missing in every record"),
        ("notes.txt", b"\n".join, "none of them readable"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_by_name(
    tmp_path: Path, logs: Path, name: str, content: Callable[[list[bytes]], bytes], said: str
) -> None:
    """Nothing is published, and no half-made folder stays."""
    source = tmp_path / name
    source.write_bytes(content(log_lines(logs, 5)))
    done = extraction(tmp_path, logs, source).run("extract")
    assert done.returncode == 2, done.stderr
    assert_clean(done)
    assert name in done.stderr
    assert said in done.stderr
    assert "→" in done.stderr
    assert not list((tmp_path / "out").glob("sanitized/*"))
    assert not list((tmp_path / "out").glob("sanitized/.*"))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("personas = 6", "persona = 6", "did you mean 'personas'"),
        ("url = ", 'url = "127.0.0.1:8000/chat" # ', "'target.url': must be a whole http:// or https:// URL"),
        ("prompts = 50\n", 'prompts = "many"\n', "'tiers.pr.prompts'"),
        ("[personas]", "[personas", "not valid TOML"),
        ("[target.response]", 'headers = { x = "${NO_SUCH}" }\n[target.response]', "NO_SUCH"),
        ('text = "message.text"', 'text = "message..text"', "'target.response.text'"),
        ("groundedness = true", 'system_prompt = "nope.txt"', "'judge.checks.system_prompt'"),
    ],
)
def test_a_configuration_that_cannot_be_used_is_refused_before_a_run_begins(
    project: Project, old: str, new: str, said: str
) -> None:
    """With the key or the variable it is about, as JSON too; `latest` never means a run that could not start."""
    text = project.config.read_text(encoding="utf-8")
    assert old in text
    project.config.write_text(text.replace(old, new, 1), encoding="utf-8")
    done = project.run("gate", "--tier", "pr", "--json")
    assert done.returncode == 2, done.stderr
    assert_clean(done)
    error = json.loads(done.stdout)["error"]
    assert error["exit_code"] == 2
    assert said in error["message"]
    assert runs(project) == []


@pytest.mark.parametrize(
    ("way", "code", "outcome", "remedy"),
    [
        ("/close", 3, "connection_error", "is the target running"),
        ("/slow", 1, "timeout", "timeout_s"),
        ("/html", 1, "malformed", "[target.response]"),
    ],
)
def test_a_target_that_misbehaves_is_named_with_a_remedy(
    project: Project, way: str, code: int, outcome: str, remedy: str
) -> None:
    """Whose ledger it is in decides the exit code, and the terminal says what to look at."""
    with TargetServer(slow_s=3) as server:
        done = on_server(project, server, way).run("gate", "--tier", "pr")
    assert done.returncode == code, done.stderr
    assert_clean(done)
    assert outcome in done.stderr
    assert remedy.lower() in done.stderr.lower()
    assert {exchange["outcome"] for exchange in exchanges(project)} == {outcome}


def test_a_redirect_to_another_host_stops_the_run_and_sends_nothing_there(project: Project) -> None:
    """A safety stop comes before any verdict: 100 % broken replies must not make it a failed gate, nor a resume."""
    with TargetServer() as elsewhere, TargetServer(redirect_to=elsewhere.url(host="localhost")) as server:
        redirecting = on_server(project, server, "/redirect-away")
        done = redirecting.run("gate", "--tier", "pr")
        again = redirecting.run("gate", "--resume", "latest")
        judged = redirecting.run("judge", "latest")
    assert (done.returncode, again.returncode, judged.returncode) == (5, 5, 5), done.stderr
    assert "localhost" in done.stderr
    assert "allow_hosts" in done.stderr
    assert elsewhere.requests == []
    assert server.requests


def test_a_full_disk_is_no_bug_and_no_failed_gate(project: Project) -> None:
    """Exit 3, and what to do; here no file may grow beyond 8 KiB."""
    command = f'ulimit -f 8; exec "{CLI}" gate --tier all --no-progress -c "{project.config}"'
    done = subprocess.run(
        ["bash", "-c", command], env=environment(), capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 3, done.stderr
    assert_clean(done)
    assert "cannot be written: File too large" in done.stderr
    assert "free some space" in done.stderr


def test_a_second_interrupt_does_not_wait_for_what_is_in_flight(project: Project) -> None:
    """And no process stays behind."""
    with TargetServer(slow_s=20) as server:
        gate = on_server(project, server, "/slow", timeout_s=29).start("gate", "--tier", "all")
        deadline = time.monotonic() + 60
        while not server.requests and time.monotonic() < deadline:
            time.sleep(0.05)
        gate.send_signal(signal.SIGINT)
        time.sleep(0.5)
        gate.send_signal(signal.SIGINT)
        _, talk = gate.communicate(timeout=60)
    assert gate.returncode == 130, talk
    assert "Traceback" not in talk
    assert re.search(r"reverse-rag gate -c \S+ --resume run-", talk)
    with pytest.raises(ProcessLookupError):
        os.killpg(gate.pid, 0)


def test_an_interrupted_run_can_be_reported_held_and_still_resumed(project: Project) -> None:
    """A report of what is there decides nothing for good, and two commands never work on one run."""
    gate = project.start("gate", "--tier", "all")
    wait_for_exchanges(project, 20)
    gate.send_signal(signal.SIGINT)
    gate.communicate(timeout=60)
    with held(runs(project)[0], "run"):
        refused = project.run("judge", "latest")
    assert refused.returncode == 2, refused.stderr
    assert "another process is working on run-" in refused.stderr
    for part in (*runs(project)[0].glob("exchanges/part-*"), *runs(project)[0].glob("verdicts/part-*")):
        with part.open("ab") as file:
            file.write(b'{"torn": "li')
    assert project.run("report").returncode == 0
    assert project.gate()["stopped_because"] == "interrupted"
    resumed = project.run("gate", "--resume", "latest")
    assert resumed.returncode == 0, resumed.stderr
    assert project.gate()["prompts"]["judged"] == 200


def test_an_interrupted_demo_takes_its_assistant_with_it(tmp_path: Path) -> None:
    """Nothing goes on listening."""
    demo = subprocess.Popen(
        [CLI, "demo", "--out", str(tmp_path / "out")],
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert demo.stderr is not None
    seen = ""
    while "assistant " not in seen and (line := demo.stderr.readline()):
        seen += line
    demo.send_signal(signal.SIGINT)
    talk = demo.stderr.read()
    assert demo.wait(60) == 130, seen + talk
    assert "Traceback" not in talk
    with pytest.raises(ProcessLookupError):
        os.killpg(demo.pid, 0)
    assert not list((tmp_path / "out").glob("*/.partial-*"))


def test_recorded_exchanges_that_are_broken_are_counted(tmp_path: Path, prepared: Project) -> None:
    """`judge FILE` judges the rest; a file without any exchange is an error."""
    good = json.dumps({"prompt": "When do you open?", "response_text": "At nine."}).encode()
    file = tmp_path / "recorded.jsonl"
    file.write_bytes(good + b'\n{"broken\n[1]\n{"prompt": 3}\n\0\0\n' + good[:20])
    done = prepared.run("judge", str(file), "--out", str(tmp_path / "judged"), "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert (result["judged"], result["quarantined"]) == (1, 5)
    assert len((tmp_path / "judged" / "quarantine.jsonl").read_text(encoding="utf-8").splitlines()) == 5
    file.write_bytes(b'{"a": 1}\n')
    refused = prepared.run("judge", str(file), "--out", str(tmp_path / "judged2"))
    assert refused.returncode == 2
    assert "'prompt' and 'response_text'" in refused.stderr
