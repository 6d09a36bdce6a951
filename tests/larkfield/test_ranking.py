import pytest
from hypothesis import given
from hypothesis import strategies as st

from larkfield.ranking import Ranking, terms, words
from larkfield.retrieval import Search
from larkfield.spelling import Spelling

VOCABULARY = ["overdraft", "mortgage", "transfer", "balance", "card"]


def test_words_lose_case_accents_and_apostrophes() -> None:
    assert words("Can't pay in Köln, straße?") == ["cant", "pay", "in", "koln", "strasse"]


def test_terms_leave_out_words_without_meaning_and_cut_endings() -> None:
    assert terms("How do I transfer money?") == terms("the transfers of money")


def test_a_rare_word_counts_more_than_a_frequent_one() -> None:
    ranking = Ranking([["card", "fee"], ["card", "pin"], ["card", "limit"]])
    scores = ranking.scores(["card", "pin"])
    assert max(scores, key=lambda number: scores[number]) == 1
    assert ranking.idf("pin") > ranking.idf("card")


def test_a_text_without_any_term_of_the_query_has_no_score() -> None:
    assert Ranking([["card"], ["loan"]]).scores(["loan", "unknown"]).keys() == {1}


def test_a_long_text_is_held_back() -> None:
    scores = Ranking([["pin", "card"], ["pin", *["word"] * 30]]).scores(["pin"])
    assert scores[0] > scores[1]


@pytest.mark.parametrize("typed", ["overdaft", "overdrfat", "overdraaft", "overdratt"])
def test_one_wrong_letter_is_forgiven(typed: str) -> None:
    assert Spelling(VOCABULARY).corrected(typed) == "overdraft"


@pytest.mark.parametrize("typed", ["vverdraft", "cart", "zebra", "x1234567"])
def test_other_words_short_words_and_numbers_stay_as_they_are(typed: str) -> None:
    assert Spelling(VOCABULARY).corrected(typed) == typed


@given(st.sampled_from([word for word in VOCABULARY if len(word) > 6]), st.data())
def test_any_single_letter_may_be_missing_but_the_first(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(1, len(word) - 1))
    assert Spelling(VOCABULARY).corrected(word[:at] + word[at + 1 :]) == word


def test_search_finds_the_passage_of_a_topic_and_nothing_for_other_topics() -> None:
    search = Search()
    assert search.find(search.query("how do I freeze my card"))[0].passage.passage_id == "freeze-card"
    assert search.find(search.query("who wrote the moonlight sonata")) == ()
    assert search.find(search.query("my card")) == ()
