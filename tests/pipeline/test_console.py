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


def typed(text: str, **options: str) -> str:
    """Return talk as a call with these options says it."""
    return Console(options={"-c" if name == "config" else "--out": value for name, value in options.items()}).typed(
        text
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("reverse-rag gate --resume run-1", "reverse-rag gate -c my.toml --out kept --resume run-1"),
        ("`reverse-rag review` asks; see --out", "`reverse-rag review -c my.toml --out kept` asks; see --out"),
        (
            "reverse-rag doctor, reverse-rag run",
            "reverse-rag doctor -c my.toml --out kept, reverse-rag run -c my.toml --out kept",
        ),
        ("`reverse-rag review export FILE` writes", "`reverse-rag review -c my.toml --out kept export FILE` writes"),
        ("reverse-rag judge a.jsonl --out x goes on", "reverse-rag judge -c my.toml a.jsonl --out x goes on"),
        ("reverse-rag judge --config=b.toml", "reverse-rag judge --out kept --config=b.toml"),
        ("`reverse-rag init` writes one", "`reverse-rag init` writes one"),
        ("reverse-rag gates 2 releases", "reverse-rag gates 2 releases"),
    ],
)
def test_commands_that_talk_names_take_the_options_of_this_call(text: str, expected: str) -> None:
    """Typed as they stand they find what this call made; what they name themselves stays, and only once."""
    assert typed(text, config="my.toml", out="kept") == expected
    assert typed(expected, config="my.toml", out="kept") == expected


def test_without_options_commands_stay_as_they_are() -> None:
    assert typed("reverse-rag gate --resume run-1") == "reverse-rag gate --resume run-1"


def test_a_name_that_a_shell_would_take_apart_is_quoted() -> None:
    assert typed("reverse-rag review", config="my files/a.toml") == "reverse-rag review -c 'my files/a.toml'"


def test_every_kind_of_talk_names_commands_that_work(capsys: pytest.CaptureFixture[str]) -> None:
    """Lines, facts and what to do about an error."""
    console = Console(options={"-c": "my.toml"})
    console.say("see `reverse-rag calibrate`")
    console.fact("next", "reverse-rag judge run-1")
    console.error("no suite", "`reverse-rag personas` makes one")
    seen = capsys.readouterr().err
    assert seen.count(" -c my.toml") == 3
    assert "reverse-rag judge -c my.toml run-1" in seen
