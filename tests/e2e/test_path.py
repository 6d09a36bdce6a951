"""The main job through the command line, against the example assistant."""

import json
from pathlib import Path

from pipeline.demonstration import example_assistant
from tests.e2e.conftest import Project, configure


def test_a_good_release_passes(project: Project) -> None:
    """The main tier certifies a good release, early, and writes every artifact."""
    done = project.run("gate", "--suite", "latest", "--tier", "main", "--json")
    assert done.returncode == 0, done.stderr
    gate = json.loads(done.stdout)
    assert gate["decision"] == "pass"
    assert gate["stopped_because"] == "decided"
    assert gate["prompts"]["judged"] < 300
    run = project.folder / "out" / "runs" / gate["run_id"]
    for name in ("report.html", "junit.xml", "summary.md", "manifest.json", "plan.json"):
        assert (run / name).stat().st_size > 100, name
    assert gate["target_version"].startswith("larkfield")


def test_a_bad_release_fails(project: Project, logs: Path) -> None:
    """The default defect rates are far above the threshold."""
    with example_assistant("bad") as url:
        bad = configure(project.folder, logs, url)
        done = bad.run("gate", "--tier", "main")
    assert done.returncode == 1, done.stderr
    assert bad.gate()["decision"] == "fail"


def test_fifty_prompts_cannot_certify_two_percent(project: Project) -> None:
    """A tier of 50 is inconclusive, and its exit code is the configuration's choice."""
    done = project.run("gate", "--tier", "pr")
    assert done.returncode == 4, done.stderr
    assert project.gate()["decision"] == "inconclusive"
    assert "INCONCLUSIVE" in done.stderr


def test_run_goes_from_logs_to_a_decision(tmp_path: Path, logs: Path, assistant: str) -> None:
    """`run` needs nothing but a configuration."""
    project = configure(tmp_path, logs, assistant)
    done = project.run("run", "--tier", "all")
    assert done.returncode == 0, done.stderr
    assert project.gate()["prompts"]["judged"] >= 190


def test_stages_run_alone(project: Project) -> None:
    """Swarm records, judge decides, report rebuilds, verify agrees."""
    sent = project.run("swarm", "--tier", "all", "--json")
    assert sent.returncode == 0, sent.stderr
    run = json.loads(sent.stdout)["run_id"]
    judged = project.run("judge", run)
    assert judged.returncode == 0, judged.stderr
    assert project.gate()["stopped_because"] == "recorded"
    report = project.folder / "out" / "runs" / run / "report.html"
    report.unlink()
    assert project.run("report", run).returncode == 0
    assert report.exists()
    assert project.run("verify", run).returncode == 0


def test_verify_notices_a_changed_verdict(project: Project) -> None:
    """Evidence cannot be edited unseen."""
    assert project.run("gate", "--tier", "pr").returncode == 4
    run = project.folder / "out" / "runs" / project.gate()["run_id"]
    part = sorted((run / "verdicts").glob("part-*.jsonl"))[0]
    part.write_text(part.read_text(encoding="utf-8").replace('"passed":true', '"passed":false', 1), encoding="utf-8")
    done = project.run("verify")
    assert done.returncode == 5
    assert part.name in done.stderr


def test_a_recorded_prompt_is_sent_again_byte_for_byte(project: Project) -> None:
    """`replay` sends exactly what was recorded."""
    project.run("gate", "--tier", "pr")
    run = project.folder / "out" / "runs" / project.gate()["run_id"]
    first = json.loads(sorted((run / "exchanges").glob("part-*.jsonl"))[0].read_text(encoding="utf-8").splitlines()[0])
    done = project.run("replay", first["prompt_id"], "--json")
    assert done.returncode == 0, done.stderr
    turns = json.loads(done.stdout)["turns"]
    assert turns
    assert all(turn["identical_request"] for turn in turns)


def test_plan_says_what_a_tier_cannot_decide(prepared: Project) -> None:
    """Before anything is sent."""
    done = prepared.run("plan", "--tier", "pr", "--json")
    assert done.returncode == 0, done.stderr
    plan = json.loads(done.stdout)
    assert plan["decides"]["can_pass"] is False
    assert plan["decides"]["pass_needs"] > 150
    assert 0.02 < plan["decides"]["excludes"] < 0.1


def test_doctor_names_what_fails(prepared: Project, tmp_path: Path, logs: Path) -> None:
    """Everything answers, or the one thing that does not is named with a remedy."""
    assert prepared.run("doctor").returncode == 0
    down = configure(tmp_path, logs, "http://127.0.0.1:9")
    done = down.run("doctor", "--json")
    assert done.returncode == 3
    findings = {finding["dependency"]: finding for finding in json.loads(done.stdout)["findings"]}
    assert findings["target"]["ok"] is False
    assert findings["target"]["remedy"]
    assert findings["source"]["ok"] is True
