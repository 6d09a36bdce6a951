"""Which words a log shows to be ordinary, and that no name gets among them, however often it is said."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.pii.learning.ordinary import WordLearner

USERS = 100
BANK = (
    "Sure. Branches open at 9:00. Your cards are sent to the branch, and 2 cards cost nothing. No branches open on Sunday.",
    "The app shows all cards under Cards and then Freeze. Choose the cards that you need.",
)


def learner_of(*texts: str, users: int = USERS) -> WordLearner:
    """Return what is learned when every user is told all texts."""
    learner = WordLearner()
    for user in range(users):
        for text in texts:
            learner.add(f"u{user}", text)
    return learner


def test_nouns_that_the_assistant_says_in_lower_case_are_learned() -> None:
    assert {"branches", "branch", "cards"} <= learner_of(*BANK).learned()


def test_a_plural_is_learned_with_its_singular() -> None:
    assert "overdrafts" in learner_of("An overdraft costs 2 pounds. We offer arranged overdrafts.").learned()


def test_too_few_users_teach_nothing() -> None:
    assert not learner_of(*BANK, users=19).learned()


def test_a_word_said_to_a_small_share_of_the_users_is_not_learned() -> None:
    learner = learner_of("It is fine.", users=900)
    for user in range(30):
        learner.add(f"u{user}", "Your branches are open.")
    assert "branches" not in learner.learned()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Hi, I'm Sarah. How can I help you today?", "sarah"),
        ("Hello! My name is Thandiwe and I will look into it.", "thandiwe"),
        ("You are now chatting with thandiwe. Thandiwe will help you.", "thandiwe"),
        ("You are connected to brook. Ask for brook at the desk.", "brook"),
        ("Your agent today is meadows. Please wait for meadows.", "meadows"),
        ("Thandiwe has joined the chat. Please wait for Thandiwe.", "thandiwe"),
        ("thandiwe has joined the chat. your thandiwe will help with the thandiwe", "thandiwe"),
        ("Dr. Meadows will see you. The meadows are behind the house.", "meadows"),
        ("Dr Fields is in. Please fill in all the fields. Fields is back on Monday.", "fields"),
        ("Ask our nurse Brook. The brook is near. Brook knows.", "brook"),
        ("Please see Fields on Monday, and fill in the fields. You will meet Fields there.", "fields"),
        ("Our office is at 5 Baker Street. The baker is next door. It is on Baker Street.", "baker"),
        ("Our clinic is at 12 Grzybowski Lane. Grzybowski will see you. The Grzybowski clinic is open.", "grzybowski"),
        ("The singer Adele is popular. An Adele concert costs 80 pounds. Your Adele ticket is here.", "adele"),
        ("The clinic of grzybowski is open. Ask a colleague of grzybowski.", "grzybowski"),
        ("Regards,\nMeadows\n\nThe meadows are ours.", "meadows"),
        ("Kind regards, meadows. We love the meadows.", "meadows"),
        ("Please contact Anna Fields. Fill in the fields.", "fields"),
        ("Fields here. Fill in the fields.", "fields"),
        ("The smith is here. A smith works. Your smith called.", "smith"),
        ("A rose costs 3 pounds. The rose is red. Rose is here.", "rose"),
        ("Write to meadows@clinic.example or @meadows, see www.meadows.example/meadows and the_meadows.", "meadows"),
        ("Unser Berater Grzybowski hilft. Die Grzybowski ist da. Der Grzybowski kommt.", "grzybowski"),
        ("We know that meadows can call you at 9 meadows time. No meadows then.", "meadows"),
        ("Tu Xochitl te espera. Votre Xochitl arrive. Sua Xochitl chegou.", "xochitl"),
    ],
)
def test_no_name_is_learned_though_every_user_is_told_it(text: str, name: str) -> None:
    assert name not in learner_of(text).learned()


def test_one_user_who_is_greeted_by_a_word_shows_that_it_is_a_name() -> None:
    learner = learner_of(*BANK)
    learner.add("u7", "Hello Branch, your card is on its way.")
    assert "branch" not in learner.learned()
    assert "cards" in learner.learned()


def test_a_sentence_that_begins_after_a_greeting_shows_no_name() -> None:
    learner = learner_of(*BANK)
    learner.add("u7", "Hello Anna, Branches are closed. Hello, Cards are free.")
    assert {"branches", "cards"} <= learner.learned()


def test_a_chat_without_capitals_teaches_no_words() -> None:
    """Who writes no capitals writes names without them, too."""
    assert not learner_of("the thandiwe is here. your branches are open", "ask your thandiwe. i am here").learned()


def test_words_of_an_earlier_night_go_when_they_stand_as_names() -> None:
    learner = learner_of("Dr. Meadows is in. The garden is open.")
    assert learner.refuted({"meadows", "garden"}) == {"meadows"}


def test_what_is_learned_does_not_depend_on_the_order() -> None:
    said = [(f"u{user}", random.Random(user).choice(BANK)) for user in range(1_500)]
    one, other = WordLearner(), WordLearner()
    for user, text in said:
        one.add(user, text)
    for user, text in random.Random(2).sample(said, len(said)):
        other.add(user, text)
    assert one.state() == other.state()
    assert len(one.state()) == 1_000


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(("a", "b", "c", "d")),
            st.lists(st.sampled_from(("The cards", "your card", "Dr. Card", "open cards.", "2 loans")), max_size=4),
            st.integers(0, 2),
        ),
        max_size=20,
    )
)
def test_parts_of_a_log_teach_what_the_whole_does(said: list[tuple[str, list[str], int]]) -> None:
    whole, merged = WordLearner(), WordLearner()
    parts = [WordLearner() for _ in range(3)]
    for user, pieces, part in said:
        whole.add(user, " ".join(pieces))
        parts[part].add(user, " ".join(pieces))
    for learner in reversed(parts):
        merged.merge(WordLearner.of(learner.state()))
    assert merged.state() == whole.state()
