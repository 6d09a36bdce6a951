"""Measures the main job stage by stage, as its commands: seconds of wall and CPU, and what each stage leaves behind.

Usage: python -m bench.path [--data DIR] [--prompts 600] [--sessions 3000]

The logs are those of `reverse-rag demo` and the real ones of DIR; the target is a good release of the example
assistant, which runs beside and is not counted. CPU is the command's and that of all its processes.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import orjson

from bench.sources import SESSIONS, Log, Spent, configured, data_option, generated_log, real_logs, timed
from pipeline.demonstration import example_assistant

STAGES: dict[str, tuple[list[str], str]] = {
    "extract": (["extract"], "sanitized/*"),
    "personas": (["personas"], "suites/*"),
    "gate": (["gate", "--suite", "latest", "--tier", "bench"], "runs/*"),
}
"""Each stage's command, and where below the root its artifacts are."""
TARGET = """
personas = 12
prompts_per_persona = {each}
[target]
url = "{url}/chat"
body = {{ message = "{{prompt}}", thread = "{{conversation_id}}" }}
timeout_s = 10
[target.response]
text = "message.text"
contexts = "message.sources[].text"
[judge.checks]
public_contacts = ["help@larkfield.example", "0808 157 0142", "+44 20 7946 0142"]
groundedness = true
[tiers.bench]
prompts = {prompts}
run_all = true
[load]
model = "closed"
users = 12
duration_s = 5
"""


def measure(log: Log, root: Path, prompts: int) -> Iterator[tuple[str, Spent, str]]:
    """Run all stages on a log; yield each with what it took and what came out."""
    with example_assistant("good") as url:
        # The configuration ends within [personas], so the first two keys belong there.
        config = configured(log, root, TARGET.format(each=-(-prompts // 12), url=url, prompts=prompts))
        for stage, (command, artifacts) in STAGES.items():
            with timed() as spent:
                done = _command([*command, "--config", str(config), "--json", "--quiet"])
            yield stage, spent, f"{_outcome(stage, done)}; {_sizes(root, artifacts)}"


def _command(arguments: list[str]) -> "subprocess.CompletedProcess[bytes]":
    done = subprocess.run([sys.executable, "-m", "pipeline.cli", *arguments], capture_output=True, check=False)
    # A gate that does not pass has run all the same.
    if done.returncode not in {0, 1, 4}:
        sys.stderr.buffer.write(done.stderr)
        raise SystemExit(f"{arguments[0]} ended with exit code {done.returncode}")
    return done


def _outcome(stage: str, done: "subprocess.CompletedProcess[bytes]") -> str:
    result = orjson.loads(done.stdout)
    if stage == "extract":
        return f"{result['records']:,} records, {result['sessions']:,} sessions"
    if stage == "personas":
        return f"{result['prompts']:,} prompts, {result['personas']} personas"
    counts = result["prompts"]
    return f"{counts['sent']:,} sent, {counts['judged']:,} judged, {counts['failed']} failed, {result['decision']}"


def _sizes(root: Path, artifacts: str) -> str:
    """Return the sizes of an artifact's files and folders, the largest first."""
    folder = next(path for path in sorted(root.glob(artifacts)) if path.is_dir())
    sizes = {path.name: _bytes(path) for path in folder.iterdir()}
    shown = sorted(sizes.items(), key=lambda item: -item[1])[:3]
    return f"{sum(sizes.values()) / 1e6:.2f} MB (" + ", ".join(f"{name} {size / 1e6:.2f}" for name, size in shown) + ")"


def _bytes(path: Path) -> int:
    return sum(f.stat().st_size for f in path.rglob("*") if f.is_file()) if path.is_dir() else path.stat().st_size


def main() -> None:
    """Print one line per log and stage."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    data_option(parser)
    parser.add_argument("--prompts", type=int, default=600)
    parser.add_argument("--sessions", type=int, default=SESSIONS, help="of the generated log")
    options = parser.parse_args()
    print("log              stage       wall s   CPU s   what came out")
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        for log in (generated_log(work, sessions=options.sessions), *real_logs(options.data)):
            total = Spent()
            for stage, spent, outcome in measure(log, work / f"out-{log.name}", options.prompts):
                total.wall_s += spent.wall_s
                total.cpu_s += spent.cpu_s
                print(f"{log.name:16} {stage:10} {spent.wall_s:7.1f} {spent.cpu_s:7.1f}   {outcome}", flush=True)
            print(f"{log.name:16} {'all':10} {total.wall_s:7.1f} {total.cpu_s:7.1f}", flush=True)


if __name__ == "__main__":
    main()
