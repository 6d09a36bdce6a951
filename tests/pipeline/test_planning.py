"""What a tier can decide and what it takes, before anything is sent."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from harness.config import BudgetSection, GateSection, JudgeSection, LoadSection, Settings, TargetSection, TierSection
from harness.contracts import (
    Agreement,
    Estimate,
    Generator,
    JudgeCard,
    LabelCounts,
    Manifest,
    Prompt,
    Verdict,
)
from harness.jsonlines import PartWriter
from harness.storage import Storage
from harness.suites import write_manifest, write_suite
from judge.calibration.correction import Calibration
from judge.grading import Judge
from pipeline.commands.plan import say
from pipeline.console import Console
from pipeline.loadpreview import load_words
from pipeline.outlook import decidable
from pipeline.planning import GatePlan, plan_gate


def stored(tmp_path: Path, prompts: int) -> Storage:
    """Return a storage with a suite of so many prompts."""
    storage = Storage(str(tmp_path / "out"))
    folder = storage.staging("suites")
    suite_id, files = write_suite(
        folder,
        [
            Prompt(
                prompt_id=f"p-{number}",
                persona_id="persona-1",
                strategy="plain",
                turns=["How do I freeze my card?"],
                weight=1 / prompts,
                generator=Generator(kind="offline"),
            )
            for number in range(prompts)
        ],
        [],
    )
    manifest = Manifest(
        kind="suite",
        artifact_id=suite_id,
        tool_version="0",
        created_at="2026-01-01T00:00:00Z",
        configuration_hash="",
        files=files,
    )
    write_manifest(folder, manifest)
    storage.publish("suites", suite_id, folder)
    storage.point_latest("suites", suite_id)
    return storage


def settings_of(*, prompts: int = 500, **sections: Any) -> Settings:
    return Settings(tiers={"t": TierSection(prompts=prompts)}, **sections)


def planned(storage: Storage, settings: Settings) -> GatePlan:
    return plan_gate(settings, storage, suite="latest", tier_name="t")


def test_a_flawless_release_passes_after_about_190_prompts() -> None:
    found = decidable(0.02, 0.95, 1000)
    assert found.can_pass
    assert found.pass_needs == pytest.approx(190, abs=10)
    assert [round(outlook.true_rate, 4) for outlook in found.outlooks] == [0.0, 0.005, 0.01, 0.02, 0.03, 0.05]
    assert found.outlooks[0].passes == pytest.approx(1.0)
    assert found.outlooks[-1].fails > 0.95


def test_a_small_tier_never_certifies(tmp_path: Path) -> None:
    """Fifty prompts can fail a bad release only; what they exclude is said."""
    made = planned(stored(tmp_path, 300), settings_of(prompts=50))
    assert not made.decides.can_pass
    assert 0.05 < made.decides.excludes < 0.1
    assert any("50 prompts cannot certify 2 %: at best an upper bound of" in warning for warning in made.warnings)
    assert made.decides.outlooks[0].undecided == pytest.approx(1.0)


def test_a_bound_of_all_releases_is_none(tmp_path: Path) -> None:
    """With a poor card and few prompts nothing at all is excluded: then only what passing takes is said."""
    storage, settings = stored(tmp_path, 300), settings_of(prompts=5)
    keep_card(tmp_path, storage, Judge(settings, None).judge_id, bad=20)
    made = planned(storage, settings)
    assert made.decides.excludes == 1.0
    assert any(warning.startswith("5 prompts cannot certify 2 %: ") for warning in made.warnings)
    assert not any("100 %" in warning for warning in made.warnings)


def test_a_suite_that_is_too_small_is_said(tmp_path: Path) -> None:
    made = planned(stored(tmp_path, 100), settings_of())
    assert (made.suite_ended, made.suite_prompts, made.suite_sample, made.prompts) == (True, 100, 100, 100)
    assert any("too small to pass any release" in warning for warning in made.warnings)


def test_a_judge_card_changes_what_can_be_decided(tmp_path: Path) -> None:
    """And the same without it is shown beside."""
    storage, settings = stored(tmp_path, 500), settings_of()
    keep_card(tmp_path, storage, Judge(settings, None).judge_id)
    made = planned(storage, settings)
    assert (made.judge_card, made.card_id) == ("valid", "card-1")
    assert made.without_card is not None
    assert made.decides.undecidable is not None
    assert made.decides.undecidable == pytest.approx((0.0096, 0.0466), abs=0.0005)
    assert made.decides.outlooks[0].passes < 0.2 < 0.9 < made.without_card.outlooks[0].passes
    assert any("because the judge fails good answers, too" in warning for warning in made.warnings)
    inside = made.decides.outlooks[3]
    assert (inside.half_by, inside.most_by) == (None, None)


def test_another_judges_card_decides_nothing(tmp_path: Path) -> None:
    storage = stored(tmp_path, 500)
    keep_card(tmp_path, storage, "judge-other")
    made = planned(storage, settings_of())
    assert (made.judge_card, made.without_card) == ("other_judge", None)
    assert any("error is unknown" in warning for warning in made.warnings)


def test_a_card_that_knows_no_bad_answer_gives_no_outlook() -> None:
    found = decidable(0.02, 0.95, 500, Calibration(tn=200, fp=1))
    assert (found.can_pass, found.outlooks) == (False, [])


def test_without_a_model_judging_costs_nothing(tmp_path: Path) -> None:
    assert planned(stored(tmp_path, 10), settings_of()).judging is None


def test_the_cost_of_all_models_is_estimated_from_rubric_prompts_and_list_prices(tmp_path: Path) -> None:
    storage = stored(tmp_path, 400)
    single, tiered, jury = (
        planned(storage, settings_of(judge=JudgeSection(model=NOVA_LITE, **more))).judging
        for more in ({}, {"escalate_to": NOVA_PRO, "audit_share": 0.5}, {"jury": [NOVA_PRO]})
    )
    assert single is not None
    assert tiered is not None
    assert jury is not None
    assert (single.source, single.answers) == ("estimate", 420)
    assert single.controls_share == pytest.approx(20 / 420)
    assert 400 < single.tokens_per_answer < 2000
    assert tiered.tokens_per_answer == pytest.approx(1.55 * single.tokens_per_answer)
    assert jury.tokens_per_answer == pytest.approx(2 * single.tokens_per_answer)
    assert single.usd is not None
    assert tiered.usd is not None
    assert jury.usd is not None
    assert single.usd < tiered.usd < jury.usd
    assert single.usd_flawless is not None
    assert single.usd_flawless < single.usd


def test_a_model_of_unknown_price_has_no_cost_and_that_is_said(tmp_path: Path) -> None:
    judge = JudgeSection(model="openai:own@http://127.0.0.1:9/v1")
    made = planned(stored(tmp_path, 10), settings_of(judge=judge))
    assert made.judging is not None
    assert (made.judging.usd, made.judging.usd_per_answer) == (None, None)
    assert any("price of a judge's model is not known" in warning for warning in made.warnings)


def test_what_the_last_run_like_it_measured_replaces_guesses(tmp_path: Path) -> None:
    storage = stored(tmp_path, 100)
    settings = settings_of(judge=JudgeSection(model=NOVA_LITE))
    keep_run(storage, "run-1", settings, service_ms=500.0, tokens=900, usd=0.25)
    keep_run(storage, "run-2", settings_of(target=TargetSection(url="http://127.0.0.1:9/other")), service_ms=9000.0)
    made = planned(storage, settings)
    assert (made.measured_by, made.seconds_per_request) == ("run-1", 0.5)
    assert made.judging is not None
    assert (made.judging.source, made.judging.tokens_per_answer, made.judging.usd) == ("run-1", 900, 30.0)
    another = planned(storage, settings_of(judge=JudgeSection(model=NOVA_PRO)))
    assert another.measured_by == "run-1", "the target is the same"
    assert another.judging is not None
    assert another.judging.source == "estimate", "the judge is not"


def test_budgets_and_quotas_that_will_not_do_are_said(tmp_path: Path) -> None:
    judge = JudgeSection(model=NOVA_LITE, tokens_per_minute=1000)
    budget = BudgetSection(usd=0.001, tokens=100, requests=50, minutes=0.01)
    made = planned(stored(tmp_path, 100), settings_of(judge=judge, budget=budget))
    said = " ".join(made.warnings)
    for what in ("[budget] usd", "[budget] tokens", "[budget] requests of 50", "[budget] minutes", "1,000"):
        assert what in said
    assert made.judging is not None
    assert made.minutes == made.judging.minutes > made.sending_minutes


@pytest.mark.parametrize(
    ("load", "minutes", "requests"),
    [
        (LoadSection(model="open", rate=2.0, duration_s=30, control=10), 1.33, 140),
        (LoadSection(model="open", rate=10.0, duration_s=60, control=10), 1.33, 610),
        (LoadSection(model="closed", users=4, duration_s=60, control=10), 1.33, 130),
    ],
)
def test_a_load_profile_gives_minutes_and_requests(
    tmp_path: Path, load: LoadSection, minutes: float, requests: int
) -> None:
    """Control answers and what a longer load sends again are requests, too; the former come one after the other."""
    made = planned(stored(tmp_path, 120), settings_of(load=load))
    assert made.sending_minutes == pytest.approx(minutes, rel=0.05)
    assert made.requests == pytest.approx(requests, abs=12)
    assert made.load is not None
    assert "at" in load_words(made.load)


def test_prompts_for_the_comparison_alone_are_paid_for_and_take_time(tmp_path: Path) -> None:
    storage = stored(tmp_path, 120)
    tiers = {"t": TierSection(prompts=40, paired=50), "all": TierSection(prompts=100, paired=50)}
    settings = Settings(tiers=tiers, judge=JudgeSection(model=NOVA_LITE))
    made = planned(storage, settings)
    plain = planned(storage, settings_of(prompts=40, judge=JudgeSection(model=NOVA_LITE)))
    assert (made.prompts, made.paired, made.requests) == (40, 50, 90)
    assert made.judging is not None
    assert made.judging.answers == 110
    assert made.sending_minutes == pytest.approx(plain.sending_minutes * 90 / 40)
    most = plan_gate(settings, storage, suite="latest", tier_name="all")
    assert (most.paired, most.requests) == (20, 120), "a baseline of the suite has no more than the suite"


def test_asking_again_is_named_beside_the_total(tmp_path: Path) -> None:
    storage = stored(tmp_path, 60)
    assert planned(storage, settings_of()).confirming == 50
    never = planned(storage, settings_of(gate=GateSection(confirm=0)))
    assert (never.confirming, never.requests) == (0, 60)


def test_everything_said_fits_into_80_columns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    storage = stored(tmp_path, 700)
    settings = settings_of(
        prompts=700,
        judge=JudgeSection(model="openai:own@http://127.0.0.1:9/v1", tokens_per_minute=10),
        budget=BudgetSection(usd=0.1, tokens=10, requests=10, minutes=0.001),
        load=LoadSection(model="open", rate=2.0, control=10),
    )
    say(Console(), planned(storage, settings))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) > 20
    assert max(map(len, lines)) <= 80
    assert any(line.split()[:2] == ["0", "%"] for line in lines)


def test_a_plan_says_the_same_twice_and_is_json(tmp_path: Path) -> None:
    storage = stored(tmp_path, 60)
    first, again = (planned(storage, settings_of()) for _ in range(2))
    assert first == again
    assert orjson.loads(orjson.dumps(first.to_dict()))["decides"]["pass_needs"] == first.decides.pass_needs


NOVA_LITE = "bedrock:amazon.nova-lite-v1:0"
NOVA_PRO = "bedrock:amazon.nova-pro-v1:0"


def keep_card(tmp_path: Path, storage: Storage, judge_id: str, *, bad: int = 200) -> None:
    """Store a card measured on so many bad answers, of which it missed ten, and 200 good ones."""
    sure = Estimate(estimate=0.95, lower=0.9, upper=0.99)
    card = JudgeCard(
        card_id="card-1",
        judge_id=judge_id,
        labels=LabelCounts(good=200, bad=bad),
        overall=Agreement(tp=bad - 10, fn=10, tn=198, fp=2, sensitivity=sure, specificity=sure, kappa=sure),
        made_at=datetime.now(UTC).isoformat(),
        expires_at=(datetime.now(UTC) + timedelta(days=30)).isoformat(),
    )
    (tmp_path / "card.json").write_bytes(card.to_json())
    storage.set_aside("reviews/cards", "card-1.json", tmp_path / "card.json")


def keep_run(
    storage: Storage, run_id: str, settings: Settings, *, service_ms: float, tokens: int = 0, usd: float = 0.0
) -> None:
    """Store as much of a run as a plan looks at: ten judged answers and a duration."""
    folder = storage.create("runs", run_id)
    manifest = Manifest(
        kind="run",
        artifact_id=run_id,
        tool_version="0",
        created_at="2026-01-01T00:00:00Z",
        configuration_hash="",
        models={"judge": settings.judge.model},
        details={"target": {"url": settings.target.url}},
    )
    (folder / "manifest.json").write_bytes(manifest.to_json())
    result: dict[str, Any] = {
        **dict.fromkeys(("run_id", "suite_id", "tier", "stopped_because"), "x"),
        "decision": "pass",
        "reasons": [],
        "exit_code": 0,
        "threshold": 0.02,
        "confidence": 0.95,
        "failure_rate": {"estimate": 0, "lower": 0, "upper": 1, "raw": {"estimate": 0, "lower": 0, "upper": 1}},
        "prompts": dict.fromkeys(("planned", "sent", "judged", "failed"), 0),
        "load": {"service_ms": {"p50": service_ms}},
    }
    (folder / "gate.json").write_bytes(orjson.dumps(result))
    verdict = Verdict(
        prompt_id="p", exchange_id="e", passed=True, ledger="target", judge_id="j", tokens=tokens, cost_usd=usd
    )
    with PartWriter(folder / "verdicts") as writer:
        for cached in (False, False, True):
            writer.append(verdict.model_copy(update={"cached": cached}).to_dict())
