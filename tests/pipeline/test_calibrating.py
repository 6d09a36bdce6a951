"""Judge cards on disk: made by the command, kept with runs, and part of their decision."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from harness.config import GateSection, JudgeSection, Settings, TierSection
from harness.contracts import CardUse, GateResult, JudgeCard
from harness.errors import InputError, StorageError, UsageError
from harness.jsonlines import PartWriter, write_lines
from harness.reviews import ReviewFolder, read_labels
from harness.storage import Storage
from judge.calibration.card import make_card
from judge.calibration.wording import trust
from judge.grading import Judge
from pipeline.calibrating import CARD_FILE, calibration_of, kept_card, run_calibrate, run_compare, take_card
from pipeline.console import Console
from pipeline.display import NoDisplay
from pipeline.evidence import Evidence, evidence_files
from pipeline.gating import Gating
from pipeline.preparation import PreparedRun
from swarm.job import SwarmJob
from tests.judge import records
from tests.judge.calibration.records import JUDGE, item, store

CLI = str(Path(sys.executable).with_name("reverse-rag"))
QUIET = Console(quiet=True, progress=False)


def reviews(root: Path, tp: int = 190, fn: int = 10, tn: int = 198, fp: int = 2, *, judge_id: str = JUDGE) -> Storage:
    """Return a root with a review store whose answers are all labelled."""
    items, labels = store(tp, fn, tn, fp, judge_id=judge_id)
    with PartWriter(root / "reviews" / "items") as writer:
        writer.append(*(one.to_dict() for one in items))
    write_lines(root / "reviews" / "labels.jsonl", (one.to_dict() for one in labels))
    return Storage(str(root))


def recorded(folder: Path, failures: int, count: int, **judge: bool) -> PreparedRun:
    """Return a run with recorded and judged exchanges; failures come at even distances."""
    exchanges = [records.exchange(f"p-{number}") for number in range(count)]
    folder.mkdir()
    with PartWriter(folder / "exchanges") as sent, PartWriter(folder / "verdicts") as judged:
        for number, exchange in enumerate(exchanges):
            passed = (number + 1) * failures // count == number * failures // count
            sent.append(exchange.to_dict())
            judged.append(records.verdict(exchange, passed).to_dict())
    settings = Settings(judge=JudgeSection.model_validate(judge), gate=GateSection())
    return PreparedRun(
        folder=folder,
        plan=records.plan([exchange.prompt_id for exchange in exchanges]),
        job=SwarmJob(run_id="run-1", target=settings.target, prompts_file="none"),
        prompts={},
        suite_folder=folder,
        settings=settings,
        tier=TierSection(),
    )


def decided(prepared: PreparedRun, storage: Storage) -> GateResult:
    """Return the decision with the newest card of the run's judge."""
    use = take_card(prepared.folder, storage, Judge(prepared.settings, None).judge_id)
    return Gating(replace(prepared, card=use), None, NoDisplay(), sending=False).run()


def keep(root: Path, judge_id: str, *, made: datetime, fp: int = 2) -> JudgeCard:
    """Put a card of 200 + 200 labels into a root."""
    items, labels = store(190, 10, 200 - fp, fp, judge_id=judge_id)
    card = make_card(judge_id, items, labels, now=made)
    folder = root / "reviews" / "cards"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{card.card_id}.json").write_bytes(card.to_json())
    return card


def judge_of(prepared: PreparedRun) -> str:
    """Return the id of a run's judge."""
    return Judge(prepared.settings, None).judge_id


