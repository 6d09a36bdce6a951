"""``extract --explain`` and ``extract --audit`` through the command line."""

import json
import subprocess
from pathlib import Path

import pytest

from harness.jsonlines import write_lines
from tests.e2e.conftest import CLI, environment

CARD = "4111 1111 1111 1111"


def call(folder: Path, *args: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
    """Call the command line in a folder without a configuration."""
    return subprocess.run(
        [CLI, *args],
        cwd=folder,
        env=environment(),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_text_is_explained_from_stdin(tmp_path: Path) -> None:
    done = call(tmp_path, "extract", "--explain", "-", "--json", stdin=f"my card is {CARD}\n")
    assert done.returncode == 0, done.stderr
    values = json.loads(done.stdout)
    assert values["redacted"] == "my card is <CREDIT_CARD_1>"
    assert done.stderr == ""
    plain = call(tmp_path, "extract", "--explain", "-", "--quiet", stdin=f"my card is {CARD}\n")
    assert "Luhn" in plain.stdout
    assert plain.stderr == ""


def test_known_values_of_configured_profiles_are_explained(tmp_path: Path) -> None:
    write_lines(tmp_path / "profiles.jsonl", [{"user_id": "u1", "tag": "Zyx Wvutsr"}])
    (tmp_path / "reverse-rag.toml").write_text('[extract]\nprofiles = "profiles.jsonl"\n', encoding="utf-8")
    done = call(tmp_path, "extract", "--explain", "-", "--json", stdin="ask for zyx wvutsr")
    assert "known value" in done.stdout, done.stderr


def test_an_empty_text_is_a_usage_error(tmp_path: Path) -> None:
    assert call(tmp_path, "extract", "--explain", "-", stdin="\n").returncode == 2


def test_a_clean_folder_passes_and_a_leaking_one_exits_5_without_showing_the_value(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    write_lines(data / "a.jsonl", [{"text": "how long does a transfer take"}])
    clean = call(tmp_path, "extract", "--audit", str(data), "--json")
    assert clean.returncode == 0, clean.stderr
    assert json.loads(clean.stdout)["passed"] is True
    write_lines(data / "b.jsonl", [{"text": f"card {CARD}"}])
    leaking = call(tmp_path, "extract", "--audit", str(data), "--json")
    assert leaking.returncode == 5, leaking.stderr
    assert json.loads(leaking.stdout)["found"] == {"CREDIT_CARD": 1}
    assert CARD not in leaking.stdout + leaking.stderr
    shown = call(tmp_path, "extract", "--audit", str(data), "--show-values")
    assert CARD in shown.stdout


@pytest.mark.parametrize(
    "args",
    [
        ("--explain", "x", "--audit", "y"),
        ("--show-values",),
        ("--audit", "there-is-no-such-folder"),
        ("--audit", ""),
        ("--audit", ".", "--since-last"),
        ("--explain", "x", "--since-last"),
    ],
)
def test_what_makes_no_sense_is_a_usage_error(tmp_path: Path, args: tuple[str, ...]) -> None:
    done = call(tmp_path, "extract", *args)
    assert done.returncode == 2, done.stderr


def test_help_warns_of_texts_in_arguments(tmp_path: Path) -> None:
    done = call(tmp_path, "extract", "--help")
    assert "stdin" in done.stdout


def test_what_cannot_be_looked_at_exits_5_and_is_named(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    write_lines(data / "a.jsonl", [{"text": "how long does a transfer take"}])
    (data / "notes.txt").write_text("call Ottoline", encoding="utf-8")
    done = call(tmp_path, "extract", "--audit", "data")
    assert done.returncode == 5, done.stderr
    assert "notes.txt" in done.stdout
