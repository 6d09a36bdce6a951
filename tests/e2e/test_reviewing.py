"""From a failed gate to labels to a judge card to the next gate, through the command line."""

import csv
import json
from pathlib import Path

from pipeline.demonstration import example_assistant
from tests.e2e.conftest import Project, configure


def test_labels_on_a_bad_releases_answers_make_the_card_that_the_next_gate_rests_on(
    project: Project, logs: Path
) -> None:
    """Failures are kept for review, labels come back from a spreadsheet, and the rate is corrected with them."""
    with example_assistant("bad") as url:
        bad = configure(project.folder, logs, url)
        text = bad.config.read_text(encoding="utf-8")
        bad.config.write_text(text.replace("[judge.checks]", "[judge]\nreview_share = 0.5\n[judge.checks]"), "utf-8")
        assert bad.run("gate", "--tier", "main").returncode == 1
        assert bad.gate()["judge_error_known"] is False
        sheet = project.folder / "answers.csv"
        done = bad.run("review", "export", str(sheet), "--show-verdict")
        assert done.returncode == 0, done.stderr
        with sheet.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert {row["verdict"] for row in rows} == {"failed", "passed"}
        labelled = [
            {"review_id": row["review_id"], "label": "good" if row["verdict"] == "passed" else "BAD"} for row in rows
        ]
        with sheet.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, ["review_id", "label"])
            writer.writeheader()
            writer.writerows([*labelled, {"review_id": "review-of-nothing", "label": "good"}])
        done = bad.run("review", "import", str(sheet), "--json", REVERSE_RAG_REVIEWS__REVIEWER="ada")
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        assert told["imported"] == len(rows)
        assert told["bad_rows"] == [
            {"line": len(rows) + 2, "field": "review_id", "problem": "is not in the review store"}
        ]
        made = bad.run("calibrate", "--json")
        assert made.returncode == 0, made.stderr
        card = json.loads(made.stdout)["card"]
        assert card["overall"]["tp"] > 0
        assert bad.run("gate", "--tier", "main").returncode == 1
    gate = bad.gate()
    assert gate["judge_error_known"] is True
    assert gate["failure_rate"]["corrected"] is not None
    run = bad.folder / "out" / "runs" / gate["run_id"]
    assert json.loads((run / "judge-card.json").read_bytes())["card"]["card_id"] == card["card_id"]
    assert bad.run("verify", gate["run_id"]).returncode == 0
