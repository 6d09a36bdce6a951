"""A book of rules asks each only about texts that can hold its values, and no text makes it slow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.pii.learning.formats import LearnedShape, LearnedShapes
from harness.pii.patterns.books import RULES, STRICT
from harness.pii.patterns.rules import Facts, Rule, RuleBook, digits_of, one_of, pattern
from harness.pii.patterns.secrets import WHOLE_TEXT_RULES

NUMBER = Rule(entity="ID", pattern=pattern(r"\d+(?:[ ]to[ ]\d+)?"), score=0.5, digits=2)
NAMED = Rule(entity="ID", pattern=pattern(r"code[ ](\w+)"), group=1, score=0.5, words=frozenset(("code",)))


def values(rule: Rule, text: str) -> list[str]:
    return [text[span.start : span.end] for span in RuleBook([rule]).find(Facts.of(text))]


def test_a_rule_is_asked_only_about_texts_with_its_digits_and_words() -> None:
    assert values(NUMBER, "a 1") == []
    assert values(NUMBER, "a 12") == ["12"]
    assert values(NAMED, "Code abc") == ["abc"]
    assert values(NAMED, "codes abc") == []


def test_what_a_refused_match_hides_is_found() -> None:
    picky = Rule(
        entity="ID", pattern=NUMBER.pattern, score=0.5, accepts=lambda value, _before, _after: "to" not in value
    )
    assert values(picky, "for 3 to 240") == ["240"]


def test_an_accepted_value_is_extended_by_what_belongs_to_it() -> None:
    longer = Rule(entity="ID", pattern=NUMBER.pattern, score=0.5, extend=lambda text, _end: len(text.rstrip()))
    assert values(longer, "no 12 b ") == ["12 b"]


def test_a_check_is_told_what_stands_around_a_value() -> None:
    told: list[tuple[str, str, str]] = []

    def accept(value: str, before: str, after: str) -> bool:
        told.append((value, before, after))
        return True

    rule = Rule(entity="ID", pattern=pattern(r"\d+"), score=0.5, accepts=accept)
    assert values(rule, "a 12 b") == ["12"]
    assert told == [("12", "a ", " b")]


def reasons(rule: Rule, text: str) -> list[str]:
    return [span.why for span in rule.find(Facts.of(text))]


def test_a_value_says_what_it_is_known_by_and_which_word_led_to_it() -> None:
    named = Rule(entity="ID", pattern=NAMED.pattern, group=1, score=0.5, words=frozenset(("code",)), why="labelled")
    assert reasons(named, "my Code abc") == ["labelled, context word 'code'"]
    held = Rule(entity="ID", pattern=NAMED.pattern, group=1, score=0.5, holds=("co", "cod"), why="labelled")
    assert reasons(held, "my code abc") == ["labelled, context word 'co'"]
    beside = Rule(entity="ID", pattern=pattern(r"\d+"), score=0.5, words=frozenset(("bsn", "sin")), why="number")
    assert reasons(beside, "BSN 12") == ["number, context word 'bsn'"]
    assert reasons(NUMBER, "a 12") == ["written as such a value is"]


def test_what_a_check_refuses_can_be_asked_for() -> None:
    even = Rule(
        entity="ID", pattern=pattern(r"\d+"), score=0.5, accepts=lambda v, _before, _after: int(v) % 2 == 0, why="even"
    )
    refused = RuleBook([even, NUMBER]).refused(Facts.of("12 and 13"))
    assert [(span.start, span.end, span.why) for span in refused] == [(7, 9, "even")]


@given(st.text(max_size=120))
def test_every_value_has_a_reason_that_quotes_only_words_of_the_rules(text: str) -> None:
    told = {word for rule in RULES for word in (*rule.words, *getattr(rule, "holds", ()))}
    for span in STRICT.find(Facts.of(text)):
        assert span.why
        quoted = span.why.partition("context word '")[2].removesuffix("'")
        assert not quoted or any(quoted in word for word in told) or span.why.startswith(span.entity)


@given(st.text(max_size=120))
def test_the_book_finds_what_its_rules_find_alone(text: str) -> None:
    facts = Facts.of(text)
    alone = sorted((s.start, s.end, s.entity) for rule in RULES for s in rule.find(facts))
    assert sorted((s.start, s.end, s.entity) for s in STRICT.find(facts)) == alone


@pytest.mark.parametrize(
    "piece",
    ["1 ", "12 ", "DE89", "DE89 ", "a.b@", "a at ", "a dot ", "one ", "A1-", "12 main ", "account number is ", "password is a ", "* ", "xx-", "1 and ",
     "card 1 ", "iban a1 ", "born a ", "12 Aa Aa ", "pass=", "a=b;", "user id = a;", "https://a/orders/", "N 1° ", "1 a apt ", "seed phrase is abc ", "٣"],
)  # fmt: skip
def test_a_hostile_window_is_read_in_time(piece: str) -> None:
    """A pattern that backtracks would take minutes for one of these: the suite's time limit ends the test then."""
    STRICT.find(Facts.of((piece * 8_192)[:8_192]))


def test_phrases_and_digits_are_read_as_said() -> None:
    assert pattern(one_of("a a_b")).findall("a  b, a") == ["a  b", "a"]
    assert digits_of("٣-4 x") == "34"


def test_every_recognizer_says_why() -> None:
    unsaid = [
        rule.pattern.pattern if isinstance(rule, Rule) else rule
        for rule in (*RULES, *WHOLE_TEXT_RULES, *_LEARNED.rules())
        if not getattr(rule, "why", "")
    ]
    assert unsaid == []


_LEARNED = LearnedShapes((LearnedShape(form="A{2,2}-9{5,5}", shortest=8, longest=8),))
