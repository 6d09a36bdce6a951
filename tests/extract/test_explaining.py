"""Explanations: what would be removed, and why in words."""

import orjson
import pytest

from extract.explaining import explain
from harness.pii import PiiDetector, PiiSpan
from harness.pii.detector import detector
from harness.pii.redaction import SessionRedactor
from harness.pii.registry import KnownRegistry
from tests.extract.finders import Finder


@pytest.fixture
def strict() -> PiiDetector:
    return detector("strict")


@pytest.mark.parametrize(
    ("text", "entity", "source", "words"),
    [
        ("my card is 4111 1111 1111 1111", "CREDIT_CARD", "pattern", "Luhn checksum holds"),
        ("refund to DE89 3704 0044 0532 0130 00", "IBAN_CODE", "pattern", "mod-97"),
        ("write to o.ferncastle@mail.example", "EMAIL_ADDRESS", "pattern", "form of an e-mail"),
        ("my name is ottoline ferncastle", "PERSON", "tagger", "% sure"),
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
    registry = KnownRegistry(["Zorblat Quuxbury Nine"])
    explained = explain("it was zorblat quuxbury nine who asked", strict, registry=registry)
    assert any(s.source == "known value" for each in explained.found for s in each.evidence)
    assert "quuxbury" not in explained.redacted


def test_what_only_a_configured_recognizer_finds_is_said_to_be_its() -> None:
    def please(text: str) -> list[PiiSpan]:
        at = text.index("please")
        return [PiiSpan(start=at, end=at + 6, entity="COMPANY_CODE", score=0.7)]

    (only,) = explain("answer please", Finder(please)).found
    assert only.evidence[0].source == "configured"


def test_nothing_personal_needs_no_explanation(strict: PiiDetector) -> None:
    explained = explain("how long does a transfer take", strict)
    assert (explained.redacted, explained.found) == ("how long does a transfer take", ())


def test_an_explanation_is_json(strict: PiiDetector) -> None:
    values = orjson.loads(orjson.dumps(explain("card 4111 1111 1111 1111", strict).to_dict()))
    assert values["redacted"] == "card <CREDIT_CARD_1>"
    assert values["found"][0]["evidence"][0]["reason"]
