"""Placeholders: consistent within a session, and the text around them untouched."""

import re

from hypothesis import given
from hypothesis import strategies as st

from harness.pii import PiiSpan
from harness.pii.redaction import SessionRedactor, redact


def test_the_same_value_keeps_its_placeholder_and_another_gets_its_own() -> None:
    session = SessionRedactor()
    assert session.redact("mail a.b@mail.example") == "mail <EMAIL_ADDRESS_1>"
    assert session.redact("or c.d@mail.example, not A.B@MAIL.example") == "or <EMAIL_ADDRESS_2>, not <EMAIL_ADDRESS_1>"
    assert session.counts == {"EMAIL_ADDRESS": 3}


def test_a_name_found_once_is_removed_from_every_turn_of_the_session() -> None:
    texts = ["is quarrington on it?", "Who is this?", "my name is ondine quarrington", "thanks ondine"]
    done = SessionRedactor().redact_all(texts)
    assert done == ["is <PERSON_1> on it?", "Who is this?", "my name is <PERSON_1>", "thanks <PERSON_1>"]


def test_a_bare_answer_to_a_question_for_a_name_is_a_name() -> None:
    assert SessionRedactor().redact_all(["What is your name?", "zevlin torquay"])[1] == "<PERSON_1>"
    assert SessionRedactor().redact_all(["How much is it?", "zevlin torquay"])[1] == "zevlin torquay"
    assert SessionRedactor().redact_all(["What is your name?", "why do you ask"])[1] == "why do you ask"


def test_known_values_are_removed_from_the_users_text() -> None:
    assert SessionRedactor(known=("Zevlin Torquay",)).redact("zevlin wants it") == "<PERSON_1> wants it"


def test_one_text_is_redacted_by_given_spans() -> None:
    spans = [PiiSpan(start=0, end=2, entity="ID", score=1.0), PiiSpan(start=3, end=5, entity="ID", score=1.0)]
    assert redact("ab cd ef", spans) == ("<ID_1> <ID_2> ef", {"ID": 2})


@given(st.lists(st.text(max_size=80), max_size=5))
def test_what_is_no_placeholder_stands_in_the_original_in_order(texts: list[str]) -> None:
    for text, done in zip(texts, SessionRedactor().redact_all(texts), strict=True):
        at = 0
        for piece in re.split(r"<[A-Z_]+_\d+>", done):
            at = text.find(piece, at)
            assert at >= 0
            at += len(piece)


@given(st.integers(10**6, 10**14))
def test_a_long_number_never_survives(number: int) -> None:
    assert str(number) not in SessionRedactor().redact(f"it is {number} I think")
