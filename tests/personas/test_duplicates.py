"""Duplicates within a suite."""

from personas.duplicates import Duplicates

LONG = "could you tell me where the reading group meets this month and whether I have to bring my own book along"


def test_the_same_words_in_other_marks_and_capitals_are_a_duplicate() -> None:
    seen = Duplicates()
    assert seen.reason(["How do I renew it?"]) is None
    assert seen.reason(["how do i RENEW it!!"]) == "duplicate"


def test_one_changed_word_in_a_long_prompt_is_a_near_duplicate() -> None:
    seen = Duplicates()
    assert seen.reason([LONG]) is None
    assert seen.reason([LONG.replace("along", "too")]) == "near_duplicate"


def test_another_topic_in_the_same_short_question_is_no_duplicate() -> None:
    seen = Duplicates()
    assert seen.reason(["how do I renew my loan?"]) is None
    assert seen.reason(["how do I cancel my order?"]) is None


def test_turns_are_compared_together() -> None:
    seen = Duplicates()
    assert seen.reason(["how do I renew my loan?", "and when?"]) is None
    assert seen.reason(["how do I renew my loan? and when?"]) == "duplicate"


def test_a_prompt_without_words_does_not_break_it() -> None:
    assert Duplicates().reason(["🙏🙏"]) is None


def test_prompts_are_found_again_among_thousands() -> None:
    """Those seen lately and those that were sorted away since."""
    seen = Duplicates()
    texts = [" ".join(f"w{(n * 7_919 + i * i * 31) % 2_003}" for i in range(20)) for n in range(1_300)]
    assert [seen.reason([text]) for text in texts] == [None] * len(texts)
    for text in texts[::100]:
        assert seen.reason([text]) == "duplicate"
        assert seen.reason([f"{text} please"]) == "near_duplicate"
