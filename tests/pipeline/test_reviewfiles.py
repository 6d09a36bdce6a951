"""Answers out as CSV or JSON lines, and labels back in, from whatever program filled them in."""

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.contracts import CriterionResult, Label, Turn
from harness.errors import InputError
from pipeline.reviewfiles import Format, Imported, exported, guarded, read_import, unguarded
from tests.judge.calibration.records import item, label

HOSTILE = '=HYPERLINK("http://evil.example")\n\x1b[31m\u202egnp'
ITEM = item(1, passed=False).model_copy(
    update={
        "answer": HOSTILE,
        "history": [Turn(role="user", text="Hello, there"), Turn(role="assistant", text='"Hello"')],
        "contexts": ["one", "two"],
        "criteria": [CriterionResult(name="refusal", passed=False, reason="declined", evidence=["gnp"])],
    }
)
OTHER = item(2, passed=True)
ITEMS = [ITEM, OTHER]


def imported(path: Path, text: str, *labels: Label, encoding: str = "utf-8") -> Imported:
    """Return what a file with this text gives."""
    path.write_text(text, encoding=encoding)
    return read_import(path, ITEMS, labels, reviewer=lambda: "importer")


def rows(text: str) -> list[dict[str, str]]:
    """Return a CSV file's rows."""
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_sheet_holds_no_formula_and_nothing_that_a_terminal_obeys() -> None:
    text = exported(ITEMS, [], "csv", blind=True)
    (row, _) = rows(text)
    assert row["answer"].startswith("'=HYPERLINK")
    assert not {"\x1b", "\u202e"} & set(text)
    assert "‹U+001B›" in row["answer"]
    assert row["history"] == 'user: Hello, there\n\nassistant: "Hello"'
    assert row["contexts"] == "one\n\ntwo"
    assert row["label"] == ""


def test_lines_of_json_hold_the_texts_as_they_are() -> None:
    (row, _) = (json.loads(line) for line in exported(ITEMS, [], "jsonl", blind=True).splitlines())
    assert row["answer"] == HOSTILE
    assert row["history"][0] == {"role": "user", "text": "Hello, there"}


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_the_judges_verdict_is_told_only_if_asked_for(form: Format) -> None:
    assert "declined" not in exported(ITEMS, [], form, blind=True)
    assert "flagged" not in exported(ITEMS, [], form, blind=True)
    told = exported(ITEMS, [], form, blind=False)
    assert "declined" in told
    assert "failed" in told


@given(st.text())
def test_a_guarded_cell_is_no_formula_and_comes_back_as_it_was(text: str) -> None:
    cell = guarded(text)
    assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
    assert not cell.startswith(("\t", "\r", "\n"))
    assert unguarded(cell) == text


@given(
    said=st.lists(
        st.tuples(
            st.sampled_from(["good", "bad", "unsure"]),
            st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=50).map(str.strip),
            st.sampled_from(["ada", "=ben"]),
        ),
        unique_by=lambda one: one[2],
    ),
    form=st.sampled_from(["csv", "jsonl"]),
)
def test_labels_that_are_exported_and_imported_are_the_same(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[str, str, str]], form: Format
) -> None:
    labels = [
        Label.model_validate({**label(ITEM, "good", by=by).model_dump(), "label": value, "note": note})
        for value, note, by in said
    ]
    path = tmp_path_factory.mktemp("round") / f"labels.{form}"
    path.write_bytes(exported(ITEMS, labels, form, blind=True).encode())
    found = read_import(path, ITEMS, [], reviewer=lambda: "importer")
    assert found.bad == []
    assert [one.to_dict() for one in found.labels] == [one.to_dict() for one in labels]
    assert read_import(path, ITEMS, labels, reviewer=lambda: "importer").known == len(labels)


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_what_is_exported_for_a_criterion_comes_back_as_labels_of_it(tmp_path: Path, form: Format) -> None:
    """A person fills in ``label`` and nothing else."""
    text = exported([ITEM], [], form, blind=True, criterion="refusal")
    filled = text.replace('"label":""', '"label":"bad"').replace(f"{ITEM.review_id},,", f"{ITEM.review_id},bad,")
    (found,) = imported(tmp_path / f"labels.{form}", filled).labels
    assert (found.review_id, found.label, found.criterion) == (ITEM.review_id, "bad", "refusal")


def test_bad_rows_are_named_by_line_and_field_and_the_rest_is_taken(tmp_path: Path) -> None:
    text = (
        "review_id,label,criterion,note,labelled_at\n"
        'judge-1-1,GOOD,,"two\nlines",\n'
        "judge-1-9,good,,,\n"
        "judge-1-2,fine,,,\n"
        "judge-1-2,bad,refusal,,\n"
        ",bad,,,\n"
        "judge-1-2,bad,,,yesterday\n"
        "judge-1-2,,,,\n"
        ",,,,\n"
        f"judge-1-1,bad,refusal,{'x' * 2001},\n"
        "judge-1-2, bad ,,,2026-05-03T00:00:00Z\n"
    )
    found = imported(tmp_path / "labels.csv", text)
    assert [(row.line, row.field) for row in found.bad] == [
        (4, "review_id"),
        (5, "label"),
        (6, "criterion"),
        (7, "review_id"),
        (8, "labelled_at"),
        (11, "note"),
    ]
    assert found.empty == 1
    assert [(one.review_id, one.label, one.labelled_by) for one in found.labels] == [
        ("judge-1-1", "good", "importer"),
        ("judge-1-2", "bad", "importer"),
    ]
    assert found.labels[0].note == "two\nlines"
    assert found.labels[1].labelled_at == "2026-05-03T00:00:00Z"
    assert {one.judge_id for one in found.labels} == {"judge-1"}


def test_bad_lines_of_json_are_named_too(tmp_path: Path) -> None:
    text = '{"review_id": "judge-1-1", "label": "bad"}\n\nnonsense\n[1]\n{"review_id": 7, "label": "bad"}\n'
    found = imported(tmp_path / "labels.jsonl", text)
    assert [(row.line, row.field) for row in found.bad] == [(3, ""), (4, ""), (5, "review_id")]
    assert len(found.labels) == 1


@pytest.mark.parametrize(("delimiter", "encoding"), [(",", "utf-8-sig"), (";", "utf-8"), ("\t", "utf-8")])
def test_sheets_are_read_as_spreadsheet_programs_save_them(tmp_path: Path, delimiter: str, encoding: str) -> None:
    text = f"Review_ID{delimiter}Label\r\njudge-1-1{delimiter}bad\r\n"
    assert len(imported(tmp_path / "labels.csv", text, encoding=encoding).labels) == 1


def test_what_the_same_person_said_before_is_not_taken_again(tmp_path: Path) -> None:
    text = "review_id,label,labelled_by\njudge-1-1,bad,ada\njudge-1-1,bad,ben\n"
    found = imported(tmp_path / "labels.csv", text, label(ITEM, "bad"))
    assert found.known == 1
    assert [one.labelled_by for one in found.labels] == ["ben"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [("id,label\n1,good\n", "review_id"), ("", "review_id"), ('review_id,label\n"x', "no CSV"), ("{}", "review_id")],
)
def test_a_file_that_is_no_table_of_labels_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        imported(tmp_path / "labels.csv", text)


def test_a_file_that_cannot_be_read_is_refused_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_import(tmp_path / "nothing.csv", ITEMS, [], reviewer=str)
    with pytest.raises(InputError, match="not UTF-8") as error:
        imported(tmp_path / "labels.csv", "review_id,label,note\njudge-1-1,bad,é\n", encoding="latin-1")
    assert "UTF-8" in error.value.hint
