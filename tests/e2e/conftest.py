"""A small project on real programs: the example bank's logs and assistant, and the command line as a process."""

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pipeline.demonstration import example_assistant

CLI = str(Path(sys.executable).with_name("reverse-rag"))
KEY = "a-key-for-tests-only"
RunCli = Callable[..., "subprocess.CompletedProcess[str]"]

CONFIGURATION = """
[storage]
root = "{root}"
[extract]
source = "{logs}/logs.jsonl"
profiles = "{logs}/profiles.jsonl"
[extract.fields]
feedback = "rating"
keep = ["channel"]
[personas]
personas = 6
prompts_per_persona = 50
[target]
url = "{url}/chat"
body = {{ message = "{{prompt}}", thread = "{{conversation_id}}" }}
version_header = "x-release"
[target.response]
text = "message.text"
contexts = "message.sources[].text"
[judge.checks]
groundedness = true
public_contacts = ["help@larkfield.example"]
[tiers.pr]
prompts = 50
[tiers.main]
prompts = 300
on_inconclusive = "fail"
[tiers.all]
prompts = 200
run_all = true
on_inconclusive = "pass"
"""


@dataclass(frozen=True, slots=True)
class Project:
    """A configured project: where it is, and how to call the command line on it."""

    folder: Path
    config: Path

    def run(self, *args: str, timeout_s: float = 150, **env: str) -> "subprocess.CompletedProcess[str]":
        """Call the command line and wait."""
        return subprocess.run(
            [CLI, *args, "-c", str(self.config), "--no-progress"],
            env=environment(**env),
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    def start(self, *args: str) -> "subprocess.Popen[str]":
        """Start the command line in a process group of its own."""
        return subprocess.Popen(
            [CLI, *args, "-c", str(self.config), "--no-progress"],
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def gate(self) -> dict[str, Any]:
        """Return the newest run's gate.json."""
        path = sorted((self.folder / "out" / "runs").glob("*/gate.json"))[-1]
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found


def environment(**changes: str) -> dict[str, str]:
    """Return this process's environment with the test key and changes."""
    return {**os.environ, "REVERSE_RAG_HMAC_KEY": KEY, "NO_COLOR": "1", **changes}


@pytest.fixture(scope="session")
def assistant() -> Iterator[str]:
    """A good release of the example assistant; its base URL."""
    with example_assistant("good") as url:
        yield url


@pytest.fixture(scope="session")
def common(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of a test run share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep other processes of the test run from preparing the same meanwhile."""
    with (folder / "preparing").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def logs(common: Path) -> Path:
    """The example bank's logs, a few hundred sessions."""
    from larkfield.logs import write_logs

    folder = common / "logs"
    with alone(common):
        if not folder.exists():
            write_logs(folder, sessions=400, seed=3)
    return folder


def configure(folder: Path, logs: Path, url: str, **replaced: str) -> Project:
    """Write a configuration into a folder; ``replaced`` changes whole lines by what they start with."""
    text = CONFIGURATION.format(root=folder / "out", logs=logs, url=url)
    for start, line in replaced.items():
        lines = text.splitlines()
        text = "\n".join(line if existing.startswith(f"{start} =") else existing for existing in lines)
    config = folder / "reverse-rag.toml"
    config.write_text(text, encoding="utf-8")
    return Project(folder, config)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory, common: Path, logs: Path, assistant: str) -> Project:
    """A project with a dataset and a suite, shared by the tests that only read them."""
    shared = common / "prepared"
    with alone(common):
        if not shared.exists():
            made = configure(tmp_path_factory.mktemp("prepared"), logs, assistant)
            for command in ("extract", "personas"):
                done = made.run(command)
                assert done.returncode == 0, done.stderr
            made.folder.rename(shared)
    return on_shared(tmp_path_factory.mktemp("project"), shared, logs, assistant)


@pytest.fixture
def project(tmp_path: Path, prepared: Project, logs: Path, assistant: str) -> Project:
    """A project of the test's own, on the shared dataset and suite."""
    return on_shared(tmp_path, prepared.folder, logs, assistant)


def on_shared(folder: Path, shared: Path, logs: Path, url: str) -> Project:
    """Return a project in a folder, on the dataset and the suite of another."""
    out = folder / "out"
    out.mkdir()
    for kind in ("sanitized", "suites"):
        (out / kind).symlink_to((shared / "out" / kind).resolve())
    return configure(folder, logs, url)
