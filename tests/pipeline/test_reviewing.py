"""What of a run is kept for people to review."""

from pathlib import Path

import pytest

from harness.config import JudgeSection, ReviewsSection, Settings
from harness.contracts import CriterionResult, Exchange, PlantedControl, ReviewItem, Verdict
from harness.jsonlines import PartWriter, write_lines
from harness.reviews import StoredReviews
from harness.storage import Storage
from pipeline.console import Console
from pipeline.reviewing import items_of, keep_file, keep_run, picked
from tests.judge import records

QUIET = Console(quiet=True, progress=False)
BAD = CriterionResult(name="groundedness", passed=False, reason="nobody said so", evidence=["at nine"])
OPINION = CriterionResult(name="groundedness", passed=False, judged_by="cheap")
FINE = CriterionResult(name="groundedness", passed=True, judged_by="strong")


def settings(share: float = 0.0, **reviews: str) -> Settings:
    """Return a configuration."""
    return Settings(judge=JudgeSection(review_share=share), reviews=ReviewsSection.model_validate(reviews))


def run_folder(
    root: Path, judged: list[tuple[Exchange, Verdict]], controls: list[PlantedControl] | None = None
) -> Path:
    """Return the folder of a run with these exchanges and verdicts."""
    folder = root / "runs" / "run-1"
    with PartWriter(folder / "exchanges") as sent, PartWriter(folder / "verdicts") as verdicts:
        for exchange, verdict in judged:
            if verdict.control is None:
                sent.append(exchange.to_dict())
            verdicts.append(verdict.to_dict())
    with PartWriter(folder / "controls") as planted:
        planted.append(*(control.to_dict() for control in controls or []))
    return folder


def kept(root: Path, share: float = 0.0) -> list[ReviewItem]:
    """Keep a run's answers, and return what the store then holds."""
    storage = Storage(str(root))
    keep_run(settings(share), storage, QUIET, root / "runs" / "run-1", "run-1")
    return StoredReviews(storage).items()


def judged(number: int, passed: records.Fate, *criteria: CriterionResult) -> tuple[Exchange, Verdict]:
    """Return an exchange and its verdict."""
    exchange = records.exchange(f"p-{number}")
    return exchange, records.verdict(exchange, passed, *criteria)


def test_a_failed_answer_is_kept_with_everything_that_a_person_needs(tmp_path: Path) -> None:
    first = records.exchange("p-1", prompt="Hello?", response_text="Hello.")
    second = records.exchange("p-1", turn=1, contexts=["The shop opens at eight."])
    pairs = [
        (first, records.verdict(first, True)),
        (second, records.verdict(second, False, BAD)),
        judged(2, True, FINE),
    ]
    run_folder(tmp_path, pairs)
    (item,) = kept(tmp_path)
    assert [(turn.role, turn.text) for turn in item.history] == [("user", "Hello?"), ("assistant", "Hello.")]
    assert (item.prompt, item.answer) == (second.prompt, second.response_text)
    assert item.contexts == ["The shop opens at eight."]
    assert item.criteria == [BAD]
    assert (item.run_id, item.prompt_id, item.judge_id) == ("run-1", "p-1", "judge-test")
    assert (item.passed, item.sampled, item.sampling_rate) == (False, "flagged", 1.0)


def test_keeping_a_run_again_adds_nothing(tmp_path: Path) -> None:
    """A resumed run, or one that is judged again."""
    folder = run_folder(tmp_path, [judged(number, number > 3) for number in range(200)])
    before = kept(tmp_path, 0.1)
    with PartWriter(folder / "verdicts") as verdicts:
        verdicts.append(judged(500, False)[1].to_dict(), judged(0, True, FINE)[1].to_dict())
    with PartWriter(folder / "exchanges") as sent:
        sent.append(judged(500, False)[0].to_dict())
    after = {item.review_id: item for item in kept(tmp_path, 0.1)}
    same = [item for item in before if after.get(item.review_id) == item]
    gone = [item for item in before if item not in same]
    assert [item.prompt_id for item in gone] == ["p-0"], "a later verdict replaced the one that failed"
    assert {item.prompt_id for item in after.values()} - {item.prompt_id for item in before} == {"p-500"}


def test_nothing_is_written_where_nothing_failed(tmp_path: Path) -> None:
    run_folder(tmp_path, [judged(number, True) for number in range(20)])
    assert kept(tmp_path) == []
    assert not (tmp_path / "reviews").exists()


def test_passes_are_audited_at_the_configured_share_whichever_judge_passed_them() -> None:
    verdicts = [judged(number, True)[1].to_dict() for number in range(5000)]
    found = picked(verdicts, 0.1)
    assert 400 < len(found) < 600
    assert all(pick.sampled == "audit" and pick.rate == 0.1 for pick in found.values())
    other = [{**verdict, "judge_id": "judge-other"} for verdict in reversed(verdicts)]
    assert picked(other, 0.1).keys() == found.keys()
    assert found.keys() <= picked(verdicts, 0.2).keys()