def test_the_command_makes_a_card_and_says_what_it_decides(tmp_path: Path) -> None:
    reviews(tmp_path)
    done = subprocess.run(
        [CLI, "calibrate", "--out", str(tmp_path), "--json"], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    told = json.loads(done.stdout)
    (card,) = ReviewFolder(tmp_path / "reviews").cards()
    assert told["card"] == card.to_dict()
    assert card.overall.sensitivity.estimate == 0.95
    assert 0.009 < told["undecidable"]["lower"] < told["undecidable"]["upper"] < 0.048
    assert "no number of prompts decides" in done.stderr
    assert card.card_id in done.stderr
    assert datetime.fromisoformat(card.expires_at) - datetime.fromisoformat(card.made_at) == timedelta(days=90)


def test_labels_of_a_file_count_too(tmp_path: Path) -> None:
    storage = reviews(tmp_path)
    more, labels = store(0, 0, 100, 0, first=1000)
    with PartWriter(tmp_path / "reviews" / "items") as writer:
        writer.append(*(one.to_dict() for one in more))
    write_lines(tmp_path / "more.jsonl", (one.to_dict() for one in labels))
    told = run_calibrate(Settings(), storage, QUIET, judge=JUDGE[:5], labels=tmp_path / "more.jsonl")
    assert told["card"]["labels"]["good"] == 300


def test_two_judges_are_compared_on_the_same_labels(tmp_path: Path) -> None:
    storage = reviews(tmp_path)
    with PartWriter(tmp_path / "reviews" / "items") as writer:
        writer.append(*(item(n, passed=n >= 200, judge_id="other-2").to_dict() for n in range(400)))
    told = run_compare(Settings(), storage, QUIET, first=JUDGE, second="other-2", labels=None)
    assert (told["better"], told["only_second_right"]) == ("other-2", 12)


def test_a_judge_that_is_not_in_the_store_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no judges are called"):
        run_calibrate(Settings(), reviews(tmp_path), QUIET, judge="nobody", labels=None)
    with pytest.raises(UsageError, match="no judged answers"):
        run_calibrate(Settings(), Storage(str(tmp_path / "empty")), QUIET, judge=None, labels=None)


def test_a_broken_store_is_named_by_file_and_line(tmp_path: Path) -> None:
    storage = reviews(tmp_path)
    broken = tmp_path / "reviews" / "labels.jsonl"
    broken.write_text('{"label": "what a user wrote"}\n')
    with pytest.raises(StorageError, match=r"labels\.jsonl: line 1") as caught:
        run_calibrate(Settings(), storage, QUIET, judge=JUDGE, labels=None)
    assert "user wrote" not in str(caught.value)
    with pytest.raises(InputError, match="line 1"):
        read_labels(broken)


def test_a_valid_card_corrects_the_rate_and_travels_with_the_run(tmp_path: Path) -> None:
    """4 % apparent failures fail; with this judge's errors they decide nothing."""
    prepared = recorded(tmp_path / "run", 80, 2000)
    card = keep(tmp_path, judge_of(prepared), made=datetime.now(UTC))
    assert decided(prepared, Storage(str(tmp_path / "none"))).decision == "fail"
    result = decided(prepared, Storage(str(tmp_path)))
    assert result.decision == "inconclusive"
    assert result.judge_error_known
    assert result.failure_rate.corrected is not None
    assert result.failure_rate.raw.estimate == 0.04
    assert result.failure_rate.estimate == result.failure_rate.corrected.estimate == pytest.approx(0.03 / 0.94)
    reasons = " ".join(result.reasons)
    assert f"card {card.card_id}: sensitivity 95 %" in reasons
    assert "no number of prompts can decide" in reasons
    assert CARD_FILE in result.files
    assert kept_card(prepared.folder) is not None


def test_a_recomputed_decision_is_the_same_with_what_lies_in_the_run(tmp_path: Path) -> None:
    """Even if the card under the root is gone or has expired since."""
    prepared = recorded(tmp_path / "run", 4, 900)
    keep(tmp_path, judge_of(prepared), made=datetime.now(UTC))
    result = decided(prepared, Storage(str(tmp_path)))
    again = replace(prepared, card=kept_card(prepared.folder))
    recomputed = Gating(again, None, NoDisplay(), sending=False).recompute(result.stopped_because)
    assert (recomputed.decision, recomputed.failure_rate) == (result.decision, result.failure_rate)
    assert recomputed.reasons == result.reasons
    assert evidence_files(prepared.folder)[CARD_FILE] == result.files[CARD_FILE]


@pytest.mark.parametrize(
    ("age_days", "of", "said"),
    [(100, None, "expired"), (1, "another", "is not the one"), (None, None, "no judge card")],
)
def test_a_stale_or_missing_card_is_said_and_corrects_nothing(
    tmp_path: Path, age_days: int | None, of: str | None, said: str
) -> None:
    prepared = recorded(tmp_path / "run", 0, 300)
    if age_days is not None:
        keep(tmp_path, of or judge_of(prepared), made=datetime.now(UTC) - timedelta(days=age_days))
    result = decided(prepared, Storage(str(tmp_path)))
    assert result.decision == "pass"
    assert not result.judge_error_known
    assert result.failure_rate.corrected is None
    assert said in result.reasons[-1]


def test_a_required_card_that_is_missing_makes_a_pass_inconclusive(tmp_path: Path) -> None:
    prepared = recorded(tmp_path / "run", 0, 300, require_card=True)
    result = decided(prepared, Storage(str(tmp_path)))
    assert (result.decision, result.exit_code) == ("inconclusive", 4)
    assert "card is required" in result.reasons[0]
    keep(tmp_path, judge_of(prepared), made=datetime.now(UTC))
    assert decided(recorded(tmp_path / "more", 0, 600, require_card=True), Storage(str(tmp_path))).decision == "pass"


def test_a_judge_that_tells_nothing_decides_nothing(tmp_path: Path) -> None:
    prepared = recorded(tmp_path / "run", 150, 300)
    keep(tmp_path, judge_of(prepared), made=datetime.now(UTC), fp=195)
    result = decided(prepared, Storage(str(tmp_path)))
    assert result.decision == "inconclusive"
    assert "Nothing can be decided" in " ".join(result.reasons)
    assert result.failure_rate.estimate is None


def test_a_card_of_answers_is_made_one_of_prompts_by_their_number_of_turns() -> None:
    made = make_card(JUDGE, *store(190, 10, 198, 2), now=datetime.now(UTC))
    use = CardUse(standing="valid", judge_id=JUDGE, card=made)
    several, single = calibration_of(use, [1, 3, 2]), calibration_of(use, [])
    assert several is not None
    assert single is not None
    assert (several.turns, single.turns) == (2.0, 1.0)
    assert calibration_of(use.model_copy(update={"standing": "expired"}), [1]) is None


def test_a_run_of_conversations_says_how_the_card_was_applied(tmp_path: Path) -> None:
    """Five apparent failures in a hundred fail nothing where each prompt had three chances of a false alarm."""
    storage = reviews(tmp_path / "out", 1900, 100, 1980, 20)
    run = recorded(tmp_path / "run", 1, 20)
    card = json.loads(json.dumps(run_calibrate(run.settings, storage, QUIET, judge=None, labels=None)))["card"]
    use = CardUse(standing="valid", judge_id=JUDGE, card=JudgeCard.model_validate(card))
    prompts = {p: records.prompt(p, turns=["a", "b", "c"]) for p in run.plan.order}
    single = Evidence(replace(run, card=use))
    several = Evidence(replace(run, card=use, prompts=prompts))
    assert single.reading.test.calibration is not None
    assert several.reading.test.calibration is not None
    assert (single.reading.test.calibration.turns, several.reading.test.calibration.turns) == (1.0, 3.0)
    state = several.reading.test.update(300, 6000)
    assert (single.reading.test.update(300, 6000).decision, state.decision) == ("fail", "undecided")
    assert "gets 3.00 on average" in " ".join(trust(use, state))
