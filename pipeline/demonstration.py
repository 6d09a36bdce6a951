"""The demonstration: the bundled example bank, a good or a bad release of it, and the whole path between."""

import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from harness.config import load_settings
from harness.contracts import GateResult
from harness.errors import DependencyError, InterruptedRunError
from harness.storage import Storage
from pipeline.authoring import run_personas
from pipeline.console import Console
from pipeline.runs import run_gate
from pipeline.sanitizing import run_extract

SESSIONS = 3000
START_LIMIT_S = 30
CONFIGURATION = "reverse-rag.toml"
"""Below the storage root: what the commands that come after the demonstration are given."""
DEMO_KEY = "a-public-key-for-made-up-logs-only"


def demonstrate(root: Path, console: Console, *, bad: bool) -> GateResult:
    """Run the main job on the example bank; return the decision.

    Args:
        root: Storage root; the made-up logs go below it too.
        console: Where to talk.
        bad: Start the bad release of the assistant.

    Raises:
        DependencyError: If the example assistant does not start.
        InterruptedRunError: If the user or the system stopped it.
    """
    os.environ.setdefault("REVERSE_RAG_HMAC_KEY", DEMO_KEY)
    logs = root / "logs"
    _make_logs(logs, console)
    with example_assistant("bad" if bad else "good") as url:
        console.say(f"assistant  {'a bad' if bad else 'a good'} release of Larkfield Bank's assistant at {url}")
        settings = load_settings(_write_configuration(root, logs, url, run_all=bad))
        storage = Storage(settings.path(settings.storage.root))
        dataset = run_extract(settings, storage, console)
        suite = run_personas(settings, storage, console, dataset=dataset["dataset_id"])
        try:
            return run_gate(settings, storage, console, suite=suite["suite_id"], tier="demo")
        except InterruptedRunError as error:
            # Its assistant ends with the demonstration: a resumed run would find nobody at that port.
            error.hint = "the example assistant has ended, too: `reverse-rag demo` begins anew"
            raise


@contextmanager
def example_assistant(release: str) -> Iterator[str]:
    """Start the example bank's assistant on a free port; yield its base URL; stop it afterwards.

    Raises:
        DependencyError: If it does not say that it is ready.
    """
    command = [sys.executable, "-m", "larkfield", "--port", "0", "--release", release, "--exit-with-parent"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None  # noqa: S101 - both are pipes
    assert process.stdout is not None  # noqa: S101
    try:
        ready = process.stdout.readline().split()
        if ready[:1] != ["ready"]:
            raise DependencyError(
                "the example assistant did not start", hint="run `python -m larkfield --port 0` to see why"
            )
        yield ready[1]
    finally:
        process.stdin.close()
        process.terminate()
        process.wait(START_LIMIT_S)


def _make_logs(folder: Path, console: Console) -> None:
    from larkfield.logs import write_logs

    folder.mkdir(parents=True, exist_ok=True)
    count = write_logs(folder, sessions=SESSIONS, seed=7)
    console.say(f"logs       {count:,} made-up exchanges of Larkfield Bank's customers, with personal data planted")


def _write_configuration(root: Path, logs: Path, url: str, *, run_all: bool) -> Path:
    """Write the example's own configuration for this assistant and these logs, and return its path."""
    template = files("larkfield") / "reverse-rag.toml"
    text = template.read_text(encoding="utf-8")
    system_prompt = root / "system_prompt.txt"
    system_prompt.write_text((files("larkfield") / "system_prompt.txt").read_text(encoding="utf-8"), encoding="utf-8")
    example = tomllib.loads(text)
    replaced = {
        example["storage"]["root"]: str(root),
        example["extract"]["source"]: str(logs / "logs.jsonl"),
        example["extract"]["profiles"]: str(logs / "profiles.jsonl"),
        example["target"]["url"]: f"{url}/chat",
        example["judge"]["checks"]["system_prompt"]: str(system_prompt),
    }
    for old, new in replaced.items():
        text = text.replace(f'"{old}"', f'"{new}"')
    tier = f'\n[tiers.demo]\nprompts = 600\non_inconclusive = "fail"\nrun_all = {str(run_all).lower()}\n'
    path = root / CONFIGURATION
    path.write_text(text + tier, encoding="utf-8")
    return path
