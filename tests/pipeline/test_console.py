"""Talk goes to people, as plain words."""

from pathlib import Path

import pytest

from pipeline.console import Console, shown


def test_quiet_says_nothing_but_errors(capsys: pytest.CaptureFixture[str]) -> None:
    """And data is never talk: stdout stays empty."""
    console = Console(quiet=True)
    console.say("talk")
    console.fact("label", "value")
    console.error("went wrong", "do this")
    seen = capsys.readouterr()
    assert seen.out == ""
    assert seen.err.splitlines() == ["error: went wrong", "  → do this"]


def test_text_is_never_markup(capsys: pytest.CaptureFixture[str]) -> None:
    """Square brackets of a configuration section are words."""
    console = Console()
    console.say("[target] url")
    console.fact("[x]", "[bold]y[/]")
    console.error("[slo] missed")
    assert "[target] url" in (seen := capsys.readouterr().err)
    assert "[bold]y[/]" in seen
    assert "error: [slo] missed" in seen


def test_paths_below_the_working_folder_are_short(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Others stay whole, and so do URIs."""
    monkeypatch.chdir(tmp_path)
    assert shown(tmp_path / "out" / "x") == "out/x"
    assert shown("/elsewhere/x") == "/elsewhere/x"
    assert shown("s3://bucket/x") == "s3://bucket/x"
