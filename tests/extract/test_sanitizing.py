"""Users' sessions sanitized together: names travel, numbers do not, and what fails stays behind."""

import datetime as dt
from typing import Any

import pytest

import extract.sanitizing
import extract.sessions
from extract.profiles import Profiles
from extract.records.mapping import LoggedExchange
from extract.sanitizing import SessionSanitizer, Unfinished
from extract.sessions import RawSession, from_line, sessions_of
from harness.pii import PiiSpan
from tests.extract.test_sessions import exchange, lines_of
from tests.harness.pii.listed import Listed

START = dt.datetime(2026, 10, 1, tzinfo=dt.UTC)


def talk(*texts: str, user: str = "ann", session: str = "one", **values: Any) -> list[LoggedExchange]:
    """Return exchanges, a minute apart."""
    return [
        exchange(
            user=user, session=session, at=START + dt.timedelta(minutes=n), line=n, prompt=text, response=None, **values
        )
        for n, text in enumerate(texts)
    ]


def sessions(*talks: list[LoggedExchange]) -> list[RawSession]:
    """Return the sessions of some talks in the canonical order."""
    return list(sessions_of(map(from_line, lines_of([e for each in talks for e in each]))))


def texts_by_session(sanitizer: SessionSanitizer, raw: list[RawSession]) -> dict[str, list[str]]:
    """Return what each logged session became."""
    found: dict[str, list[str]] = {}
    for session, done in sanitizer.sanitize_all(raw):
        assert done.session is not None
        found.setdefault(session.exchanges[0].session, []).extend(turn.text for turn in done.session.turns)
    return found


def test_a_name_given_in_one_session_is_removed_from_all_of_its_user() -> None:
    sanitizer = SessionSanitizer(Listed(PERSON="Ottoline Ferncastle|Brandvold"), Profiles())
    raw = sessions(
        talk("is ferncastle there", "and brandvold?", session="before"),
        talk("I am Ottoline Ferncastle", "Brandvold too", session="after"),
        talk("ferncastle again", user="bob", session="other"),
    )
    assert texts_by_session(sanitizer, raw) == {
        "before": ["is <PERSON_1> there", "and <PERSON_2>?"],
        "after": ["I am <PERSON_1>", "<PERSON_2> too"],
        "other": ["ferncastle again"],
    }


def test_sanitizing_one_session_is_the_case_of_one() -> None:
    sanitizer = SessionSanitizer(Listed(PERSON="Ferncastle"), Profiles(traits={"ann": {"plan": "gold"}}))
    (raw,) = sessions(talk("Ferncastle", "ferncastle", kept={"page": "ann-00012"}))
    done = sanitizer.sanitize(raw)
    assert [done] == sanitizer.sanitize_user([raw]) == [found for _, found in sanitizer.sanitize_all([raw])]
    assert done.session is not None
    assert (done.session.entities, done.session.traits) == ({"PERSON": 2}, {"plan": "gold"})


def test_a_detector_is_shown_the_texts_of_many_sessions_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extract.sanitizing, "_PREPARED_SESSIONS", 4)
    raw = sessions(*(talk("hello", f"number {n}", user=f"user-{n}") for n in range(10)))
    finder = Listed(ID="77")
    seen: list[int] = []
    for _ in SessionSanitizer(finder, Profiles()).sanitize_all(iter(raw)):
        seen.append(finder.prepared)
    # Of each four users five texts: "hello" is one.
    assert seen == [5] * 4 + [10] * 4 + [13] * 2


def test_an_overlong_session_keeps_its_numbers_through_its_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["I am Ottoline", "this is Brandvold", "ottoline", "brandvold", "Ferncastle!", "ottoline and Ferncastle"]
    sanitizer = SessionSanitizer(Listed(PERSON="Ottoline|Brandvold|Ferncastle"), Profiles())
    (whole,) = [done.session for _, done in sanitizer.sanitize_all(sessions(talk(*texts)))]
    monkeypatch.setattr(extract.sessions, "MOST_EXCHANGES", 2)
    monkeypatch.setattr(extract.sessions, "MOST_SESSIONS", 1)
    parts = [done.session for _, done in sanitizer.sanitize_all(sessions(talk(*texts)))]
    assert whole is not None
    assert [part.session_id[16:] for part in parts if part] == ["", "-000002", "-000003"]
    assert [turn.text for part in parts if part for turn in part.turns] == [turn.text for turn in whole.turns]
    assert [part.entities for part in parts if part] == [{"PERSON": 2}, {"PERSON": 2}, {"PERSON": 3}]


class Choking(Listed):
    """A detector that fails over some texts."""

    def find(self, text: str, *, known: tuple[str, ...] = ()) -> list[PiiSpan]:
        """Return where the values are.

        Raises:
            RecursionError: If the text says so.
        """
        if "choke" in text:
            raise RecursionError(text)
        return super().find(text, known=known)


def test_what_fails_is_named_and_everything_else_of_the_user_is_sanitized() -> None:
    sanitizer = SessionSanitizer(Choking(PERSON="Ottoline"), Profiles())
    raw = sessions(
        talk("I am Ottoline", "choke on this", session="one"),
        talk("ottoline", session="two"),
        talk("choke", session="three"),
        talk("fine", kept={"page": "choke"}, session="four"),
    )
    done = {session.exchanges[0].session: found for session, found in sanitizer.sanitize_all(raw)}
    assert {name: [(e.prompt, kind) for e, kind in found.failed] for name, found in done.items()} == {
        "one": [("choke on this", "RecursionError")],
        "two": [],
        "three": [("choke", "RecursionError")],
        "four": [("fine", "RecursionError")],
    }
    texts = {name: [t.text for t in found.session.turns] for name, found in done.items() if found.session}
    assert texts == {"one": ["I am <PERSON_1>"], "two": ["<PERSON_1>"]}


def test_a_detector_that_fails_over_everything_lets_nothing_through() -> None:
    raw = sessions(talk("choke", "choke!"), talk("choke?", session="two"))
    done = [found for _, found in SessionSanitizer(Choking(), Profiles()).sanitize_all(raw)]
    assert [found.session for found in done] == [None, None]
    assert sum(len(found.failed) for found in done) == 3


def test_lists_of_another_user_inherit_nothing() -> None:
    sanitizer = SessionSanitizer(Listed(PERSON="Ottoline"), Profiles())
    state = Unfinished()
    first, second = sessions(talk("I am Ottoline", user="bob")), sessions(talk("ottoline", user="ann"))
    sanitizer.sanitize_user(first, state)
    (done,) = sanitizer.sanitize_user(second, state)
    assert done.session is not None
    assert done.session.turns[0].text == "ottoline"