def test_a_disputed_pass_is_always_kept() -> None:
    _, verdict = judged(1, True, FINE)
    (pick,) = picked([verdict.model_copy(update={"opinions": [OPINION]}).to_dict()], 0.0).values()
    assert (pick.sampled, pick.rate) == ("disputed", 1.0)
    assert picked([verdict.to_dict()], 0.0) == {}


def test_what_nobody_could_judge_is_not_kept(tmp_path: Path) -> None:
    """Neither an answer that the judge could not grade, nor a reply without an answer."""
    late = records.exchange("p-7", outcome="timeout", response_text=None)
    run_folder(tmp_path, [judged(1, None), (late, records.verdict(late, False, BAD)), judged(2, False, BAD)])
    assert [item.prompt_id for item in kept(tmp_path)] == ["p-2"]


def test_only_missed_controls_are_kept_and_as_such(tmp_path: Path) -> None:
    controls, pairs = [], [judged(0, True)]
    for number, (kind, passed) in enumerate(
        [("known_bad", True), ("known_bad", False), ("known_good", False)], start=1
    ):
        exchange, verdict = judged(number, passed, *([] if passed else [BAD]))
        pairs.append((exchange, verdict.model_copy(update={"control": kind})))
        controls.append(
            PlantedControl.model_validate(
                {"exchange": exchange, "history": [pairs[0][0]], "kind": kind, "origin": "label", "finder": "checks"}
            )
        )
    run_folder(tmp_path, pairs, controls)
    found = kept(tmp_path)
    assert sorted(item.prompt_id for item in found) == ["p-1", "p-3"]
    assert {item.sampled for item in found} == {"control"}
    assert all(len(item.history) == 2 for item in found)


def test_repeats_and_hand_written_prompts_are_no_sample_of_the_traffic(tmp_path: Path) -> None:
    """A failed prompt that is asked again is reviewed once; a failed golden answer is, apart from the sample."""
    again = records.exchange("p-1", attempt=2, arm="confirmation")
    golden = [records.exchange(f"g-{number}", arm="golden") for number in range(2)]
    pairs = [
        judged(1, False, BAD),
        (again, records.verdict(again, False, BAD)),
        (golden[0], records.verdict(golden[0], False, BAD)),
        (golden[1], records.verdict(golden[1], True)),
    ]
    run_folder(tmp_path, pairs)
    found = {item.prompt_id: item for item in kept(tmp_path, 1.0)}
    assert found.keys() == {"p-1", "g-0"}
    assert (found["p-1"].is_sample, found["g-0"].is_sample) == (True, False)


def test_a_store_that_fails_ends_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The gate has decided; what is lost for review is said."""
    folder = run_folder(tmp_path, [judged(1, False, BAD)])
    (tmp_path / "reviews").write_text("a file where the folder should be", encoding="utf-8")
    keep_run(settings(), Storage(str(tmp_path)), Console(progress=False), folder, "run-1")
    assert "not kept for review" in capsys.readouterr().err


def test_answers_of_two_files_are_not_taken_for_each_other(tmp_path: Path) -> None:
    """Other tools number their exchanges; the same file judged by two judges gives the same answers."""
    storage = Storage(str(tmp_path))
    for name, answer in (("a", "At nine."), ("b", "At ten.")):
        row = {"prompt": "When?", "response_text": answer}
        write_lines(tmp_path / f"{name}.jsonl", [row])
        for judge in ("judge-1", "judge-2"):
            folder = tmp_path / f"{name}-{judge}"
            exchange = Exchange(exchange_id="line-1", prompt_id="line-1", **row)
            verdict = records.verdict(exchange, False, BAD).model_copy(update={"judge_id": judge})
            with PartWriter(folder / "verdicts") as writer:
                writer.append(verdict.to_dict())
            keep_file(settings(), storage, QUIET, tmp_path / f"{name}.jsonl", folder)
    items = StoredReviews(storage).items()
    assert len(items) == 4
    assert len({item.exchange_id for item in items}) == len({item.run_id for item in items}) == 2


def test_an_exchange_of_a_run_keeps_its_id_wherever_it_is_judged() -> None:
    """So that labels on it count for every judge of it."""
    exchange, verdict = judged(1, False, BAD)
    own = exchange.model_copy(update={"exchange_id": "ex-0123456789abcdef"})
    pick = picked([verdict.to_dict()], 0.0)[exchange.exchange_id]
    (item,) = items_of("run-1", {own.exchange_id: pick}, [own])
    assert item.exchange_id == own.exchange_id
