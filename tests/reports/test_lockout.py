"""A lockout, a load that was cut short, and verdicts from the cache in the reports."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.contracts import CriterionResult, Verdict
from harness.jsonlines import PartWriter
from reports.html import page
from reports.loading import Run, load_run
from reports.lockout import sentences
from reports.markdown import summary
from reports.reuse import sentence
from reports.strain import sentences as strains
from tests.reports.run_folders import make_run

BANNED = {"asked": 4, "cached": 0, "banned": True, "held_back": 1}


def run_with(tmp_path: Path, **load: Any) -> Run:
    """Return a run with these figures of its load."""
    folders = make_run(tmp_path, prompts=20, failing=0.1)
    run = load_run(folders.run, suite_folder=folders.suite, dataset_folder=None)
    return replace(run, gate=run.gate.model_copy(update={"load": {**run.gate.load, **load}}))


def test_a_ban_is_told_with_what_it_means_and_what_to_do(tmp_path: Path) -> None:
    assert sentences({}) == sentences({"sentinels": None}) == []
    told = " ".join(sentences({"sentinels": BANNED}))
    assert "4 harmless prompts that the target had answered were asked again" in told
    assert "1 blocked reply since the last good one was not recorded" in told
    assert "`reverse-rag gate --resume`" in told
    run = run_with(tmp_path, sentinels=BANNED)
    html, markdown = "".join(page(run, [], [], {})), summary(run, [])
    assert "Was the sender locked out" in html
    assert "1 blocked reply since the last good one" in html
    assert "### Locked out" in markdown


def test_sentinels_that_were_answered_are_told_on_the_page_only(tmp_path: Path) -> None:
    fine = {**BANNED, "banned": False, "held_back": 0}
    (told,) = sentences({"sentinels": fine})
    assert "was not locked out" in told
    run = run_with(tmp_path, sentinels=fine)
    assert "was not locked out" in "".join(page(run, [], [], {}))
    assert "Locked out" not in summary(run, [])


def test_a_load_that_was_cut_short_is_told() -> None:
    (told,) = strains({"cut_short": True})
    assert "did not come to its end" in told


def test_verdicts_from_the_cache_are_counted(tmp_path: Path) -> None:
    run = run_with(tmp_path)
    assert sentence(run) == ""
    with PartWriter(run.folder / "verdicts") as writer:
        for number, (judged_by, cached) in enumerate((("some-model", True), ("some-model", False), ("check", False))):
            said = CriterionResult(name="grounded", passed=True, judged_by=judged_by)
            writer.append(
                Verdict(
                    prompt_id=f"prm-{number}",
                    exchange_id=f"ex-{number}",
                    turn=0,
                    passed=True,
                    ledger="target",
                    criteria=[said],
                    judge_id="judge-1",
                    cached=cached,
                ).to_dict()
            )
    assert sentence(run).startswith("1 of 2 verdicts that a model gave was known from an earlier call")
    assert "known from an earlier call" in "".join(page(run, [], [], {}))
