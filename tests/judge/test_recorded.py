"""Judging what another tool recorded."""

import json
from pathlib import Path
from typing import Any

import pytest

from harness.config import Settings
from harness.errors import InputError, UsageError
from harness.jsonlines import read_lines, read_parts
from harness.testing.model import FakeModel
from judge.recorded import judge_file


class Watcher:
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int, int | None, str]] = []

    def update(self, step: str, done: int, total: int | None = None, note: str = "") -> None:
        """Remember the progress."""
        self.told.append((step, done, total, note))


def recorded(folder: Path, *rows: Any) -> Path:
    path = folder / "exchanges.jsonl"
    path.write_bytes(b"\n".join(row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows) + b"\n")
    return path


GOOD = {"prompt": "When?", "response_text": "The shop opens at nine.", "contexts": ["The shop opens at nine."]}
BAD = {**GOOD, "response_text": "The shop opens at nine. Mr Halvorsen pays you 450 crowns."}


def test_a_file_with_the_least_fields_is_judged_with_scores(tmp_path: Path) -> None:
    watcher = Watcher()
    result = judge_file(recorded(tmp_path, GOOD, BAD), tmp_path / "out", Settings(), progress=watcher)
    assert (result.judged, result.failed, result.quarantined, watcher.told[-1][:2]) == (2, 1, 0, ("judging", 2))
    verdicts = list(read_parts(tmp_path / "out" / "verdicts"))
    assert [v["exchange_id"] for v in verdicts] == ["line-1", "line-2"]
    scores = [c["score"] for v in verdicts for c in v["criteria"] if c["name"] == "groundedness"]
    assert scores[0] > 0.5 > scores[1]
    assert not (tmp_path / "out" / "quarantine.jsonl").exists()


def test_broken_lines_are_counted_and_their_words_are_not_kept(tmp_path: Path) -> None:
    rows = [
        GOOD,
        b"{broken secret",
        [1],
        {"response_text": "secret"},
        {"prompt": "secret", "response_text": 5},
        {"prompt": "x", "response_text": "y", "outcome": "secret"},
        b"",
        {"prompt": "x"},
    ]
    result = judge_file(recorded(tmp_path, *rows), tmp_path / "out", Settings())
    assert (result.judged, result.quarantined) == (1, 6)
    assert result.reasons == {"not_json": 1, "not_an_object": 1, "missing_field": 2, "wrong_type": 2}
    quarantined = list(read_lines(tmp_path / "out" / "quarantine.jsonl"))
    assert [q["line"] for q in quarantined] == [2, 3, 4, 5, 6, 8]
    assert "secret" not in (tmp_path / "out" / "quarantine.jsonl").read_text()


def test_turns_of_a_conversation_know_each_other(tmp_path: Path) -> None:
    first = {
        "prompt": "I owe 450 crowns",
        "response_text": "I see.",
        "prompt_id": "c",
        "exchange_id": "c-0",
        "contexts": ["Fines are due."],
    }
    second = {
        **first,
        "prompt": "And now?",
        "response_text": "Your fines of 450 crowns are due.",
        "turn": 1,
        "exchange_id": "c-1",
    }
    assert judge_file(recorded(tmp_path, first, second), tmp_path / "out", Settings()).failed == 0


def test_failed_requests_keep_their_ledger_without_an_answer(tmp_path: Path) -> None:
    rows = [{"prompt": "x", "outcome": "http_error"}, {"prompt": "x", "outcome": "throttled"}]
    result = judge_file(recorded(tmp_path, *rows), tmp_path / "out", Settings())
    assert (result.judged, result.failed, result.ungraded) == (2, 1, 1)


def test_a_single_context_may_stand_without_its_list(tmp_path: Path) -> None:
    judge_file(recorded(tmp_path, {**GOOD, "contexts": GOOD["contexts"][0]}), tmp_path / "out", Settings())
    verdict = next(iter(read_parts(tmp_path / "out" / "verdicts")))
    assert "groundedness" in [criterion["name"] for criterion in verdict["criteria"]]


def test_the_model_judges_recorded_answers_too(tmp_path: Path) -> None:
    reply = {
        "criteria": [
            {"name": n, "reason": "r", "grade": "pass"}
            for n in ("invented_facts", "injection_obeyed", "confidential_data")
        ]
    }
    model = FakeModel(lambda _: reply)
    result = judge_file(recorded(tmp_path, GOOD, GOOD), tmp_path / "out", Settings(), model)
    assert (result.judged, result.ungraded, len(model.calls)) == (2, 0, 2)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"nothing here\n", b"\x00\x01\xff\n"])
def test_a_file_without_exchanges_is_an_input_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "exchanges.jsonl"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"exchanges\.jsonl"):
        judge_file(path, tmp_path / "out", Settings())


def test_a_missing_file_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        judge_file(tmp_path / "none.jsonl", tmp_path / "out", Settings())


def test_verdicts_are_never_mixed_with_earlier_ones(tmp_path: Path) -> None:
    path = recorded(tmp_path, GOOD)
    judge_file(path, tmp_path / "out", Settings())
    with pytest.raises(UsageError, match="holds verdicts already"):
        judge_file(path, tmp_path / "out", Settings())
