"""Our detector in the user's Presidio: its engine, its batches, its configuration files, its anonymizer."""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import spacy
from presidio_analyzer import (
    AnalyzerEngine,
    BatchAnalyzerEngine,
    Pattern,
    PatternRecognizer,
    RecognizerRegistry,
    RecognizerResult,
)
from presidio_analyzer.nlp_engine import SpacyNlpEngine
from presidio_analyzer.recognizer_registry import RecognizerRegistryProvider

from harness.errors import UsageError
from harness.pii.detector import detector
from harness.pii.patterns import nationals
from harness.pii.patterns.books import RULES
from harness.pii.presidio.blank_nlp import BlankNlpEngine
from harness.pii.presidio.operators import PlaceholderOperator
from harness.pii.presidio.recognizer import ENTITIES, ReverseRagRecognizer, analyzer
from harness.pii.redaction import SessionRedactor

TEXT = "Hi, I am Marit Okoro, mail marit.okoro@mail.example or use card 4111 1111 1111 1111"
VALUES = {
    "PERSON": "Marit Okoro",
    "EMAIL_ADDRESS": "marit.okoro@mail.example",
    "CREDIT_CARD": "4111 1111 1111 1111",
}
BADGE = PatternRecognizer("BADGE", patterns=[Pattern("badge", r"\bQX\d{4}\b", 0.2)], context=["badge"])


def values(text: str, results: Sequence[Any]) -> dict[str, str]:
    return {result.entity_type: text[result.start : result.end] for result in results}


def test_presidio_finds_what_we_find() -> None:
    engine = AnalyzerEngine(registry=RecognizerRegistry([ReverseRagRecognizer()]), nlp_engine=BlankNlpEngine())
    assert values(TEXT, engine.analyze(TEXT, language="en")) == VALUES


def test_presidios_own_blank_engine_does_as_well() -> None:
    nlp = SpacyNlpEngine()
    nlp.nlp = {"en": spacy.blank("en")}
    engine = AnalyzerEngine(registry=RecognizerRegistry([ReverseRagRecognizer()]), nlp_engine=nlp)
    assert values(TEXT, engine.analyze(TEXT, language="en")) == VALUES


def test_results_say_who_found_them_and_why() -> None:
    recognizer = ReverseRagRecognizer()
    engine = AnalyzerEngine(registry=RecognizerRegistry([recognizer]), nlp_engine=BlankNlpEngine())
    results = engine.analyze(TEXT, language="en", return_decision_process=True)
    for result in results:
        assert result.recognition_metadata == {
            RecognizerResult.RECOGNIZER_NAME_KEY: "ReverseRagRecognizer",
            RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: recognizer.id,
        }
        assert result.analysis_explanation.score == result.score
        assert result.entity_type in result.analysis_explanation.textual_explanation
        assert "Marit" not in str(result.analysis_explanation)
    said = {r.entity_type: r.analysis_explanation.textual_explanation for r in results}
    assert said["CREDIT_CARD"] == "CREDIT_CARD: Luhn-valid card number (operating point: strict)"
    assert said["PERSON"].startswith("PERSON: tagger 0.")


def test_only_the_entities_asked_for_are_found() -> None:
    results = analyzer().analyze(TEXT, language="en", entities=["PERSON", "CREDIT_CARD"])
    assert values(TEXT, results) == {kind: VALUES[kind] for kind in ("PERSON", "CREDIT_CARD")}


def test_a_recognizer_of_some_entities_finds_no_others() -> None:
    engine = AnalyzerEngine(
        registry=RecognizerRegistry([ReverseRagRecognizer(["EMAIL_ADDRESS"])]), nlp_engine=BlankNlpEngine()
    )
    assert list(values(TEXT, engine.analyze(TEXT, language="en"))) == ["EMAIL_ADDRESS"]


def test_presidios_threshold_and_allow_list_apply() -> None:
    results = analyzer().analyze(TEXT, language="en", score_threshold=1.0, allow_list=["4111 1111 1111 1111"])
    assert list(values(TEXT, results)) == ["EMAIL_ADDRESS"]


def test_any_language_may_be_named() -> None:
    engine = analyzer(languages=("de", "xx"))
    assert values(TEXT, engine.analyze(TEXT, language="de")) == VALUES
    assert values(TEXT, engine.analyze(TEXT, language="xx")) == VALUES


def test_known_values_are_found_in_all_their_variants() -> None:
    recognizer = ReverseRagRecognizer(known=["Benedikta Larsson"])
    assert values("ask benedikta", recognizer.analyze("ask benedikta")) == {"PERSON": "benedikta"}


def test_the_precise_point_passes_over_what_is_only_likely() -> None:
    assert "PERSON" not in values("I am Marit Okoro", ReverseRagRecognizer(point="precise").analyze("I am Marit Okoro"))


