"""Night after night: only what is new is read, nothing is lost and nothing comes twice."""

import gzip
import re
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest

from extract.extraction import ExtractResult, extract_sessions
from extract.reading import LogReader
from harness.contracts import Arrivals, Manifest
from harness.errors import StorageError
from harness.pii.detector import Detector
from harness.sessions import read_sessions
from harness.storage import Storage
from tests.extract.conftest import MakeSettings, record, write_jsonl
from tests.harness.pii.listed import Listed

NIGHTS = [[record(n, prompt=f"question {n}", response=None) for n in range(20 * k, 20 * k + 20)] for k in range(3)]


class Nights:
    """One folder of logs, one storage, extracted night after night."""

    def __init__(self, folder: Path, make_settings: MakeSettings) -> None:
        self.logs = folder / "logs"
        self.storage = Storage(str(folder / "out"))
        self._make_settings = make_settings
        self.logs.mkdir(parents=True)

    def append(self, name: str, records: list[dict[str, Any]]) -> None:
        """Append to a file of logs."""
        with (self.logs / name).open("ab") as file:
            file.writelines(orjson.dumps(each) + b"\n" for each in records)

    def run(self, **keys: Any) -> ExtractResult:
        """Extract what is new."""
        settings = self._make_settings(**{"source": str(self.logs), "incremental": True, "workers": 1, **keys})
        return extract_sessions(settings, self.storage)


@pytest.fixture
def nights(tmp_path: Path, make_settings: MakeSettings) -> Nights:
    return Nights(tmp_path / "nights", make_settings)


def questions(result: ExtractResult) -> Counter[str]:
    """Return how often each question stands in a dataset."""
    return Counter(turn.text for session in read_sessions(result.folder) for turn in session.turns)


def all_once(*nights_records: list[dict[str, Any]]) -> Counter[str]:
    """Return each question once."""
    return Counter(each["prompt"] for records in nights_records for each in records)


@pytest.mark.parametrize("name", ["log.jsonl", "night-{}.jsonl"], ids=["appended to", "a file a night"])
def test_nights_together_give_what_reading_everything_gives(
    nights: Nights, tmp_path: Path, make_settings: MakeSettings, name: str
) -> None:
    """Here no session has a placeholder, so even the dataset's id is the same."""
    results = []
    for number, records in enumerate(NIGHTS):
        nights.append(name.format(number), records)
        results.append(nights.run())
    assert [result.records for result in results] == [20, 20, 20]
    assert [result.earlier_id for result in results] == [None, results[0].dataset_id, results[1].dataset_id]
    assert questions(results[-1]) == all_once(*NIGHTS)
    write_jsonl(tmp_path / "all" / "log.jsonl", [each for records in NIGHTS for each in records])
    whole = extract_sessions(make_settings(source=str(tmp_path / "all")), Storage(str(tmp_path / "other")))
    assert results[-1].dataset_id == whole.dataset_id
    assert (results[-1].users, results[-1].sessions) == (whole.users, whole.sessions)
    manifest = Manifest.from_json((results[-1].folder / "manifest.json").read_bytes())
    assert manifest.parents.dataset_id == results[1].dataset_id
    assert "exchanges.index" in manifest.files


def test_a_night_without_anything_new_gives_the_same_dataset(nights: Nights) -> None:
    nights.append("log.jsonl", NIGHTS[0])
    first = nights.run()
    again = nights.run()
    assert (again.dataset_id, again.records, again.sessions) == (first.dataset_id, 0, first.sessions)
    assert again.notes == ("nothing new since the latest dataset",)
    assert again.certificate == first.certificate
    assert sorted(path.name for path in first.folder.parent.iterdir()) == [first.dataset_id, "latest"]


def test_a_file_that_changed_before_the_watermark_is_read_anew_and_said_and_nothing_comes_twice(nights: Nights) -> None:
    nights.append("log.jsonl", NIGHTS[0])
    nights.run()
    write_jsonl(nights.logs / "log.jsonl", [*NIGHTS[0][5:], *NIGHTS[1]])
    result = nights.run()
    assert result.records == 35
    assert result.skipped == {"in_earlier_dataset": 15}
    assert any("read from the start" in note and "1 file (log.jsonl)" in note for note in result.notes)
    assert questions(result) == all_once(NIGHTS[0], NIGHTS[1])


