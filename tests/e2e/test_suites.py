"""The life of a suite through the command line: looked into, run for a commit, gone on from."""

import json
import shutil
from pathlib import Path

from tests.e2e.conftest import Project, configure

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def test_a_suite_is_shown_sampled_and_compared(prepared: Project) -> None:
    """Everything is read from the published suite; stdout is data."""
    shown = prepared.run("personas", "show", "--json")
    assert shown.returncode == 0, shown.stderr
    overview = json.loads(shown.stdout)
    assert overview["prompts"] == 300
    assert overview["diversity"]["near_duplicates"] == 0
    sampled = prepared.run("personas", "sample", overview["suite_id"][:12], "--count", "20", "--commit", COMMIT)
    assert sampled.returncode == 0, sampled.stderr
    prompts = [json.loads(line) for line in sampled.stdout.splitlines()]
    assert len({prompt["prompt_id"] for prompt in prompts}) == 20
    again = prepared.run("personas", "sample", "--count", "20", "--commit", COMMIT)
    assert again.stdout == sampled.stdout
    more = prepared.run("personas", "sample", "--count", "5000")
    assert len(more.stdout.splitlines()) == 300
    assert "holds 300 prompts" in more.stderr
    one = prepared.run("personas", "show", "--prompt", prompts[0]["prompt_id"])
    assert prompts[0]["turns"][0] in one.stdout
    same = prepared.run("personas", "diff", overview["suite_id"], "--json")
    assert json.loads(same.stdout)["prompts"]["kept"] == 300
    assert "the same suite" in prepared.run("personas", "diff", "latest").stdout
    drift = prepared.run("personas", "show", "--drift", "latest", "--json")
    assert json.loads(drift.stdout)["drift"]["is_real"] is False


def test_an_unknown_suite_and_options_of_another_command_exit_2(prepared: Project) -> None:
    """What is asked for wrongly is said, and nothing is made."""
    assert prepared.run("personas", "show", "suite-none").returncode == 2
    assert prepared.run("personas", "--evolve", "suite-none").returncode == 2
    refused = prepared.run("personas", "--dataset", "latest", "show")
    assert refused.returncode == 2
    assert "--dataset" in refused.stderr


def test_options_before_a_command_of_the_group_hold_for_it(prepared: Project) -> None:
    """`personas --json show` is `personas show --json`."""
    done = prepared.run("personas", "--json", "show")
    assert json.loads(done.stdout)["prompts"] == 300


def test_a_commit_gates_the_same_prompts_again_and_another_one_others(project: Project) -> None:
    """Nobody tunes to one draw, and nobody gets another one by trying again."""
    orders = []
    for commit in (COMMIT, COMMIT, COMMIT[::-1]):
        gate = project.run("gate", "--tier", "pr", "--commit", commit, "--json")
        assert gate.returncode in (0, 1, 4), gate.stderr
        run = project.folder / "out" / "runs" / json.loads(gate.stdout)["run_id"]
        orders.append(json.loads((run / "plan.json").read_text(encoding="utf-8"))["order"])
    assert orders[0] == orders[1] != orders[2]
    assert len(set(orders[0]) ^ set(orders[2])) > 50


def test_a_run_for_a_commit_feeds_the_next_suite_which_the_gate_takes(
    prepared: Project, tmp_path: Path, logs: Path, assistant: str
) -> None:
    """What runs judged leaves the rate, and the evolved suite is gated like any other."""
    for kind in ("sanitized", "suites"):
        shutil.copytree(prepared.folder / "out" / kind, tmp_path / "out" / kind)
    project = configure(tmp_path, logs, assistant)
    gate = project.run("gate", "--tier", "all", "--commit", COMMIT, "--json")
    assert gate.returncode in (0, 1), gate.stderr
    judged = json.loads(gate.stdout)
    plan = json.loads((tmp_path / "out" / "runs" / judged["run_id"] / "plan.json").read_text(encoding="utf-8"))
    assert plan["commit"] == COMMIT
    evolved = project.run("personas", "--evolve", judged["suite_id"], "--json")
    assert evolved.returncode == 0, evolved.stderr
    suite = json.loads(evolved.stdout)
    assert suite["prompts"] == 300
    assert suite["evolution"]["added"] > 100
    assert suite["drift"]["is_real"] is False
    after = project.run("gate", "--suite", suite["suite_id"], "--tier", "pr", "--json")
    assert after.returncode in (0, 1, 4), after.stderr
    assert json.loads(after.stdout)["prompts"]["judged"] > 0
