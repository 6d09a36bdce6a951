"""How every command begins and ends: options, JSON, exit codes."""

import errno
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

from harness.errors import ConfigurationError, ExitCode, SafetyError, UsageError
from pipeline.interruption import TerminatedError
from pipeline.invocation import Invocation, command

CLI = str(Path(sys.executable).with_name("reverse-rag"))


def invoke(body: Callable[[Invocation], int | None], *args: str) -> int:
    """Run a command whose body is the given function; return its exit code."""
    app = typer.Typer()
    command(app, "only")(lambda invocation: body(invocation))
    with pytest.raises(SystemExit) as end:
        app(list(args))
    code = end.value.code
    assert isinstance(code, int)
    return code


def raising(error: BaseException) -> Callable[[Invocation], int | None]:
    """Return a command's body that raises."""

    def body(_invocation: Invocation) -> int | None:
        raise error

    return body


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("no"), ExitCode.USAGE),
        (SafetyError("no"), ExitCode.SAFETY),
        (KeyboardInterrupt(), ExitCode.INTERRUPTED),
        (TerminatedError(), ExitCode.TERMINATED),
        (OSError(errno.ENOSPC, "No space left on device"), ExitCode.DEPENDENCY),
        (OSError(errno.EBADF, "Bad file descriptor"), ExitCode.BUG),
        (ZeroDivisionError(), ExitCode.BUG),
    ],
)
def test_every_end_has_its_exit_code_and_one_json_document(
    error: BaseException, code: ExitCode, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bug or an interrupt never looks like a failed gate."""
    assert invoke(raising(error), "--json") == code
    seen = capsys.readouterr()
    assert json.loads(seen.out)["error"]["exit_code"] == code
    assert "error:" in seen.err
    assert "Traceback" not in seen.err


def test_a_bug_names_its_place_and_not_its_values(capsys: pytest.CaptureFixture[str]) -> None:
    """An exception's text may hold a prompt."""
    assert invoke(raising(ValueError("my card is 4111 1111 1111 1111"))) == ExitCode.BUG
    seen = capsys.readouterr().err
    assert "ValueError in test_invocation.py:" in seen
    assert "4111" not in seen


def test_debug_shows_the_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    """For a report to us."""
    assert invoke(raising(ZeroDivisionError()), "--debug") == ExitCode.BUG
    assert "Traceback" in capsys.readouterr().err


def test_a_command_without_a_result_exits_0(capsys: pytest.CaptureFixture[str]) -> None:
    """And prints nothing by itself."""
    assert invoke(lambda _: None) == ExitCode.OK
    assert capsys.readouterr().out == ""


def test_the_missing_configuration_file_is_named_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A call from the wrong folder is the commonest mistake; a missing tier is only its consequence."""
    monkeypatch.chdir(tmp_path)
    error = ConfigurationError("tier 'pr' is not configured", hint="add a table")
    assert invoke(raising(error)) == ExitCode.USAGE
    assert "there is no reverse-rag.toml here" in capsys.readouterr().err
    (tmp_path / "reverse-rag.toml").write_text("", encoding="utf-8")
    assert invoke(raising(error)) == ExitCode.USAGE
    assert "add a table" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ([], "reverse-rag gate --resume run-1"),
        (["--out", "s3://bucket/x"], "reverse-rag gate --out s3://bucket/x --resume run-1"),
        (["-c", "HERE/my files/a.toml", "--out", "b"], "reverse-rag gate -c 'my files/a.toml' --out b --resume run-1"),
    ],
)
def test_a_hint_repeats_the_options_of_the_call_for_people_and_for_programs(
    args: list[str],
    expected: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What it names would else be looked for in another place."""
    monkeypatch.chdir(tmp_path)
    error = UsageError("not done", hint="reverse-rag gate --resume run-1")
    invoke(raising(error), "--json", *(word.replace("HERE", str(tmp_path)) for word in args))
    seen = capsys.readouterr()
    assert json.loads(seen.out)["error"]["hint"] == expected
    assert f"→ {expected}\n" in seen.err


def test_an_unknown_kind_of_storage_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It would otherwise become a folder called "gs:"."""
    monkeypatch.chdir(tmp_path)

    def body(invocation: Invocation) -> None:
        invocation.storage(invocation.settings())

    assert invoke(body, "--out", "gs://bucket/x") == ExitCode.USAGE
    assert "gs://bucket/x" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_was_begun_is_removed_after_an_error(tmp_path: Path) -> None:
    """Nothing half-made stays in the storage root."""

    def body(invocation: Invocation) -> None:
        invocation.storage(invocation.settings()).staging("suites")
        raise UsageError("no")

    assert invoke(body, "--out", str(tmp_path / "out")) == ExitCode.USAGE
    assert list((tmp_path / "out" / "suites").iterdir()) == []


@pytest.mark.parametrize("args", [["gate", "--nope"], ["gate", "--tier"], ["gat"], ["replay"]])
def test_a_wrong_call_is_json_too(args: list[str]) -> None:
    """Whoever asked for JSON gets exactly one document, before a command has begun as well."""
    done = subprocess.run([CLI, args[0], "--json", *args[1:]], capture_output=True, text=True, check=False)
    assert done.returncode == ExitCode.USAGE
    assert json.loads(done.stdout)["error"]["message"]
    assert "Traceback" not in done.stderr


def _in_shell(folder: Path, line: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", line], cwd=folder, capture_output=True, text=True, check=False, env={"RR": CLI}
    )


def test_a_reader_that_leaves_early_changes_no_exit_code(tmp_path: Path) -> None:
    """`| head -1` on stdout or stderr."""
    for line in ("$RR gate --json | /usr/bin/head -c 1", "$RR gate --json 2>&1 | /usr/bin/head -c 1"):
        done = _in_shell(tmp_path, line)
        assert done.returncode == ExitCode.USAGE, line
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("place", [">&-", ">/dev/full"])
def test_a_result_that_cannot_be_printed_is_said(tmp_path: Path, place: str) -> None:
    """Exit code 3, since the caller does not get what it asked for."""
    done = _in_shell(tmp_path, f"$RR init --json {place}")
    assert done.returncode == ExitCode.DEPENDENCY
    assert "standard output" in done.stderr
    assert "Traceback" not in done.stderr
