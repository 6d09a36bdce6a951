"""Placeholders: consistent within a session, and the text around them untouched."""

import re

from hypothesis import given
from hypothesis import strategies as st

from harness.pii import PiiSpan
from harness.pii.detector import merge
from harness.pii.memory import NameMemory
from harness.pii.redaction import SessionRedactor, answered, numbers_in, redact, remembered
from tests.harness.pii.listed import Listed


def test_the_same_value_keeps_its_placeholder_and_another_gets_its_own() -> None:
    session = SessionRedactor(Listed(EMAIL_ADDRESS="a.b@mail.example|c.d@mail.example|A.B@MAIL.example"))
    assert session.redact("mail a.b@mail.example") == "mail <EMAIL_ADDRESS_1>"
    assert session.redact("or c.d@mail.example, not A.B@MAIL.example") == "or <EMAIL_ADDRESS_2>, not <EMAIL_ADDRESS_1>"
    assert session.counts == {"EMAIL_ADDRESS": 3}


def test_a_name_found_once_is_removed_from_every_turn_of_the_session() -> None:
    texts = ["is quarrington on it?", "Who is this?", "my name is Ondine Quarrington", "thanks ondine"]
    done = SessionRedactor(Listed(PERSON="Ondine Quarrington")).redact_all(texts)
    assert done == ["is <PERSON_1> on it?", "Who is this?", "my name is <PERSON_1>", "thanks <PERSON_1>"]


def test_a_misspelt_name_gets_the_number_of_the_name() -> None:
    session = SessionRedactor(Listed(PERSON="Ferncastle|Brandvold"))
    assert session.redact_all(["Brandvold and Ferncastle", "i am frencastle", "ferncastel?"]) == [
        "<PERSON_1> and <PERSON_2>", "i am <PERSON_2>", "<PERSON_2>?",
    ]  # fmt: skip


def test_a_bare_answer_to_a_question_for_a_name_is_a_name() -> None:
    finder = Listed(PERSON="nobody at all")
    assert SessionRedactor(finder).redact_all(["What is your name?", "zevlin torquay"])[1] == "<PERSON_1>"
    assert SessionRedactor(finder).redact_all(["How much is it?", "zevlin torquay"])[1] == "zevlin torquay"
    assert SessionRedactor(finder).redact_all(["What is your name?", "why do you ask"])[1] == "why do you ask"


def test_known_values_are_removed_from_the_users_text() -> None:
    assert SessionRedactor(known=("Zevlin Torquay",)).redact("zevlin wants it") == "<PERSON_1> wants it"


def test_redactors_that_share_a_memory_find_each_others_names_and_count_for_themselves() -> None:
    names, finder = NameMemory(), Listed(PERSON="Ondine|Brandvold")
    first, second = (SessionRedactor(finder, names=names) for _ in range(2))
    texts = (["it is for brandvold"], ["Ondine and Brandvold"])
    found = [redactor.look(each) for redactor, each in zip((first, second), texts, strict=True)]
    assert first.redact_found(texts[0], found[0]) == ["it is for <PERSON_1>"]
    assert second.redact_found(texts[1], found[1]) == ["<PERSON_1> and <PERSON_2>"]


def test_a_session_taken_in_pieces_is_redacted_as_in_one() -> None:
    """What was asked at a piece's end is answered at the next one's beginning, and numbers go on."""
    texts = ["I am Ondine", "And your colleague's name is?", "zevlin torquay", "tell Ondine"]
    finder = Listed(PERSON="Ondine")
    pieces = SessionRedactor(finder)
    assert [*pieces.redact_all(texts[:2]), *pieces.redact_all(texts[2:])] == SessionRedactor(finder).redact_all(texts)


def test_a_continued_session_never_gives_two_values_one_number() -> None:
    taken = numbers_in(["<PERSON_2> wrote to <EMAIL_ADDRESS_1>", "<PERSON_1>, <US_SSN_3>"])
    assert taken == {"PERSON": 2, "EMAIL_ADDRESS": 1, "US_SSN": 3}
    session = SessionRedactor(Listed(PERSON="Ondine", ID="77"), taken=taken)
    assert session.redact("Ondine has 77") == "<PERSON_3> has <ID_1>"


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


def test_found_values_say_why_and_merged_ones_why_the_surest_did() -> None:
    sure = PiiSpan(start=0, end=4, entity="ID", score=1.0, why="sure")
    unsure = PiiSpan(start=2, end=9, entity="PERSON", score=0.5, why="unsure")
    assert [span.why for span in merge([unsure, sure])] == ["sure"]
    assert sure == PiiSpan(start=0, end=4, entity="ID", score=1.0)


def test_answers_and_remembered_names_say_so() -> None:
    (answer,) = answered("What is your name?", "brindlewick")
    assert answer.why == "given as the answer to a question for a name"
    (digits,) = answered("And the last four digits of your card?", "4432")
    assert digits.why == "given as the answer to a question for a card's number"
    assert answered("", "brindlewick") == []
    names = NameMemory()
    names.learn("Ottoline Ferncastle")
    assert [span.why for span in remembered(names, "thanks, ottoline")] == ["a name remembered from these texts"]
