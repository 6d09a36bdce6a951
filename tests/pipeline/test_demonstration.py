"""The demonstration: what comes after it works on the example's own configuration."""

from pathlib import Path
from typing import NoReturn

import pytest

import pipeline.demonstration as demonstration
from harness.config import load_settings
from harness.contracts import GateResult
from harness.errors import ExitCode, InterruptedRunError, UsageError
from pipeline.application import app
from pipeline.console import Console


@pytest.mark.parametrize(
    ("args", "expected"),
    [([], "out/demo/reverse-rag.toml"), (["--out", "my demo", "-c", "other.toml"], "'my demo/reverse-rag.toml'")],
)
def test_next_steps_name_the_examples_configuration(
    args: list[str],
    expected: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It names the storage root, so that no ``--out`` is needed, whatever else is configured here."""

    def demonstrate(root: Path, console: Console, *, bad: bool) -> GateResult:
        assert root.is_relative_to(tmp_path)
        assert not bad
        console.fact("review", "24 answers kept: reverse-rag review")
        raise UsageError("not done", hint="reverse-rag gate --resume run-1")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(demonstration, "demonstrate", demonstrate)
    with pytest.raises(SystemExit) as end:
        app(["demo", *args])
    assert end.value.code == ExitCode.USAGE
    said = capsys.readouterr().err
    assert f"kept: reverse-rag review -c {expected}\n" in said
    assert f"→ reverse-rag gate -c {expected} --resume run-1\n" in said


def test_an_interrupted_demonstration_begins_anew(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Its assistant has ended with it: a resumed run would find nobody there."""

    def interrupted(*_: object, **__: object) -> NoReturn:
        raise InterruptedRunError("interrupted", terminated=True, hint="reverse-rag gate --resume run-1")

    monkeypatch.setattr(demonstration, "SESSIONS", 20)
    monkeypatch.setattr(demonstration, "run_extract", lambda *_, **__: {"dataset_id": "data-1"})
    monkeypatch.setattr(demonstration, "run_personas", lambda *_, **__: {"suite_id": "suite-1"})
    monkeypatch.setattr(demonstration, "run_gate", interrupted)
    with pytest.raises(InterruptedRunError) as caught:
        demonstration.demonstrate(tmp_path, Console(quiet=True), bad=False)
    assert caught.value.exit_code == ExitCode.TERMINATED
    assert "--resume" not in caught.value.hint
    assert "`reverse-rag demo`" in caught.value.hint
    assert load_settings(tmp_path / demonstration.CONFIGURATION).storage.root == str(tmp_path)
