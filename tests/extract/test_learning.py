"""What a log teaches while it is read is used on all of it, and is the same however the work is cut."""

import random
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.extraction import ExtractResult, extract_sessions
from extract.learning import Learned, LogLearner
from extract.partitions import Sizes
from harness.config import ExtractSection
from harness.contracts import Manifest
from harness.pii.detector import Detector
from harness.pii.interface import PiiSpan
from harness.pii.setup import DetectorSetup
from harness.sessions import read_sessions
from harness.storage import Storage
from tests.extract.conftest import MakeSettings, record, write_jsonl
from tests.extract.test_sessions import exchange

USERS = 60
CODE = "vx-{:02}"
"""Too short and too plain for any other recognizer."""
SAID = "The branches open at nine. Your branch is in the list of branches."


def taught(users: int = USERS, *, first: int = 0, **values: Any) -> list[dict[str, Any]]:
    """Return records of users who each write an id of their own, and are all told the same."""
    return [
        record(
            n, user_id=f"person-{n:04}", session_id=f"talk-{n:04}", response=SAID,
            prompt=f"it says {CODE.format(n + 10)} here", **values,
        )
        for n in range(first, first + users)
    ]  # fmt: skip


def texts_in(result: ExtractResult) -> str:
    return "\n".join(turn.text for session in read_sessions(result.folder) for turn in session.turns)


class Mistaken:
    """A tagger that takes a word for a name."""

    def find(self, texts: Sequence[str]) -> list[list[PiiSpan]]:
        """Return where the word stands."""
        return [
            [PiiSpan(start=m.start(), end=m.end(), entity="PERSON", score=0.8) for m in re.finditer("Branches", text)]
            for text in texts
        ]


@pytest.fixture(autouse=True)
def tagger(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without what the shipped one costs."""
    monkeypatch.setattr("harness.pii.setup._tagger", lambda *_: Mistaken())


def test_formats_and_words_are_learned_used_and_named(
    tmp_path: Path, make_settings: MakeSettings, storage: Storage
) -> None:
    records = [*taught(), record(900, user_id="late-1", prompt="mine is VX-97", response="Branches are closed.")]
    write_jsonl(tmp_path / "logs" / "a.jsonl", records)
    result = extract_sessions(make_settings(), storage)
    assert result.learned_ids == ("VX-99",)
    assert {"branch", "branches"} <= set(result.learned_ordinary)
    text = texts_in(result)
    assert "97" not in text
    assert "Branches are closed." in text
    details = Manifest.from_json((result.folder / "manifest.json").read_bytes()).details
    assert Learned.of_details(details).ids.shown == result.learned_ids
    assert details["learned_ordinary"] == list(result.learned_ordinary)
    page = (result.folder / "certificate.md").read_text()
    assert "VX-99" in page
    assert " branches" in page


def test_nothing_is_learned_where_that_is_configured(
    tmp_path: Path, make_settings: MakeSettings, storage: Storage
) -> None:
    write_jsonl(tmp_path / "logs" / "a.jsonl", taught())
    pii = {"learn_ids": False, "learn_ordinary": False}
    result = extract_sessions(make_settings(pii=pii), storage)
    assert (result.learned_ids, result.learned_ordinary) == ((), ())
    assert "vx-11" in texts_in(result)


def test_the_cut_of_the_work_and_the_order_of_the_log_change_nothing(
    tmp_path: Path, make_settings: MakeSettings, storage: Storage
) -> None:
    records = taught()
    write_jsonl(tmp_path / "logs" / "a.jsonl", records)
    first = extract_sessions(make_settings(workers=1), storage)
    random.Random(3).shuffle(records)
    write_jsonl(tmp_path / "logs" / "a.jsonl", records[:20])
    write_jsonl(tmp_path / "logs" / "b.jsonl", records[20:])
    sizes = Sizes(buckets=16, run_bytes=4_096, part_bytes=4_096)
    second = extract_sessions(make_settings(workers=2), storage, sizes=sizes)
    assert second.dataset_id == first.dataset_id
    assert (second.learned_ids, second.learned_ordinary) == (first.learned_ids, first.learned_ordinary)


def test_other_processes_use_what_was_learned(
    tmp_path: Path, make_settings: MakeSettings, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their tagger is the shipped one here, so only the formats are looked at."""
    write_jsonl(tmp_path / "logs" / "a.jsonl", taught())
    sizes = Sizes(buckets=16, part_bytes=2_048, worth_workers=1)
    result = extract_sessions(make_settings(workers=2, pii={"learn_ordinary": False}), storage, sizes=sizes)
    assert result.learned_ids == ("VX-99",)
    assert "vx-11" not in texts_in(result)


def test_tracers_teach_nothing(tmp_path: Path, make_settings: MakeSettings, storage: Storage) -> None:
    """Planted ones are as many as the users here, and each has values of its own."""
    write_jsonl(tmp_path / "logs" / "a.jsonl", [record(n) for n in range(30)])
    result = extract_sessions(make_settings(tracers=80), storage)
    assert (result.learned_ids, result.learned_ordinary) == ((), ())


def test_nights_keep_what_earlier_ones_taught_and_clean_carried_sessions(
    tmp_path: Path, make_settings: MakeSettings, storage: Storage
) -> None:
    def night(name: str, records: list[dict[str, Any]]) -> ExtractResult:
        write_jsonl(tmp_path / "logs" / name, records)
        return extract_sessions(make_settings(incremental=True), storage)

    few = night("1.jsonl", taught(10))
    assert few.learned_ids == ()
    assert "vx-11" in texts_in(few)
    many = night("2.jsonl", taught(50, first=10))
    assert many.earlier_id == few.dataset_id
    assert many.learned_ids == ("VX-99",)
    assert "vx-11" not in texts_in(many)
    none = night("3.jsonl", [record(1, user_id="late-1", prompt="is it VX-97?", response=None)])
    assert (none.learned_ids, none.learned_ordinary) == (many.learned_ids, many.learned_ordinary)
    assert "97" not in texts_in(none)
    refuted = night("4.jsonl", [record(2, user_id="late-2", response="Dr. Branch is out.")])
    assert set(none.learned_ordinary) - set(refuted.learned_ordinary) == {"branch"}
    again = extract_sessions(make_settings(incremental=True), storage)
    assert again.dataset_id == refuted.dataset_id
    assert again.learned_ids == refuted.learned_ids


def test_a_manifest_of_an_earlier_release_taught_nothing() -> None:
    assert Learned.of_details({}) == Learned()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 2)), max_size=60))
def test_parts_of_a_log_teach_what_the_whole_does(drawn: list[tuple[int, int]]) -> None:
    whole, merged = LogLearner(ExtractSection()), LogLearner(ExtractSection())
    parts = [LogLearner(ExtractSection()) for _ in range(3)]
    for number, part in drawn:
        said = exchange(prompt=f"it is {CODE.format(number + 10)}", response=SAID)
        whole.add(f"u{number}", said)
        parts[part].add(f"u{number}", said)
    merged.merge(part.state() for part in parts)
    assert merged.state() == whole.state()
    assert merged.learned(5) == whole.learned(5)


def test_detectors_of_the_same_setup_are_one(make_settings: MakeSettings) -> None:
    """So that workers make it once."""
    learner = LogLearner(ExtractSection())
    for number in range(30):
        learner.add(f"u{number}", exchange(prompt=f"it is {CODE.format(number + 10)}", response=SAID))
    setup = learner.learned(5).setup(DetectorSetup())
    assert isinstance(setup.detector(), Detector)
    assert setup.detector() is learner.learned(5).setup(DetectorSetup()).detector()
