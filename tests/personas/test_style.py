"""A persona's manner: measured on its users, laid over its prompts."""

import random
from dataclasses import replace

from personas.style import styled
from personas.traits import Manner, coordinates, described, languages_of, manner_of
from tests.personas.logs import session_of

CAREFUL = Manner(words=9, turns=1, lower_case=0, no_full_stop=0, polite=0, upset=0, slips=0)
TEXT = "Hello. I want to renew my loan. Where do I start?"


def test_a_careful_persona_leaves_a_text_as_it_is() -> None:
    assert all(styled(TEXT, CAREFUL, random.Random(i)) == TEXT for i in range(20))


def test_a_casual_persona_leaves_out_capitals_and_marks() -> None:
    casual = replace(CAREFUL, lower_case=1.0, no_full_stop=1.0)
    texts = {styled(TEXT, casual, random.Random(i)) for i in range(20)}
    assert all(text.startswith("hello. ") for text in texts)
    assert any(not text.endswith("?") for text in texts)


def test_a_hasty_persona_makes_mistakes_but_not_in_every_word() -> None:
    hasty = replace(CAREFUL, slips=1.0)
    texts = [styled(TEXT * 3, hasty, random.Random(i)) for i in range(20)]
    assert any(text != TEXT * 3 for text in texts)
    assert all("renew" in text or "loan" in text for text in texts)


def test_a_manner_is_measured_on_the_users_messages() -> None:
    found = manner_of(session_of("please renew my loan", "I'm FED UP, this is ridiculous!!"))
    assert found.manner.turns == 2
    assert found.manner.polite == found.manner.upset == found.manner.lower_case == found.manner.no_full_stop == 0.5
    assert found.language == "en"


def test_traits_are_said_in_words() -> None:
    from collections import Counter

    traits = described(replace(CAREFUL, words=4, turns=6.2, lower_case=0.8), Counter({"de": 6, "en": 4}))
    assert traits["language"] == "German, sometimes another"
    assert traits["message_length"].startswith("short")
    assert traits["formality"] == "casual"
    assert "about 6 messages" in traits["multi_turn"]


def test_a_session_that_says_too_little_counts_as_what_most_others_are_in() -> None:
    texts = ["Non riesco ad accedere, come faccio?", "Vorrei un rimborso", "ok", "How do I log in?"]
    found = [manner_of(session_of(text)) for text in texts]
    assert [each.language for each in found] == ["it", "it", None, "en"]
    assert languages_of(found) == {"it": 3, "en": 1}
    assert coordinates(found[2], "it") == coordinates(replace(found[2], language="it"), "en")
    assert languages_of(found[2:3]) == {"en": 1}, "nothing speaks for another language"
