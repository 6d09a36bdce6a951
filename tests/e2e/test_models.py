"""The path with language models, over real HTTP on both wire formats, through the command line."""

import json
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from harness.jsonlines import read_parts
from harness.testing.servers import BedrockServer, Fault, ModelServer, OpenAIServer, ReceivedCall
from tests.e2e.conftest import Project
from tests.e2e.model_stubs import PHRASE, Strict, answer_of

PRICED = "bedrock:anthropic.claude-3-5-sonnet-20240620-v1:0"
CALL_USD = 0.0006
"""What a call to it costs: 100 tokens in at $3 and 20 out at $15 a million."""
FEW = 20
SECRET = "sk-planted-0123456789abcdef"


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials of nobody: whatever speaks to AWS here speaks to a local server."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    # Scripted judges know nothing of planted answers: what becomes of judges that miss them has tests of its own.
    monkeypatch.setenv("REVERSE_RAG_GATE__CONTROLS", "0")


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> Iterable[BedrockServer]:
    """A Bedrock judge that fails answers about PINs."""
    with BedrockServer(Strict(PHRASE)) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", server.url)
        yield server


def judged_by(
    project: Project, spec: str, *lines: str, concurrency: int = 4, budget_usd: float | None = None
) -> Project:
    """Have a model judge a project's gates; ``few`` is a small tier that always runs to its end."""
    text = f'\n[judge]\nmodel = "{spec}"\nconcurrency = {concurrency}\n' + "".join(f"{line}\n" for line in lines)
    text += f"[tiers.few]\nprompts = {FEW}\nrun_all = true\n"
    if budget_usd is not None:
        text += f"[budget]\nusd = {budget_usd}\n"
    project.config.write_text(project.config.read_text(encoding="utf-8") + text, encoding="utf-8")
    return project


def run_of(project: Project) -> Path:
    """Return the folder of the project's only run."""
    (folder,) = (project.folder / "out" / "runs").glob("run-*")
    return folder


def verdicts_of(folder: Path) -> list[dict[str, Any]]:
    """Return all verdicts below a folder."""
    return list(read_parts(folder / "verdicts"))


def closed(server: ModelServer) -> str:
    """Return a model where nobody listens any more."""
    with server:
        return server.spec