def test_what_the_list_of_entities_lacks_is_found_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list is Presidio's to show; a new rule's type must not fall between the two."""
    monkeypatch.setattr("harness.pii.presidio.recognizer.ENTITIES", ("PERSON",))
    recognizer = ReverseRagRecognizer()
    assert values(TEXT, recognizer.analyze(TEXT, ["PERSON", "OTHER"])) == VALUES
    assert list(values(TEXT, recognizer.analyze(TEXT, ["OTHER"]))) == []


def test_the_list_of_entities_is_what_the_rules_find() -> None:
    found = {rule.entity for rule in RULES if hasattr(rule, "entity")}
    found |= {kind.entity for kind in vars(nationals).values() if isinstance(kind, nationals.NationalId)}
    found |= {kind.entity for kind in nationals._KINDS}
    assert found <= set(ENTITIES)


def test_batches_are_prepared_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tagger takes a fraction of the time a text that it takes alone."""
    asked: list[int] = []
    engine = analyzer()
    tagger = detector("strict")._tagger  # type: ignore[attr-defined]
    find = tagger.find

    def counted(texts: Sequence[str]) -> Any:
        asked.append(len(texts))
        return find(texts)

    monkeypatch.setattr(tagger, "find", counted)
    texts = [f"{TEXT} and the reference of this batch is {number}" for number in range(40)]
    results = BatchAnalyzerEngine(engine).analyze_iterator(texts, language="en")
    assert asked == [40]
    assert [values(text, found)["PERSON"] for text, found in zip(texts, results, strict=True)] == ["Marit Okoro"] * 40
    assert values(texts[7], results[7]) == values(texts[7], engine.analyze(texts[7], language="en"))


def test_batches_of_records_work_too() -> None:
    found = list(BatchAnalyzerEngine(analyzer()).analyze_dict({"note": [TEXT, "nothing"], "age": 42}, language="en"))
    assert values(TEXT, found[0].recognizer_results[0]) == VALUES
    assert found[0].recognizer_results[1] == []


def test_the_blank_engine_gives_context_to_other_recognizers() -> None:
    """With spaCy's blank models, context words have no effect."""
    engine = analyzer(recognizers=[BADGE])
    (near,) = engine.analyze("the number on my badge: QX1234", language="en", entities=["BADGE"])
    (far,) = engine.analyze("the number is QX1234", language="en", entities=["BADGE"])
    assert (near.score, far.score) == (pytest.approx(0.55), 0.2)


def test_the_blank_engine_gives_tokens_as_spacy_does() -> None:
    artifacts = BlankNlpEngine().process_text("Pay 12 now, please", "en")
    assert [token.text for token in artifacts.tokens if token.like_num] == ["12"]
    assert artifacts.tokens_indices == [0, 4, 7, 10, 12]
    assert artifacts.keywords == ["pay", "12", "now", "please"]
    assert artifacts.entities == []


def test_the_blank_engine_keeps_contexts_of_tuples_beside_their_texts() -> None:
    rows = BlankNlpEngine().process_batch([("one", 1), ("two", 2)], language="en", as_tuples=True)
    assert [(text, context) for text, _, context in rows] == [("one", 1), ("two", 2)]


def test_the_blank_engine_does_not_grow_with_the_words_it_sees(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = BlankNlpEngine()
    monkeypatch.setattr("harness.pii.presidio.blank_nlp._MOST_STRINGS", len(engine._words.vocab.strings) + 50)
    for number in range(500):
        engine.words(f"word{number}")
    assert len(engine._words.vocab.strings) < 2_000


def test_presidios_registry_file_can_name_our_recognizer(tmp_path: Path) -> None:
    """Presidio finds classes by their names once they are imported."""
    path = tmp_path / "registry.yaml"
    path.write_text(
        "supported_languages: [en, de]\n"
        "recognizers:\n"
        "  - name: chat\n"
        "    class_name: ReverseRagRecognizer\n"
        "    type: predefined\n"
    )
    registry = RecognizerRegistryProvider(conf_file=path).create_recognizer_registry()
    assert [(one.name, one.supported_language) for one in registry.recognizers] == [("chat", "en"), ("chat", "de")]
    engine = AnalyzerEngine(registry, BlankNlpEngine(("en", "de")), supported_languages=["en", "de"])
    assert values(TEXT, engine.analyze(TEXT, language="de")) == VALUES


def test_the_operator_gives_one_value_one_placeholder() -> None:
    session = SessionRedactor()
    operator = PlaceholderOperator()

    def operate(entity: str, value: str) -> str:
        params = {"session": session, "entity_type": entity}
        operator.validate(params)
        return operator.operate(value, params)

    assert operate("PERSON", "Marit Okoro") == "<PERSON_1>"
    assert operate("PERSON", "Ben Sato") == "<PERSON_2>"
    assert operate("PERSON", "marit") == "<PERSON_1>"
    assert operate("PHONE_NUMBER", "+44 20 7946 0000") == operate("PHONE_NUMBER", "+442079460000") == "<PHONE_NUMBER_1>"


def test_the_operator_wants_a_session() -> None:
    with pytest.raises(UsageError, match="SessionRedactor"):
        PlaceholderOperator().validate({"entity_type": "PERSON"})


def test_presidios_anonymizer_runs_the_operator() -> None:
    anonymizer: Any = import_module("presidio_anonymizer")
    engine = anonymizer.AnonymizerEngine()
    engine.add_anonymizer(PlaceholderOperator)
    session = anonymizer.entities.OperatorConfig("placeholder", {"session": SessionRedactor()})
    found = analyzer()

    def anonymized(text: str) -> str:
        results = found.analyze(text, language="en")
        return str(engine.anonymize(text, results, operators={"DEFAULT": session}).text)

    assert anonymized("I am Marit Okoro, marit.okoro@mail.example") == "I am <PERSON_1>, <EMAIL_ADDRESS_1>"
    assert anonymized("Marit Okoro again, and my wife is Ben Sato") == "<PERSON_1> again, and my wife is <PERSON_2>"
