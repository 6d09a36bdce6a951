"""The audit: known values in every notation, nothing that only looks like one, and no search code of the sanitizer's."""

import ast
import datetime as dt
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import extract.certifying.audit
from extract.certifying.audit import OutputAudit
from harness.contracts import SanitizedSession, Turn


def session(*texts: str, **metadata: str) -> SanitizedSession:
    return SanitizedSession(
        session_id="s",
        user_key="u",
        started_on=dt.date(2026, 1, 1),
        turns=[Turn(role="user", text=text) for text in texts],
        metadata=metadata,
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Ottoline Ferncastle", "hello, it is OTTOLINE, ferncastle!"),
        ("Ottoline Ferncastle", "ottolineferncastle"),
        ("Jörn Brändström", "that was jorn brandstrom"),
        ("Jörn Brändström", "that was Joern Braendstroem"),
        ("Joern Braendstroem", "that was Jörn Brändström"),
        ("u-998877", "under u 998877 it is"),
        ("u-998877", "under U998877 it is"),
        ("4929 1234 5678 9012", "card 4929123456789012 declined"),
        ("4929123456789012", "card 4929-1234 5678.9012 declined"),
        ("Jörn Brändström", "that was jörn brändström"),
        ("+44 7700 900123", "ring 07700 900 123"),
        ("+44 7700 900123", "ring 7700900123"),
        ("0044 7700 900123", "ring 44 7700 900123"),
        ("o.ferncastle@mail.example", "at O.Ferncastle@mail.example."),
        ("14 Quillfeather Lane, Wexley", "at 14 quillfeather lane wexley"),
    ],
)
def test_a_value_is_found_in_everybodys_texts_in_every_notation(value: str, text: str) -> None:
    audit = OutputAudit([value])
    assert audit.look(session("nothing here", text), own=[]) == 1
    assert (audit.leaks, audit.by_type.total()) == (1, 1)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Ottoline Ferncastle", "<PERSON_1> was here"),
        ("Ottoline Ferncastle", "Ottoline <PERSON_2> Ferncastle"),
        ("u-998877", "u-9988771"),
        ("4929123456789012", "4929123456789"),
        ("Maria", "hello maria"),
        ("gold plan", "is the gold plan free"),
        ("12", "12"),
    ],
)
def test_a_part_of_a_longer_word_an_ordinary_word_or_a_placeholder_is_nothing(value: str, text: str) -> None:
    assert OutputAudit([value]).look(session(text), own=[]) == 0


def test_a_users_own_values_are_found_whole_and_their_name_in_parts() -> None:
    audit = OutputAudit([])
    assert audit.look(session("that was Marieke again"), own=["Marieke"]) == 1
    assert audit.look(session("ferncastle speaking"), own=["Ottoline Ferncastle"]) == 1
    assert audit.look(session("nobody"), own=["Ottoline Ferncastle"]) == 0
    assert audit.look(session("that was Marieke again"), own=[]) == 0
    assert audit.result.leaks == 2


def test_an_own_name_that_is_an_ordinary_word_is_not_searched_by_itself() -> None:
    """The sanitizer leaves "summer" where nothing says that it is a name; the audit must not refuse that."""
    audit = OutputAudit([])
    assert audit.look(session("is it open all summer"), own=["Summer", "Summer Ferncastle"]) == 0
    assert audit.look(session("Summer Ferncastle here"), own=["Summer Ferncastle"]) > 0


def test_a_placeholder_is_no_value() -> None:
    assert OutputAudit([]).look(session("<PERSON_1> was here"), own=["PERSON_1", "person"]) == 0


def test_allow_listed_fields_are_not_searched() -> None:
    """The detector has looked at them; a record key may hold a user's id. The certificate says so."""
    assert OutputAudit(["Ottoline Ferncastle"]).look(session("hello", agent="ottoline ferncastle"), own=[]) == 0


def test_workers_get_the_same_audit() -> None:
    audit = pickle.loads(pickle.dumps(OutputAudit(["Ottoline Ferncastle", "u-998877"])))  # noqa: S301 - our own
    assert audit.look(session("ottoline ferncastle, u-998877"), own=[]) == 2
    assert audit.everybodys == 2


def test_no_value_is_kept() -> None:
    raw = pickle.dumps(OutputAudit(["Ottoline Ferncastle"]))
    assert b"ttoline" not in raw.lower()
    assert b"erncastle" not in raw.lower()


def test_a_value_takes_a_few_bytes() -> None:
    audit = OutputAudit(f"customer-{number:08d}-x" for number in range(20_000))
    assert audit.everybodys == 20_000
    assert len(pickle.dumps(audit)) < 20_000 * 14
    assert audit.look(session("it is customer-00012345-x you know"), own=[]) == 1
    assert audit.look(session("it is customer-00912345-x you know"), own=[]) == 0


WORDS = st.lists(st.sampled_from(("please", "transfer", "the", "money", "12", "to", "Qz4411", "x")), max_size=12)


@given(WORDS, WORDS, st.sampled_from((" ", ", ", "-", "  ", ".", "/")))
def test_a_value_is_found_wherever_it_stands_and_nowhere_else(before: list[str], after: list[str], gap: str) -> None:
    audit = OutputAudit(["Zyx Wvutsr 4711", "QQ-77-88-99"])
    text = gap.join([*before, "zyx", "WVUTSR", "4711", *after])
    assert list(audit.find(" ".join([*before, *after]))) == []
    assert set(audit.find(text)) == {"zyx wvutsr 4711"}


def test_it_shares_no_search_code_with_the_sanitizer() -> None:
    """It may share what a value is, and which words are ordinary; never how one is searched."""
    tree = ast.parse(Path(extract.certifying.audit.__file__).read_text(encoding="utf-8"))
    imported = {
        alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module and "pii" in node.module
        for alias in node.names
    }  # fmt: skip
    assert imported == {"entity_of", "is_everyday", "is_ordinary", "is_telling"}


def test_values_are_counted_once_however_many_forms_and_sessions_they_have() -> None:
    audit = OutputAudit(["Jörn Brändström", "Jörn Brändström", "+44 7700 900123", "u-998877"])
    assert audit.everybodys == 3
    assert audit.forms > 3
    for _ in range(9):
        audit.look(session("hello"), own=["Jörn Brändström", "Marieke", "u-998877"])
    audit.look(session("hello"), own=[])
    audit.look(session("hello"), own=["Marieke"])
    assert audit.own_values == 1, "only Marieke is not searched for in everybody's texts"
    assert audit.result.values == 4