def test_a_rotated_and_compressed_file_is_recognised_by_what_it_holds(nights: Nights) -> None:
    nights.append("log.jsonl", NIGHTS[0])
    nights.run()
    old = (nights.logs / "log.jsonl").read_bytes()
    (nights.logs / "log.1.jsonl.gz").write_bytes(gzip.compress(old))
    write_jsonl(nights.logs / "log.jsonl", NIGHTS[1])
    result = nights.run()
    assert result.skipped == {"in_earlier_dataset": 20}
    assert questions(result) == all_once(NIGHTS[0], NIGHTS[1])


def test_half_a_line_at_the_end_is_whole_the_next_night(nights: Nights) -> None:
    nights.append("log.jsonl", NIGHTS[0])
    whole = orjson.dumps(NIGHTS[1][0])
    with (nights.logs / "log.jsonl").open("ab") as file:
        file.write(whole[:30])
    first = nights.run()
    assert sum(first.quarantined.values()) == 1
    with (nights.logs / "log.jsonl").open("ab") as file:
        file.write(whole[30:] + b"\n")
    result = nights.run()
    assert (result.records, result.quarantined, result.skipped) == (1, {}, {})
    assert questions(result) == all_once(NIGHTS[0], NIGHTS[1][:1])


def test_deleted_logs_stay_in_the_dataset_until_the_window_closes(nights: Nights) -> None:
    days = [[record(n, timestamp=f"2026-10-{day:02}T08:00:00Z", session_id=f"s{day}-{n}", prompt=f"day {day}: {n}", response=None) for n in range(5)] for day in (1, 5, 9)]  # fmt: skip
    for number, records in enumerate(days):
        nights.append(f"{number}.jsonl", records)
        if number:
            (nights.logs / f"{number - 1}.jsonl").unlink()
        result = nights.run(window_days=7)
    assert questions(result) == all_once(days[1], days[2])


def test_a_record_from_the_future_does_not_close_the_window_and_what_it_leaves_out_is_counted(nights: Nights) -> None:
    days = [[record(n, timestamp=f"2026-10-{day:02}T08:00:00Z", session_id=f"s{day}-{n}", prompt=f"day {day}: {n}", response=None) for n in range(2)] for day in (1, 5, 9)]  # fmt: skip
    days[1].append(record(9, timestamp="2199-01-01T08:00:00Z"))
    for number, records in enumerate(days):
        nights.append(f"{number}.jsonl", records)
        result = nights.run(window_days=7)
        if number == 1:
            assert (result.quarantined, result.window_dropped) == ({"future_timestamp": 1}, 0)
    assert questions(result) == all_once(days[1][:2], days[2])
    assert result.window_dropped == 2
    assert any("left out 2 sessions that began before 2026-10-02" in note for note in result.notes)
    manifest = Manifest.from_json((result.folder / "manifest.json").read_bytes())
    assert manifest.details["window_dropped"] == 2


def test_what_is_wrong_in_a_night_without_anything_new_is_kept_outside_the_dataset(nights: Nights) -> None:
    nights.append("log.jsonl", NIGHTS[0])
    first = nights.run()
    with (nights.logs / "log.jsonl").open("ab") as file:
        file.write(b"{broken\n")
    again = nights.run()
    assert (again.dataset_id, again.is_new, again.quarantined) == (first.dataset_id, False, {"not_json": 1})
    (line,) = Path(again.quarantine_file).read_bytes().splitlines()
    assert orjson.loads(line)["reason"] == "not_json"
    assert Path(again.quarantine_file).parent == Path(nights.storage.root) / "quarantine"


def test_a_session_that_goes_on_the_next_night_is_one_session_and_its_numbers_go_on(nights: Nights) -> None:
    talk = {"session_id": "evening", "user_id": "night-owl", "response": None}
    nights.append(
        "log.jsonl", [record(0, prompt="mail ottoline@mail.example", timestamp="2026-10-01T23:59:00Z", **talk)]
    )
    nights.run()
    nights.append("log.jsonl", [record(0, prompt="or tobias@mail.example", timestamp="2026-10-02T00:01:00Z", **talk)])
    result = nights.run()
    (session,) = read_sessions(result.folder)
    assert [turn.text for turn in session.turns] == ["mail <EMAIL_ADDRESS_1>", "or <EMAIL_ADDRESS_2>"]
    assert str(session.started_on) == "2026-10-01"
    assert session.entities == {"EMAIL_ADDRESS": 2}


