import datetime as dt
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from larkfield.conversations import intents
from larkfield.grammar import Piece, expand, joined, phrasebook
from larkfield.knowledge import passages
from larkfield.logs import main, write_logs
from larkfield.people import invented_customer
from larkfield.traffic import busyness
from larkfield.voices import voices

FILES = ("logs.jsonl", "profiles.jsonl", "truth.jsonl")


def rows(folder: Path, name: str) -> list[dict[str, Any]]:
    """Return the records of one of the three files."""
    return [json.loads(line) for line in (folder / name).read_text(encoding="utf-8").split("\n") if line]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the logs of 1,200 sessions."""
    out = tmp_path_factory.mktemp("logs")
    write_logs(out, sessions=1200, seed=7)
    return out


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_logs(tmp_path / name, sessions=60, seed=seed)
    for file in FILES:
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()
        assert (tmp_path / "a" / file).read_bytes() != (tmp_path / "c" / file).read_bytes()


def test_the_truth_points_to_every_planted_value(folder: Path) -> None:
    logs = {row["request_id"]: row for row in rows(folder, "logs.jsonl")}
    truth = rows(folder, "truth.jsonl")
    assert [row["request_id"] for row in truth] == list(logs)
    for row in truth:
        for span in row["spans"]:
            assert logs[row["request_id"]][span["field"]][span["start"] : span["end"]] == span["value"]


def test_personal_data_of_every_kind_is_planted_in_prompts_and_some_in_responses(folder: Path) -> None:
    spans = [span for row in rows(folder, "truth.jsonl") for span in row["spans"]]
    kinds = Counter(span["type"] for span in spans)
    assert set(kinds) == {
        "PERSON", "EMAIL_ADDRESS", "PHONE_NUMBER", "CREDIT_CARD", "IBAN_CODE", "ID", "LOCATION", "DATE_OF_BIRTH", "US_SSN",
    }  # fmt: skip
    assert min(kinds.values()) >= 15
    assert {span["field"] for span in spans} == {"prompt", "response"}


def test_no_personal_value_of_a_customer_stands_where_the_truth_does_not_know_it(folder: Path) -> None:
    values = {row["user_id"]: row for row in rows(folder, "profiles.jsonl")}
    for row, truth in zip(rows(folder, "logs.jsonl"), rows(folder, "truth.jsonl"), strict=True):
        text = f"{row['prompt']} {row['response'] or ''}".lower()
        profile = values[row["user_id"]]
        known = {span["value"].lower() for span in truth["spans"]}
        for field in ("name", "email", "iban", "account_id", "national_id", "address"):
            value = profile[field].lower()
            assert value not in text or value in known


def test_records_have_the_fields_of_production(folder: Path) -> None:
    logs = rows(folder, "logs.jsonl")
    assert list(logs[0]) == [
        "request_id", "timestamp", "user_id", "session_id", "channel", "prompt", "response", "rating", "latency_ms", "status",
    ]  # fmt: skip
    assert {row["rating"] for row in logs} == {"up", "down", None}
    assert {row["status"] for row in logs} >= {200, 500}
    assert all((row["response"] is None) == (row["status"] != 200) for row in logs)
    assert len({row["request_id"] for row in logs}) == len(logs)


def test_sessions_have_several_turns_of_one_customer_in_order(folder: Path) -> None:
    sessions: dict[str, list[dict[str, Any]]] = {}
    for row in rows(folder, "logs.jsonl"):
        sessions.setdefault(row["session_id"], []).append(row)
    assert len(sessions) == 1200
    assert sum(len(turns) > 1 for turns in sessions.values()) > 500
    assert all(len({turn["user_id"] for turn in turns}) == 1 for turns in sessions.values())
    assert all(turns == sorted(turns, key=lambda turn: turn["timestamp"]) for turns in sessions.values())


def test_phrasings_are_many(folder: Path) -> None:
    first: dict[str, str] = {}
    for row in rows(folder, "logs.jsonl"):
        first.setdefault(row["session_id"], row["prompt"].lower())
    assert len(set(first.values())) > 0.85 * len(first)


def test_traffic_peaks_on_working_mornings(folder: Path) -> None:
    times = [dt.datetime.fromisoformat(row["timestamp"]) for row in rows(folder, "logs.jsonl")]
    assert times == sorted(times)
    assert {time.tzinfo for time in times} == {dt.UTC}
    hours = Counter(time.hour for time in times)
    assert hours[10] > 5 * hours[3]
    assert hours[10] > hours[15]
    assert busyness(dt.datetime(2026, 9, 7, 10, tzinfo=dt.UTC)) == 1.0
    days = Counter(time.weekday() for time in times)
    assert days[0] > days[6]


def test_hundreds_of_customers_with_a_profile_each(folder: Path) -> None:
    profiles = rows(folder, "profiles.jsonl")
    assert len({row["user_id"] for row in profiles}) == len(profiles) == 150
    assert {row["user_id"] for row in rows(folder, "logs.jsonl")} <= {row["user_id"] for row in profiles}
    assert len({row["plan"] for row in profiles}) > 2
    assert len({row["region"] for row in profiles}) > 4


def test_intents_rest_on_passages_that_exist_and_voices_prefer_intents_that_exist() -> None:
    known = {entry.passage_id for entry in passages()}
    names = {intent.name for intent in intents()}
    assert len(names) == len(intents()) >= 40
    assert all(intent.passages <= known for intent in intents())
    assert all(voice.prefers <= names for voice in voices())


def test_every_phrase_of_the_book_can_be_expanded() -> None:
    chance = random.Random(1)
    customer = invented_customer(chance)
    talk = phrasebook()["talk"]
    phrases = [phrase for intent in intents() for phrase in (*intent.ask, *intent.follow)]
    phrases += [phrase for key in ("follow", "also", "lead", "tail", "thanks", "details") for phrase in talk[key]]
    phrases += [phrase for voice in voices() for phrase in (*voice.greetings, *voice.closings)]
    for phrase in phrases * 5:
        assert not set("[]{}<>|") & set(joined(expand(phrase, customer, chance))[0])


@given(st.lists(st.tuples(st.text(min_size=1), st.sampled_from([None, "PERSON", "ID"]))))
def test_spans_are_where_the_pieces_are(parts: list[tuple[str, str | None]]) -> None:
    text, spans = joined([Piece(*part) for part in parts])
    assert text == "".join(part[0] for part in parts)
    assert [(text[span.start : span.end], span.kind) for span in spans] == [part for part in parts if part[1]]


@given(st.sampled_from(voices()), st.integers())
def test_no_voice_changes_the_letters_of_a_personal_value(voice: Any, seed: int) -> None:
    chance = random.Random(seed)
    written = voice.write([Piece("please write to the address "), Piece("Zofia Reyes", "PERSON")], chance)
    assert [piece.text.lower() for piece in written if piece.kind] == ["zofia reyes"]


def test_the_command_writes_the_files_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--out", str(tmp_path / "new"), "--sessions", "5", "--seed", "1"]) == 0
    assert {path.name for path in (tmp_path / "new").iterdir()} == set(FILES)
    assert "5 sessions" in capsys.readouterr().err
