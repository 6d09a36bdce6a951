"""The commands around labels: export, import, who agrees with whom, and whose labels they are."""

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from harness.config import ReviewsSection, Settings
from harness.errors import InputError, StorageError, UsageError
from harness.reviews import StoredReviews
from harness.storage import Storage
from pipeline.console import Console
from pipeline.labelling import reviewer, run_import, run_status, write_private
from tests.judge.calibration.records import item, label

CLI = str(Path(sys.executable).with_name("reverse-rag"))
ITEMS = [item(number, passed=number >= 3) for number in range(6)]
SETTINGS = Settings(reviews=ReviewsSection(reviewer="ada"))


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    """A root whose store holds six answers."""
    storage = Storage(str(tmp_path / "out"))
    StoredReviews(storage).put_items("run-1-judge-1", ITEMS)
    return storage


def test_imported_labels_are_kept_and_conflicts_with_others_said(
    storage: Storage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    StoredReviews(storage).add_labels([label(ITEMS[0], "good", by="ben"), label(ITEMS[1], "bad", by="ben")])
    sheet = tmp_path / "labels.csv"
    sheet.write_text("review_id,label\njudge-1-0,bad\njudge-1-1,bad\njudge-1-2,worse\n", encoding="utf-8")
    told = run_import(SETTINGS, storage, Console(progress=False), path=sheet)
    assert (told["imported"], [row["line"] for row in told["bad_rows"]]) == (2, [4])
    assert told["conflicts"] == [
        {"review_id": "judge-1-0", "criterion": None, "said": {"ben": "good", "ada": "bad"}, "settled": "unsure"}
    ]
    said = capsys.readouterr().err
    assert "line 4: label is neither good nor bad nor unsure" in said
    assert "imported   2 labels from" in said
    assert "; 1 row not valid" in said
    assert "judge-1-0: ada bad, ben good; counts as unsure" in said
    assert "1 of 2 answers" in said
    assert len(StoredReviews(storage).labels()) == 4


def test_a_file_without_one_valid_label_is_refused(storage: Storage, tmp_path: Path) -> None:
    sheet = tmp_path / "labels.csv"
    sheet.write_text("review_id,label\njudge-1-77,bad\n", encoding="utf-8")
    with pytest.raises(InputError, match="none of its rows gives a label"):
        run_import(SETTINGS, storage, Console(quiet=True), path=sheet)
    assert StoredReviews(storage).labels() == []


def test_the_status_says_what_waits_and_who_labelled(storage: Storage) -> None:
    StoredReviews(storage).add_labels([label(ITEMS[0], "bad"), label(ITEMS[5], "good", by="ben")])
    told = run_status(SETTINGS, storage, Console(quiet=True))
    assert told["judges"] == {"judge-1": {"answers": 6, "labelled": 2, "waiting": {"flagged": 2, "passed": 2}}}
    assert told["reviewers"] == {"ada": 1, "ben": 1}


def test_the_status_of_one_judge_leaves_the_others_out(storage: Storage, capsys: pytest.CaptureFixture[str]) -> None:
    other = item(1, passed=True, judge_id="judge-2")
    store = StoredReviews(storage)
    store.put_items("run-1-judge-2", [other])
    store.add_labels([label(ITEMS[0], "bad"), label(other, "good", by="ben"), label(other, "bad", by="eve")])
    told = run_status(SETTINGS, storage, Console(progress=False), judge="judge-1")
    assert (list(told["judges"]), told["reviewers"], told["conflicts"]) == (["judge-1"], {"ada": 1}, [])
    assert "judge-2" not in capsys.readouterr().err
    assert list(run_status(SETTINGS, storage, Console(quiet=True))["judges"]) == ["judge-1", "judge-2"]
    with pytest.raises(UsageError, match="no judges of the review store begin with 'judge-3'"):
        run_status(SETTINGS, storage, Console(quiet=True), judge="judge-3")


def test_labels_carry_the_configured_name_or_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "eve")
    assert reviewer(SETTINGS) == "ada"
    assert reviewer(Settings()) == "eve"


def test_an_exported_file_is_its_owners_even_where_there_was_one(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    path.write_text("open to all", encoding="utf-8")
    path.chmod(0o644)
    write_private(path, "private")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text(encoding="utf-8") == "private"
    with pytest.raises(StorageError, match="cannot be written"):
        write_private(tmp_path / "nowhere" / "answers.csv", "x")


def test_the_export_goes_to_standard_output_or_to_a_file_but_not_beside_a_result(
    storage: Storage, tmp_path: Path
) -> None:
    def run(*words: str) -> "subprocess.CompletedProcess[str]":
        command = [CLI, "review", "export", *words, "--out", storage.root]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)

    lines = run("--format", "jsonl").stdout.splitlines()
    assert {json.loads(line)["review_id"] for line in lines} == {one.review_id for one in ITEMS}
    assert json.loads(run("answers.csv", "--json").stdout) == {"answers": 6, "file": "answers.csv"}
    assert run("--json").returncode == run("--format", "xls").returncode == 2


def test_the_status_takes_a_judge_on_the_command_line(storage: Storage, tmp_path: Path) -> None:
    command = [CLI, "review", "status", "--judge", "judge-1", "--json", "--out", storage.root]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert list(json.loads(done.stdout)["judges"]) == ["judge-1"], done.stderr


@pytest.mark.parametrize(("configured", "expected"), [(True, "-c my.toml"), (False, "--out judged")])
def test_after_a_file_the_hint_names_where_its_answers_are_kept(
    tmp_path: Path, expected: str, *, configured: bool
) -> None:
    """``--out`` is the verdicts' folder then, and the review store's too only where there is no project."""
    row = {"prompt_id": "p-1", "prompt": "Mail?", "response_text": "Write to jo.marsh@gmail.com."}
    (tmp_path / "made.jsonl").write_text(json.dumps(row), encoding="utf-8")
    (tmp_path / "my.toml").write_text("", encoding="utf-8")
    call = [CLI, "judge", "made.jsonl", "--out", "judged", *(["-c", "my.toml"] if configured else [])]
    done = subprocess.run(call, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert f"1 answer kept: reverse-rag review {expected}\n" in done.stderr
    shown = [CLI, "review", "export", *expected.split()]
    rows = subprocess.run(shown, capture_output=True, text=True, check=False, cwd=tmp_path).stdout
    assert "Mail?" in rows, "the command that is named finds the answer"