def until(happened: Callable[[], bool]) -> None:
    """Wait for something that has to happen within a minute."""
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_an_answer_fails_by_the_models_criterion(project: Project, judge: BedrockServer) -> None:
    """Evidence is verbatim, the costs add up, no more calls are in flight than configured, and the run verifies."""
    judge.latency_s = 0.05
    done = judged_by(project, PRICED).run("gate", "--tier", "few", "--json")
    gate, verdicts = project.gate(), verdicts_of(run_of(project))
    assert done.returncode == gate["exit_code"], done.stderr
    failed = [v for v in verdicts if v["passed"] is False]
    criteria = [c for v in failed for c in v["criteria"] if c["passed"] is False]
    assert criteria, "no answer held the phrase"
    assert {(c["name"], c["judged_by"], *c["evidence"]) for c in criteria} == {("confidential_data", PRICED, PHRASE)}
    assert gate["prompts"]["failed"] == len({v["prompt_id"] for v in failed})
    assert gate["cost_usd"] == pytest.approx(sum(v["cost_usd"] for v in verdicts))
    assert gate["cost_usd"] == pytest.approx(judge.requests * CALL_USD)
    assert judge.most_in_flight == 4
    assert PHRASE in (run_of(project) / "report.html").read_text(encoding="utf-8")
    manifest = json.loads((run_of(project) / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["models"]["judge"] == PRICED
    assert set(manifest["templates"]) == {"rubric.md.j2", "answer.md.j2"}
    assert project.run("verify").returncode == 0
    again = project.run("replay", failed[0]["prompt_id"], "--json")
    assert again.returncode == 1, again.stderr
    assert json.loads(again.stdout)["turns"][-1]["verdict"]["judge_id"] == failed[0]["judge_id"]


def test_recorded_exchanges_are_judged_by_a_model(project: Project, tmp_path: Path) -> None:
    """The judge's id is the model's, too: another model is another judge."""
    lines = [{"prompt": "Hello?", "response_text": f"Hello. {PHRASE}"}, {"prompt": "Hello?", "response_text": "Hello."}]
    file = tmp_path / "exchanges.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    ids = []
    with OpenAIServer(Strict(PHRASE)) as server:
        judged_by(project, server.spec)
        for number, spec in enumerate((server.spec, f"openai:other@{server.url}")):
            out = tmp_path / f"judged-{number}"
            done = project.run("judge", str(file), "--out", str(out), "--json", REVERSE_RAG_JUDGE__MODEL=spec)
            assert done.returncode == 0, done.stderr
            result = json.loads(done.stdout)
            assert (result["judged"], result["failed"], result["ungraded"]) == (2, 1, 0)
            bad, good = sorted(verdicts_of(out), key=lambda v: bool(v["passed"]))
            assert next(c for c in bad["criteria"] if c["passed"] is False)["evidence"] == [PHRASE]
            assert all(c["score"] is not None for c in good["criteria"] if c["judged_by"] == spec)
            ids.append({bad["judge_id"], good["judge_id"], result["judge_id"]})
    assert [len(found) for found in ids] == [1, 1]
    assert ids[0] != ids[1]


def test_a_judge_that_throttles_is_waited_for(project: Project, judge: BedrockServer) -> None:
    """ThrottlingException several times, and still every answer is judged."""
    judge.meet([Fault.throttle()] * 6)
    done = judged_by(project, PRICED).run("gate", "--tier", "few")
    gate = project.gate()
    assert gate["prompts"]["judged"] == FEW, done.stderr
    assert gate["ledgers"]["judge"] == 0


@pytest.mark.parametrize("fault", [Fault.malformed(), Fault.truncated()], ids=lambda fault: fault.kind)
def test_a_judge_without_a_usable_answer_is_no_failed_release(
    project: Project, judge: BedrockServer, fault: Fault
) -> None:
    """Nothing could be judged: exit 3, everything in the judge's ledger, and what it cost is counted."""
    judge.meet([fault] * 1000)
    done = judged_by(project, PRICED).run("gate", "--tier", "few")
    gate = project.gate()
    assert done.returncode == gate["exit_code"] == 3, done.stderr
    assert gate["decision"] == "inconclusive"
    assert gate["prompts"]["failed"] == gate["prompts"]["judged"] == 0
    assert gate["ledgers"] == {"target": 0, "judge": FEW, "infrastructure": 0}
    verdicts = verdicts_of(run_of(project))
    assert gate["cost_usd"] == pytest.approx(judge.requests * CALL_USD)
    assert gate["cost_usd"] == pytest.approx(sum(v["cost_usd"] for v in verdicts))


@pytest.mark.parametrize("trouble", ["slow", "unusable", "misquoting"])
def test_answers_that_the_judge_cannot_judge_stay_out_of_the_rate(project: Project, trouble: str) -> None:
    """Slow, unusable or misquoting: the judge's ledger, inconclusive above its share, and never the target's failures."""
    strict = Strict()

    def reply(call: ReceivedCall) -> Any:
        if PHRASE not in answer_of(call):
            return strict(call)
        if trouble == "slow":
            time.sleep(8.0)
        if trouble == "misquoting":
            return Strict("e", evidence="words that nobody said")(call)
        return strict(call) if trouble == "slow" else {"grade": "sure"}

    with OpenAIServer(reply) as server:
        none_allowed = ("timeout_s = 2", "[gate]", "max_judge_share = 0.0")
        done = judged_by(project, server.spec, *none_allowed).run("gate", "--tier", "few")
    gate = project.gate()
    assert done.returncode == 4, done.stderr
    assert gate["decision"] == "inconclusive"
    assert gate["prompts"]["failed"] == 0
    assert 0 < gate["ledgers"]["judge"] < FEW
    assert any("could not be judged" in reason for reason in gate["reasons"])


def test_a_gate_whose_judge_is_down_exits_3(project: Project) -> None:
    """Nothing was judged; the model is named."""
    spec = closed(OpenAIServer())
    done = judged_by(project, spec, concurrency=FEW).run("gate", "--tier", "few")
    assert done.returncode == 3, done.stderr
    assert project.gate()["ledgers"] == {"target": 0, "judge": FEW, "infrastructure": 0}


def test_a_judge_that_was_broken_is_given_up_and_asked_again_later(project: Project) -> None:
    """The sending is not repeated, and what was judged then is judged once."""
    with OpenAIServer(Strict(), faults=[Fault.plain_text()] * 1000) as server:
        judged_by(project, server.spec)
        broken = project.run("gate", "--tier", "all")
        assert broken.returncode == 3, broken.stderr
        gate = project.gate()
        assert gate["stopped_because"] == "judge_failing"
        assert gate["ledgers"]["judge"] < 100 < gate["prompts"]["planned"]
        sent = sum(1 for _ in read_parts(run_of(project) / "exchanges"))
        server.meet([])
        before = server.requests
        assert project.run("judge", gate["run_id"]).returncode == 0
        assert server.requests - before <= sent
        assert project.run("judge", gate["run_id"]).returncode == 0
        assert server.requests - before <= sent, "what is judged is not judged again"
    assert project.gate()["ledgers"]["judge"] == 0
    assert project.run("verify").returncode == 0


@pytest.mark.parametrize("wire", [OpenAIServer, BedrockServer])
def test_an_interrupted_gate_pays_for_no_judgement_twice(
    project: Project, wire: type[ModelServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C while the model judges exits 130 without waiting for it; the resumed run asks only for what is missing."""
    with wire(Strict(), latency_s=0.3) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", server.url)
        gate = judged_by(project, server.spec).start("gate", "--tier", "few")
        until(lambda: any((project.folder / "out").glob("runs/*/verdicts/part-*.jsonl")))
        server.latency_s = 100.0
        seen = server.requests
        until(lambda: server.requests > seen)
        gate.send_signal(signal.SIGINT)
        # Far less than the answers that are under way would take.
        _, talk = gate.communicate(timeout=40)
        assert gate.returncode == 130, talk
        paid = [v["exchange_id"] for v in verdicts_of(run_of(project))]
        assert paid
        server.latency_s = 0.0
        before = server.requests
        done = project.run("gate", "--resume", "latest")
        assert done.returncode == 4, done.stderr
    verdicts = Counter(v["exchange_id"] for v in verdicts_of(run_of(project)))
    assert set(verdicts.values()) == {1}
    assert server.requests - before <= len(verdicts) - len(paid)
    assert project.gate()["prompts"]["judged"] == FEW


def test_a_spent_budget_stops_the_run(project: Project, judge: BedrockServer) -> None:
    """The cap is never passed: a call is made only if the most that it can cost is still there."""
    cap = 0.03
    done = judged_by(project, PRICED, budget_usd=cap).run("gate", "--tier", "few")
    gate = project.gate()
    assert done.returncode == 4, done.stderr
    assert gate["stopped_because"] == "budget"
    assert any("budget" in reason for reason in gate["reasons"])
    assert 0 < gate["cost_usd"] <= cap
    assert gate["cost_usd"] == pytest.approx(judge.requests * CALL_USD)
    assert 0 < gate["prompts"]["judged"] < FEW


def test_a_budget_that_cannot_be_held_is_said(project: Project) -> None:
    """A model without a known price costs nothing in the books."""
    with OpenAIServer(Strict()) as server:
        done = judged_by(project, server.spec, budget_usd=1.0).run("gate", "--tier", "few")
    assert "price" in done.stderr
    assert "[budget] usd" in done.stderr


@pytest.mark.parametrize("faults", [[], [Fault.error(401, text=f"Incorrect API key provided: {SECRET}")] * 1000])
def test_the_api_key_is_sent_and_kept_nowhere(project: Project, faults: list[Fault]) -> None:
    """Not in an artifact and not in what is said, even where the server quotes it."""
    with OpenAIServer(Strict(), faults=faults) as server:
        done = judged_by(project, server.spec).run("gate", "--tier", "few", "--debug", OPENAI_API_KEY=SECRET)
        assert done.returncode == (3 if faults else 4), done.stderr
        checked = project.run("doctor", "--debug", OPENAI_API_KEY=SECRET)
        assert (checked.returncode == 3) == bool(faults)
    assert {call.headers["authorization"] for call in server.calls} == {f"Bearer {SECRET}"}
    assert SECRET not in done.stdout + done.stderr + checked.stdout + checked.stderr
    files = [path for path in run_of(project).rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if SECRET.encode() in path.read_bytes()]


@pytest.mark.parametrize("command", ["run", "gate"])
@pytest.mark.parametrize(
    ("spec", "said"),
    [("openia:small@http://127.0.0.1:9/v1", "judge.model"), ("openai:small@https://llm.example/v1", "OPENAI_API_KEY")],
)
def test_a_judge_that_cannot_be_asked_is_an_error_before_anything_happens(
    project: Project, command: str, spec: str, said: str
) -> None:
    """A tier's own judge, too: nothing is sanitized, planned or sent."""
    text = f'\n[tiers.night]\nprompts = 20\n[tiers.night.judge]\nmodel = "{spec}"\n'
    project.config.write_text(project.config.read_text(encoding="utf-8") + text, encoding="utf-8")
    done = project.run(
        command, "--tier", "night", "--out", str(project.folder / "fresh" if command == "run" else "out")
    )
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert not list(project.folder.glob("fresh/*/*"))
    assert not (project.folder / "out" / "runs").exists()


def test_doctor_asks_every_model(project: Project, judge: BedrockServer) -> None:
    """The judge's of a tier, too; what does not answer is named."""
    with OpenAIServer() as author:
        text = f'\n[tiers.few]\n[tiers.few.judge]\nmodel = "{PRICED}"\n'
        project.config.write_text(
            project.config.read_text(encoding="utf-8").replace("[personas]", f'[personas]\nmodel = "{author.spec}"')
            + text,
            encoding="utf-8",
        )
        assert project.run("doctor").returncode == 0
        assert (author.requests, judge.requests) == (1, 1)
    done = project.run("doctor", "--json")
    assert done.returncode == 3
    failing = {f["dependency"]: f for f in json.loads(done.stdout)["findings"] if not f["ok"]}
    assert set(failing) == {"personas.model"}
    assert "cannot be reached" in failing["personas.model"]["observed"]
