"""Sending alone: what it exits with, and what it says of an end that is not the whole."""

import re
from pathlib import Path

import pytest

from harness.config import Settings, load_settings
from harness.storage import Storage
from harness.testing.target import TargetServer
from pipeline.console import Console
from pipeline.runs import judge_run, run_swarm
from tests.pipeline.test_baselines import QUIET
from tests.pipeline.test_suites import publish


def configured(tmp_path: Path, server: TargetServer, tables: str, *, path: str = "/chat") -> tuple[Settings, Storage]:
    """Return a configuration of sixty prompts, and the storage with their suite."""
    storage = Storage(str(tmp_path / "out"))
    publish(storage, {"loan": 1.0}, each=60, turns=["one turn"])
    file = tmp_path / "reverse-rag.toml"
    target = f'[target]\nurl = "{server.url(path)}"\nresponse = {{ text = "message.text" }}\n'
    file.write_text(f"{target}[tiers.pr]\nprompts = 60\n{tables}", "utf-8")
    return load_settings(file, env={}), storage


def test_a_whole_sending_says_nothing_of_its_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with TargetServer() as server:
        told, code = run_swarm(*configured(tmp_path, server, ""), Console(), suite="latest", tier="pr", resume=None)
    assert (told["stopped_because"], code) == ("prompts_sent", 0)
    said = capsys.readouterr().err
    assert said.startswith("swarm      run-"), "the command that was called, not the gate"
    assert "not finished" not in said


def test_a_spent_ceiling_is_said_and_decides_nothing_yet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with TargetServer() as server:
        settings, storage = configured(tmp_path, server, "[budget]\nrequests = 7\n")
        told, code = run_swarm(settings, storage, Console(), suite="latest", tier="pr", resume=None)
        said = " ".join(capsys.readouterr().err.split())
        result = judge_run(settings, storage, QUIET, run="latest")
    assert (told["exchanges"], told["stopped_because"], code) == (7, "max_requests", 0)
    assert "not finished The run ended because its budget of requests was spent" in said
    assert (result.decision, result.exit_code, result.stopped_because) == ("inconclusive", 4, "max_requests")


def test_a_target_that_broke_exits_0_and_fails_when_it_is_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    limits = "[load]\nusers = 2\n[load.kill_switch]\nmin_requests = 10\nwindow_s = 600\ngood_replies = 2\n"
    with TargetServer(breaks_after=4, broken_for=10) as server:
        settings, storage = configured(tmp_path, server, limits, path="/breaking")
        told, code = run_swarm(settings, storage, Console(), suite="latest", tier="pr", resume=None)
        said = " ".join(capsys.readouterr().err.split())
        result = judge_run(settings, storage, Console(), run="latest")
        judged = " ".join(capsys.readouterr().err.split())
    assert (told["stopped_because"], code) == ("kill_switch", 0)
    for talk in (said, judged):
        assert re.search(r"recovery left alone, the target answered again after \d\.\d s", talk)
    assert "`reverse-rag judge` fails it for that" in said
    assert (result.decision, result.exit_code) == ("fail", 1)