def test_a_value_that_becomes_known_later_is_removed_from_earlier_sessions(
    nights: Nights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The detector of this test finds nothing but what is known."""
    monkeypatch.setattr(Detector, "find", lambda _self, text, known=(): Listed().find(text, known=known))
    floors = {"certificate_floor": 0.0, "certificate_structured_floor": 0.0}
    nights.append("log.jsonl", [record(0, prompt="open door k9 then k2", response=None)])
    profiles = write_jsonl(tmp_path / "profiles.jsonl", [{"user_id": "nobody", "login": "unrelated-1"}])
    first = nights.run(profiles=str(profiles), **floors)
    assert "open door k9 then k2" in questions(first)
    write_jsonl(profiles, [{"user_id": "customer-1", "login": "k9 then k2"}])
    nights.append("log.jsonl", [record(1, prompt="hello", response=None)])
    result = nights.run(profiles=str(profiles), **floors)
    assert result.earlier_id == first.dataset_id
    hello, door = sorted(questions(result))
    assert hello == "hello"
    assert re.fullmatch(r"open door <[A-Z]+_1>", door)


def test_what_cannot_be_gone_on_from_is_said_and_everything_is_read(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    nights.append("log.jsonl", NIGHTS[0])
    plain = nights.run(incremental=False)
    first = nights.run()
    assert first.dataset_id == plain.dataset_id
    assert any("was not made incrementally" in note for note in first.notes)
    nights.append("log.jsonl", NIGHTS[1])
    second = nights.run()
    monkeypatch.setenv("REVERSE_RAG_HMAC_KEY", "another-key-of-enough-length")
    other = nights.run()
    assert any("another key" in note for note in other.notes)
    assert questions(other) == questions(second) == all_once(NIGHTS[0], NIGHTS[1])
    assert other.earlier_id is None


def test_a_damaged_watermark_means_reading_everything(nights: Nights) -> None:
    nights.append("log.jsonl", NIGHTS[0])
    first = nights.run()
    (first.folder / "exchanges.index").unlink()
    nights.append("log.jsonl", NIGHTS[1])
    assert questions(nights.run()) == all_once(NIGHTS[0], NIGHTS[1])


def test_an_interrupted_night_leaves_the_earlier_dataset_and_the_next_one_catches_up(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    nights.append("log.jsonl", NIGHTS[0])
    first = nights.run()
    nights.append("log.jsonl", NIGHTS[1])

    def interrupted(_self: LogReader) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(LogReader, "ids", interrupted)
        with pytest.raises(KeyboardInterrupt):
            nights.run()
    assert sorted(path.name for path in first.folder.parent.iterdir()) == [first.dataset_id, "latest"]
    assert questions(nights.run()) == all_once(NIGHTS[0], NIGHTS[1])


def test_a_dataset_that_was_changed_is_not_gone_on_from(nights: Nights) -> None:
    nights.append("log.jsonl", NIGHTS[0])
    first = nights.run()
    nights.append("log.jsonl", NIGHTS[1])
    part = next(first.folder.glob("part-*.parquet"))
    part.write_bytes(part.read_bytes() + b"more")
    with pytest.raises(StorageError, match=part.name):
        nights.run()


def test_arrivals_cover_all_nights(nights: Nights) -> None:
    for day in (5, 6):
        timed = [record(n, timestamp=f"2026-10-{day:02}T08:{n:02}:00Z", user_id=f"u{n % 8}") for n in range(60)]
        nights.append("log.jsonl", timed)
        result = nights.run()
    cells = Arrivals.from_json((result.folder / "arrivals.json").read_bytes()).cells
    morning = {
        day: [c.requests_per_minute for c in cells if c.from_minute <= day * 1440 + 510 < c.to_minute] for day in (0, 1)
    }
    assert morning[0] != [0.0]
    assert morning[1] != [0.0]
    assert (cells[0].from_minute, cells[-1].to_minute) == (0, 7 * 1440)


def test_a_copy_among_the_first_nights_files_is_passed_over(nights: Nights) -> None:
    nights.append("a.jsonl", NIGHTS[0])
    nights.append("b.jsonl", NIGHTS[0])
    (nights.logs / "a.jsonl.gz").write_bytes(gzip.compress((nights.logs / "a.jsonl").read_bytes()))
    first = nights.run()
    assert questions(first) == all_once(NIGHTS[0])
    assert first.unread_files == {"copy of another": 2}
    nights.append("b.jsonl", NIGHTS[1])
    assert questions(nights.run()) == all_once(NIGHTS[0], NIGHTS[1])
