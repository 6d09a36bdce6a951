"""Explanations: what would be removed, and why in words."""

import orjson
import pytest

from extract.explaining import explain
from harness.pii import PiiDetector, PiiSpan
from harness.pii.detector import detector
from harness.pii.known.registry import KnownRegistry
from harness.pii.redaction import SessionRedactor
from tests.extract.finders import Finder


@pytest.fixture
def strict() -> PiiDetector:
    return detector("strict")


@pytest.mark.parametrize(
    ("text", "entity", "source", "words"),
    [
        ("my card is 4111 1111 1111 1111", "CREDIT_CARD", "pattern", "Luhn-valid card number"),
        ("refund to DE89 3704 0044 0532 0130 00", "IBAN_CODE", "pattern", "IBAN checksum (mod 97) holds"),
        ("write to o.ferncastle@mail.example", "EMAIL_ADDRESS", "pattern", "written as an e-mail address"),
        ("my name is ottoline ferncastle", "PERSON", "tagger", "looks like the name of a person"),
        ("my ssn is 078-05-1120", "US_SSN", "pattern", "US SSN format"),
        ("it is ssn 078 051120", "US_SSN", "pattern", "context word 'ssn'"),
        ("meu cpf 111.444.777-35", "BR_CPF", "pattern", "BR_CPF format, check digits"),
    ],
)
def test_a_value_is_explained_by_what_found_it(
    strict: PiiDetector, text: str, entity: str, source: str, words: str
) -> None:
    found = explain(text, strict).found
    said = [s for each in found for s in each.evidence if s.entity == entity and s.source == source]
    assert any(words in s.reason for s in said)


def test_the_text_is_redacted_as_the_sanitizer_would(strict: PiiDetector) -> None:
    text = "i am ottoline ferncastle, card 4111 1111 1111 1111. ottoline wants it back"
    assert explain(text, strict).redacted == SessionRedactor(strict).redact_all([text])[0]
    assert "ttoline" not in explain(text, strict).redacted


def test_every_value_has_a_reason_and_stands_where_it_is_said_to(strict: PiiDetector) -> None:
    text = "Dear team, Ottoline Ferncastle, 14 Quillfeather Lane, +44 7700 900123, order 77-123456, 203.0.113.9"
    explained = explain(text, strict)
    assert explained.found
    for each in explained.found:
        assert text[each.start : each.end] == each.value
        assert each.evidence
        assert [s.score for s in each.evidence] == sorted((s.score for s in each.evidence), reverse=True)


def test_known_values_are_named_as_such(strict: PiiDetector) -> None:
    registries = {"contact.name": KnownRegistry(["Zorblat Quuxbury Nine"]), "tag": KnownRegistry(["Vwx 88123"])}
    explained = explain("it was zorblat quuxbury nine who asked", strict, registries=registries)
    said = [s.reason for each in explained.found for s in each.evidence if s.source == "known value"]
    assert said == ["in a user's profile: contact.name"]
    assert "quuxbury" not in explained.redacted


def test_a_conversation_is_explained_turn_by_turn(strict: PiiDetector) -> None:
    text = "assistant: what is your name?\nuser: brindlewick\nUser: card 4111 1111 1111 1111\nassistant: thanks\n"
    explained = explain(text, strict)
    assert explained.redacted == (
        "assistant: what is your name?\nuser: <PERSON_1>\nUser: card <CREDIT_CARD_1>\nassistant: thanks\n"
    )
    name, card = explained.found
    assert (text[name.start : name.end], text[card.start : card.end]) == ("brindlewick", "4111 1111 1111 1111")
    assert "given as the answer to a question for a name" in [said.reason for said in name.evidence]


def test_a_colon_alone_makes_no_conversation(strict: PiiDetector) -> None:
    text = "hi, my login is\nuser: ferncastle_88"
    assert explain(text, strict).redacted == "hi, my login is\nuser: <ID_1>"


def test_what_is_looked_at_and_left_is_named_with_the_check_that_refused_it(strict: PiiDetector) -> None:
    (left,) = explain("the firmware is version 4.0.19.2 since", strict).left
    assert (left.value, left.entity, left.reason) == ("4.0.19.2", "IP_ADDRESS", "valid IPv4 address")
    assert explain("from 203.0.113.9", strict).left == ()


def test_of_two_that_are_equally_sure_the_one_that_explains_more_comes_first(strict: PiiDetector) -> None:
    (only,) = explain("refund to DE89 3704 0044 0532 0130 00", strict).found
    assert only.evidence[0].reason == "IBAN checksum (mod 97) holds"


def test_what_only_a_configured_recognizer_finds_is_said_to_be_its() -> None:
    def please(text: str) -> list[PiiSpan]:
        at = text.index("please")
        return [PiiSpan(start=at, end=at + 6, entity="COMPANY_CODE", score=0.7, why="recognizer Codes 0.70")]

    (only,) = explain("answer please", Finder(please)).found
    assert (only.evidence[0].source, only.evidence[0].reason) == ("configured", "recognizer Codes 0.70")


def test_nothing_personal_needs_no_explanation(strict: PiiDetector) -> None:
    explained = explain("how long does a transfer take", strict)
    assert (explained.redacted, explained.found) == ("how long does a transfer take", ())


def test_an_explanation_is_json(strict: PiiDetector) -> None:
    values = orjson.loads(orjson.dumps(explain("card 4111 1111 1111 1111", strict).to_dict()))
    assert values["redacted"] == "card <CREDIT_CARD_1>"
    assert values["found"][0]["evidence"][0]["reason"]
