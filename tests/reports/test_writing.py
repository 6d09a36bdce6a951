from pathlib import Path

import pytest

from harness.errors import InputError
from reports.writing import REPORT_FILES, write_reports
from tests.reports.conftest import Reported, report
from tests.reports.run_folders import make_run


@pytest.mark.parametrize("prompts", [0, 1, 10])
def test_a_run_of_any_size_has_its_three_reports(tmp_path: Path, prompts: int) -> None:
    folders = make_run(tmp_path, prompts=prompts)
    written = write_reports(folders.run, suite_folder=folders.suite, dataset_folder=folders.dataset)
    assert written == [folders.run / name for name in REPORT_FILES]
    assert all(path.stat().st_size for path in written)


def test_the_same_artifacts_give_the_same_bytes(failed: Reported) -> None:
    before = failed.html, failed.junit, failed.markdown
    again = report(failed.folders)
    assert (again.html, again.junit, again.markdown) == before


def test_without_suite_and_data_set_ids_stand_for_names(tmp_path: Path) -> None:
    folders = make_run(tmp_path, prompts=10, failing=0.6)
    write_reports(folders.run, suite_folder=None, dataset_folder=None)
    html = (folders.run / "report.html").read_text(encoding="utf-8")
    assert "there is no certificate to show" in html
    assert "Hurried commuter" not in html


def test_an_interrupted_run_without_verdicts_has_reports(tmp_path: Path) -> None:
    folders = make_run(tmp_path, prompts=10, decision="inconclusive")
    for path in (folders.run / "verdicts").iterdir():
        path.unlink()
    (folders.run / "plan.json").unlink()
    (folders.run / "manifest.json").unlink()
    assert "Not enough evidence" in report(folders).html


def test_a_line_torn_by_a_crash_is_passed_over(tmp_path: Path) -> None:
    folders = make_run(tmp_path, prompts=10)
    with (folders.run / "exchanges" / "part-00000.jsonl").open("ab") as file:
        file.write(b'{"exchange_id": "torn", "prom')
    assert "torn" not in report(folders).junit


def test_a_run_without_a_decision_is_refused_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no gate\.json") as caught:
        write_reports(tmp_path, suite_folder=None, dataset_folder=None)
    assert "--resume" in caught.value.hint


def test_a_broken_document_is_named(tmp_path: Path) -> None:
    folders = make_run(tmp_path, prompts=1)
    (folders.run / "plan.json").write_text('{"run_id": 3}')
    with pytest.raises(InputError, match=r"plan\.json: not a RunPlan"):
        write_reports(folders.run, suite_folder=None, dataset_folder=None)


def test_no_half_written_file_is_left(failed: Reported) -> None:
    assert [path.name for path in failed.folders.run.iterdir() if path.name.startswith(".")] == []
