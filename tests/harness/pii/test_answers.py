"""A short reply to a question for a personal value is that value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.pii.answers import find_answered_name, find_answered_value


@pytest.mark.parametrize(
    ("question", "reply", "entity", "value"),
    [
        ("What are the last four digits of your card?", "4432", "CREDIT_CARD", "4432"),
        ("Your username please?", "quillfeather", "ID", "quillfeather"),
        ("May I have your account id?", "it is k77", "ID", "k77"),
        ("What is your zip code?", "it's 331", "LOCATION", "331"),
        ("Could you give me your pin?", "4432 I think", "PASSWORD", "4432"),
        ("What is your date of birth?", "3 april 75", "DATE_OF_BIRTH", "3 april 75"),
        ("And your address?", "12 Hatchley Rise", "LOCATION", "12 Hatchley Rise"),
        ("Please confirm the password.", "swordfish", "PASSWORD", "swordfish"),
        ("Which phone number can we call?", "55 01 99", "PHONE_NUMBER", "55 01 99"),
        ("I need your name and your order number.", "771-2", "ID", "771-2"),
        ("Wie ist Ihre Kundennummer?", "77-12", "ID", "77-12"),
    ],
)
def test_the_reply_is_found(question: str, reply: str, entity: str, value: str) -> None:
    span = find_answered_value(question, reply)
    assert span is not None
    assert (span.entity, reply[span.start : span.end]) == (entity, value)


@pytest.mark.parametrize(
    ("question", "reply"),
    [
        ("How many people?", "4"),
        ("What's your order number?", "no idea"),
        ("Your order number?", "I ordered 3 items"),
        ("At what time?", "7:30"),
        ("Your username?", "yes"),
        ("Your account id?", "why do you ask?"),
        ("Your account number?", "I paid 20 dollars"),
        ("Your booking number is 77.", ""),
        ("Your phone number?", "I would rather not say it here because somebody might read all of it, 2 of them do"),
    ],
)
def test_another_reply_stays(question: str, reply: str) -> None:
    assert find_answered_value(question, reply) is None


@given(st.text(max_size=100), st.text(max_size=100))
def test_any_two_texts_give_a_span_inside_the_reply(question: str, reply: str) -> None:
    span = find_answered_value(question, reply)
    assert span is None or 0 <= span.start < span.end <= len(reply)


@pytest.mark.parametrize(
    ("question", "reply"), [("street?", "larch close"), ("And your address, please?", "Upper Mill Lane.")]
)
def test_a_bare_street_answers_a_question_for_one(question: str, reply: str) -> None:
    span = find_answered_value(question, reply)
    assert span is not None
    assert (reply[span.start : span.end], span.entity) == (reply.rstrip("."), "LOCATION")


@pytest.mark.parametrize("reply", ["too close", "the same street", "close", "we should close"])
def test_other_words_are_no_street(reply: str) -> None:
    assert find_answered_value("street?", reply) is None


def test_a_number_in_words_is_no_name() -> None:
    assert find_answered_name("What is your name?", "sixteen") is None
