"""Sessions that go on from an earlier dataset."""

import datetime as dt

import pytest

import extract.publishing.carrying
from extract.publishing.carrying import continued, joined, without_known
from extract.sessions import RawSession, part_id
from harness.contracts import SanitizedSession, Turn
from harness.pii.known.registry import KnownRegistry
from harness.pii.learning.formats import LearnedShape, LearnedShapes
from tests.extract.test_sessions import exchange

DAY = dt.date(2026, 10, 1)


def old(user: str, session: str, *texts: str, part: int = 0) -> SanitizedSession:
    """Return a sanitized session."""
    return SanitizedSession(
        session_id=part_id(session * 16, part), user_key=user * 16, started_on=DAY, turns=[Turn(role="user", text=t) for t in texts]
    )  # fmt: skip


def new(user: str, session: str, part: int = 0) -> RawSession:
    """Return a raw session."""
    return RawSession(session * 16, user * 16, (exchange(),), part)


def test_sessions_that_go_on_know_which_numbers_are_taken() -> None:
    carried = [old("1", "a", "<PERSON_2>"), old("1", "c", "<ID_7>"), old("3", "a", "hello")]
    raw = [new("0", "f"), new("1", "b"), new("1", "c"), new("2", "a"), new("3", "a"), new("4", "a")]
    found = list(continued(raw, iter(carried)))
    assert [dict(session.taken) for session in found] == [{}, {}, {"ID": 7}, {}, {}, {}]
    assert [session.part for session in found] == [0] * 6
    assert list(continued(raw, iter(()))) == raw


def test_an_overlong_session_goes_on_behind_its_last_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extract.publishing.carrying, "_MOST_TURNS", 2)
    room = [old("1", "a", "<ID_1>", "x"), old("1", "a", "<ID_4>", part=1)]
    assert [s.part for s in continued([new("1", "a"), new("1", "a", part=1)], iter(room))] == [1, 2]
    full = [old("1", "a", "<ID_1>", "x"), old("1", "a", "<ID_4>", "y", part=1)]
    found = list(continued([new("1", "a")], iter(full)))
    assert [(s.part, dict(s.taken)) for s in found] == [(2, {"ID": 4})]


def test_both_datasets_are_joined_in_the_canonical_order() -> None:
    carried = [old("1", "a", "first"), old("2", "b", "only old")]
    fresh = [
        old("0", "c", "only new"),
        old("1", "a", "then").model_copy(update={"feedback": "down", "entities": {"ID": 1}, "metadata": {"channel": "app"}}),
    ]  # fmt: skip
    found = list(joined(fresh, carried))
    assert [(s.user_key[0], [turn.text for turn in s.turns]) for s in found] == [
        ("0", ["only new"]), ("1", ["first", "then"]), ("2", ["only old"]),
    ]  # fmt: skip
    assert (found[1].feedback, found[1].entities, found[1].metadata) == ("down", {"ID": 1}, {"channel": "app"})


def test_what_became_known_is_removed_under_a_new_number() -> None:
    registry = KnownRegistry(["ref 4417 tango"])
    session = old("1", "a", "<ID_3> said", "Ref 4417-Tango it is", "nothing")
    found = without_known(session, registry)
    entity = next(registry.find("ref 4417 tango")).entity
    number = 4 if entity == "ID" else 1
    assert [turn.text for turn in found.turns] == ["<ID_3> said", f"<{entity}_{number}> it is", "nothing"]
    assert sum(found.entities.values()) == 1
    assert without_known(old("1", "a", "nothing"), registry) == old("1", "a", "nothing")


def test_values_of_formats_that_were_learned_since_are_removed() -> None:
    shapes = LearnedShapes((LearnedShape(form="A{2,2}-9{2,2}", prefix="vx", shortest=5, longest=5),))
    session = old("1", "a", "<ID_3> said", "is it vx-10 or wx-10?")
    found = without_known(session, KnownRegistry(()), new_ids=shapes)
    assert [turn.text for turn in found.turns] == ["<ID_3> said", "is it <ID_4> or wx-10?"]
    assert found.entities == {"ID": 1}
