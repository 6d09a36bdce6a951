"""What claims something and what does not."""

import pytest

from judge.groundedness.discourse import claiming_sentences, claims_something, negated


@pytest.mark.parametrize(
    "sentence",
    [
        "Hello!",
        "Is there anything else I can help with?",
        "Thanks for asking.",
        "I'm sorry, I could not find that in our policies.",
        "I can help with loans and fines.",
        "Please tell me your question again.",
        "Let me know how it goes with the books.",
        "Of course, which book do you want to renew?",
        "Sure thing.",
        "Bitte nennen Sie mir Ihre Frage.",
    ],
)
def test_small_talk_claims_nothing(sentence: str) -> None:
    assert not claims_something(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Loans last three weeks for every reader.",
        "Of course, the reading room serves coffee all night.",
        "Unfortunately, the reading room closes on Sundays.",
        "I'm sorry, but overdue readers lose their membership card.",
        "Please call 0800 123.",
        "Did you know that the library lends sailing boats to members?",
    ],
)
def test_statements_claim_something_whatever_opens_them(sentence: str) -> None:
    assert claims_something(sentence)


def test_claiming_sentences_are_word_for_word() -> None:
    text = "Hello! The library lends sailing boats.  Anything else?"
    assert claiming_sentences(text) == ["The library lends sailing boats."]


def test_denials_are_noticed_in_several_languages() -> None:
    for sentence in ("You can't renew.", "No fines.", "Das geht nicht.", "Ce n'est pas possible.", "Nunca."):
        assert negated(sentence)
    assert not negated("You can renew notes.")
