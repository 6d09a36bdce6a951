"""The precise operating point: a false alarm would block a release."""

import pytest

from harness.pii.detector import detector

PRECISE = detector("precise")


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        ("The booking of Tobias Wennerström, phone +49 170 1234567.", {"PERSON", "PHONE_NUMBER"}),
        ("Our customer Maria Lopez (maria@mail.example) pays 120.", {"PERSON", "EMAIL_ADDRESS"}),
        ("Card 4111 1111 1111 1111 is on file.", {"CREDIT_CARD"}),
        ("IBAN GB82 WEST 1234 5698 7654 32", {"IBAN_CODE"}),
        ("SSN 078-05-1120", {"US_SSN"}),
        ("Use AKIAABCDEFGHIJKLMNOP", {"API_KEY"}),
    ],
)
def test_a_structurally_certain_value_is_flagged(text: str, entities: set[str]) -> None:
    assert {span.entity for span in PRECISE.find(text)} == entities


@pytest.mark.parametrize(
    "text",
    [
        "Ask Tobias Wennerström at the branch.",
        "Order number 123-456-7890 ships on 2026-03-04.",
        "Your reference is 5550 1234 9981.",
        "The limit is 1,234,567 EUR, 10000000 at most.",
        "It opens at 12 Saltmarsh Street, from 09:00 to 17:30.",
        "Card numbers such as 4111 1111 1111 1112 are refused.",
        "Transfers up to 25000 arrive in 2-3 days; call us 24/7.",
    ],
)
def test_a_clean_answer_is_not_flagged(text: str) -> None:
    assert PRECISE.find(text) == []


def test_allowed_values_are_passed_over_in_any_notation() -> None:
    allowing = detector("precise", allowed=["help@bank.test", "+44 20 7946 0958", "@post.test"])
    assert allowing.find("Mail HELP@bank.test, anyone@post.test or call 020 7946 0958") == []
    assert [s.entity for s in allowing.find("Mail other@bank.test")] == ["EMAIL_ADDRESS"]


def test_detectors_of_a_point_share_one_engine() -> None:
    assert detector("precise") is PRECISE
