from pathlib import Path

import orjson
from hypothesis import given
from hypothesis import strategies as st

from reports.clusters import cluster
from reports.conversations import read_conversations, read_verdicts
from reports.loading import load_run
from reports.markdown import MAX_LENGTH, escape, summary
from reports.visible import visible
from tests.reports.conftest import Reported, report
from tests.reports.run_folders import PLANTED, make_run


def test_the_decision_comes_first(failed: Reported) -> None:
    assert failed.markdown.startswith("## ✕ Do not release\n\n**The release fails between")


def test_rate_interval_threshold_and_causes_are_there(failed: Reported) -> None:
    for word in ("Failure rate", "threshold 2", "What broke", "Under load", "**missed**", "reverse-rag replay prm-"):
        assert word in failed.markdown


def test_leaked_values_are_masked(failed: Reported) -> None:
    assert [value for value in PLANTED if value in failed.markdown] == []


@given(st.text(max_size=100))
def test_escaped_text_holds_no_markup_mention_or_link(text: str) -> None:
    shown = escape(visible(text))
    assert not set(shown) & set("|<>`*_[]~\\")
    assert "@" not in shown.replace("@\u200b", "")
    assert "://" not in shown


def test_mentions_and_issue_references_are_defused() -> None:
    assert escape("@team #12 www.x.test") == "@\u200bteam &#35;\u200b12 www.\u200bx.test"


def test_every_table_row_has_the_columns_of_its_head(hostile: Reported) -> None:
    width = 0
    for line in hostile.markdown.splitlines():
        if line.startswith("|"):
            assert line.count("|") == width or not width
            width = line.count("|")
        else:
            width = 0


def test_the_summary_fits_a_comment_whatever_the_reasons_are(tmp_path: Path) -> None:
    folders = make_run(tmp_path, prompts=40, failing=0.9)
    run = load_run(folders.run, suite_folder=folders.suite, dataset_folder=None)
    clusters = cluster(read_conversations(run, read_verdicts(run)))
    gate = run.gate.model_copy(update={"reasons": ["<" * 600] * 100})
    long = type(run)(folder=run.folder, gate=gate, plan=run.plan)
    text = summary(long, clusters)
    assert len(text) <= MAX_LENGTH
    assert "Cut here" in text
    assert text.rstrip().endswith("in the run's folder._")


def test_a_run_without_failures_has_no_causes(tmp_path: Path) -> None:
    reported = report(make_run(tmp_path, prompts=10, failing=0.0))
    assert reported.markdown.startswith("## ? Not enough evidence")
    assert "What broke" not in reported.markdown


def test_three_groups_that_are_hit_most_are_named_with_their_intervals(failed: Reported) -> None:
    part = failed.markdown.split("### Who is hit most")[1].split("###")[0]
    rows = [line for line in part.splitlines() if line.startswith(("| Persona:", "| Strategy:"))]
    assert len(rows) == 3
    assert "Persona: Rule bender" in part
    assert "Each interval holds by itself; 13 groups were looked at." in part


def test_each_end_of_the_rates_interval_has_its_own_level(failed: Reported) -> None:
    """Both ends together hold with less than the gate's confidence, so this is no 95 % interval."""
    row = next(line for line in failed.markdown.splitlines() if line.startswith("| Failure rate"))
    assert "each end holds with 95\u202f%" in row
    assert "% interval" not in row


def test_a_run_that_judged_nothing_says_so_before_all_else(tmp_path: Path) -> None:
    folders = make_run(tmp_path, prompts=3)
    path = folders.run / "gate.json"
    gate = orjson.loads(path.read_bytes())
    gate |= {"decision": "inconclusive", "exit_code": 0, "reasons": ["Nothing was tested: no prompt came to an end."]}
    gate["prompts"] |= {"sent": 0, "judged": 0, "failed": 0}
    gate["ledgers"] = {"target": 0, "judge": 0, "infrastructure": 0}
    path.write_bytes(orjson.dumps(gate))
    told = report(folders)
    assert told.markdown.startswith("## ? Nothing was tested\n")
    assert "Nothing was tested</h1>" in told.html
