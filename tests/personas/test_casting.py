"""What a persona talks about, and what never gets there."""

import pytest

from harness.contracts import SanitizedSession
from harness.pii.detector import detector
from personas.casting import cast_of, follows_of
from personas.corpus import Corpus
from personas.offline import Cast
from personas.phrases import mine, mine_questions
from personas.segments import segment
from tests.personas.logs import library_sessions, session_of


def _conversations(opening: str, later: str, *, users: int, tag: str) -> list[SanitizedSession]:
    return [
        session_of(opening, later, user=f"{tag}-{user}", session_id=f"{tag}-{user}-{number}")
        for user in range(users)
        for number in range(2)
    ]


def _follows(sessions: list[SanitizedSession]) -> dict[str, tuple[str, ...]]:
    corpus = Corpus(sessions, min_users=5)
    return follows_of(mine(corpus), mine_questions(corpus), corpus)


def _cast(sessions: list[SanitizedSession]) -> list[Cast]:
    corpus = Corpus(sessions, min_users=5)
    phrases = mine(corpus)
    segments = segment(corpus, phrases, wanted=2, seed=1).segments
    return cast_of(segments, phrases, corpus, detector("strict"))


def test_a_later_question_follows_what_it_was_asked_about_only() -> None:
    laptops = _conversations("How do I hire a laptop?", "Is there a charger?", users=6, tag="laptop")
    cards = _conversations("How do I renew my library card?", "What does the card cost?", users=6, tag="card")
    follows = _follows([*laptops, *cards, *library_sessions(60)])
    assert follows["hire a laptop"] == ("is there a charger",)
    assert follows["renew my library card"] == ("what does the card cost",)


def test_a_later_question_of_fewer_than_k_users_follows_nothing() -> None:
    few = _conversations("How do I hire a laptop?", "Is there a charger?", users=4, tag="laptop")
    elsewhere = _conversations("How do I renew my library card?", "Is there a charger?", users=6, tag="card")
    assert "is there a charger" not in _follows([*few, *elsewhere, *library_sessions(60)]).get("hire a laptop", ())


@pytest.mark.parametrize(
    "planted", ["Where is John Smith?", "Ok. Is Priya Natarajan there?", "I want to call Martin Shaw today."]
)
def test_a_name_that_k_users_wrote_is_nothing_to_talk_about(planted: str) -> None:
    """Sanitizing may miss a name, and one that many wrote passes the floor of k users."""
    named = [session_of("hello", planted, user=f"n-{n}", session_id=f"n-{n}") for n in range(10)]
    said = repr([player.material for player in _cast([*library_sessions(80), *named])]).lower()
    assert not [name for name in ("smith", "natarajan", "shaw") if name in said]
    assert "renew my loan" in said


def test_an_obligation_that_is_asked_about_is_no_wish() -> None:
    duty = [session_of("Do I have to pay a penalty? Can you send the link?", user=f"d-{n}", session_id=f"d-{n}") for n in range(10)]  # fmt: skip
    dos = {phrase.text for phrase in mine(Corpus([*library_sessions(80), *duty], min_users=5)) if phrase.kind == "do"}
    assert "renew my loan" in dos
    assert not {"pay a penalty", "send the link"} & dos
