"""The user's Presidio recognizers in our pass: they find, and where they cannot, nothing passes silently."""

import textwrap
from pathlib import Path

import pytest
from presidio_analyzer import Pattern, PatternRecognizer

from harness.errors import ConfigurationError, RecognizerError
from harness.pii.interface import RecognizerSource
from harness.pii.presidio.custom import CustomRecognizers
from harness.pii.presidio.sources import load_recognizers
from harness.pii.setup import DetectorSetup

MODULE = """
from presidio_analyzer import EntityRecognizer, Pattern, PatternRecognizer, RecognizerResult, RemoteRecognizer

class Badge(PatternRecognizer):
    def __init__(self):
        super().__init__("BADGE", patterns=[Pattern("badge", r"QX\\d{4}", 0.6)])

class Numbers(EntityRecognizer):
    # As in Presidio's own tutorial: rules over tokens.
    def __init__(self):
        super().__init__(["Room No. 2"])
    def load(self):
        pass
    def analyze(self, text, entities, nlp_artifacts):
        return [RecognizerResult("Room No. 2", token.idx, token.idx + len(token.text), 0.7)
                for token in nlp_artifacts.tokens if token.like_num]

class Broken(Numbers):
    def analyze(self, text, entities, nlp_artifacts):
        raise ValueError("cannot read " + text)

class Outside(Numbers):
    def analyze(self, text, entities, nlp_artifacts):
        return [RecognizerResult("ROOM", 0, len(text) + 1, 0.9)]

class Silent(Numbers):
    def analyze(self, text, entities, nlp_artifacts):
        return None

class Needy(Numbers):
    def __init__(self, model):
        super().__init__()

class Remote(RemoteRecognizer):
    def __init__(self):
        super().__init__(["ROOM"], "Remote", "en", "1")
    def load(self):
        pass
    def analyze(self, text, entities, nlp_artifacts):
        return []
    def get_supported_entities(self):
        return ["ROOM"]

badge = Badge()
plain = object()

def several():
    return [Badge(), Numbers()]

def none():
    return []
"""

YAML = """
recognizers:
  - name: Staff
    supported_language: de
    supported_entity: PERSON
    deny_list: [Brunhilde, Zebedee]
  - name: Locker
    supported_languages: [en]
    supported_entity: LOCKER
    context: [locker]
    patterns:
      - {name: weak, regex: '\\b\\d{5}\\b', score: 0.01}
  - UsBankRecognizer
"""


@pytest.fixture(autouse=True)
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An importable package of the user's."""
    package = tmp_path / "larch_recognizers"
    package.mkdir()
    (package / "__init__.py").write_text(textwrap.dedent(MODULE))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(__import__("sys").modules, "larch_recognizers", raising=False)


def custom(*names: str, threshold: float = 0.3) -> CustomRecognizers:
    sources = [RecognizerSource(f"larch_recognizers:{name}") for name in names]
    return CustomRecognizers(load_recognizers(sources, threshold=threshold), threshold=threshold)


def from_yaml(text: str, *, threshold: float = 0.3) -> CustomRecognizers:
    source = RecognizerSource("recognizers.yaml", text)
    return CustomRecognizers(load_recognizers([source], threshold=threshold), threshold=threshold)


def found(finder: CustomRecognizers, text: str) -> list[tuple[str, str]]:
    return [(span.entity, text[span.start : span.end]) for span in finder.find([text])[0]]


def test_classes_instances_and_functions_give_recognizers() -> None:
    text = "badge QX1234, room 12"
    assert found(custom("Badge"), text) == [("BADGE", "QX1234")]
    assert found(custom("badge"), text) == [("BADGE", "QX1234")]
    assert found(custom("several"), text) == [("BADGE", "QX1234"), ("ROOM_NO", "12")]


def test_types_become_what_placeholders_can_carry() -> None:
    """``Room No. 2`` is no type that ``<TYPE_1>`` could be read from again."""
    assert [span.entity for span in custom("Numbers").find(["room 12"])[0]] == ["ROOM_NO"]


def test_many_texts_are_looked_at_in_order() -> None:
    assert [len(spans) for spans in custom("Badge").find(["QX1234", "", " ", "QX1 QX2345 QX3456"])] == [1, 0, 0, 2]


def test_a_recognizer_that_finds_nothing_may_say_so_with_nothing() -> None:
    assert found(custom("Silent"), "room 12") == []


@pytest.mark.parametrize(("name", "kind"), [("Broken", "ValueError"), ("Outside", "ValueError")])
def test_a_recognizer_that_fails_fails_the_text_and_is_named_without_it(name: str, kind: str) -> None:
    with pytest.raises(RecognizerError) as caught:
        custom("Badge", name).find(["I am Marit"])
    assert name in str(caught.value)
    assert kind in str(caught.value)
    assert "Marit" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_a_pattern_that_takes_too_long_fails_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Presidio logs a warning and returns what it has: text that was not looked at would pass as clean."""
    monkeypatch.setattr("presidio_analyzer.pattern_recognizer.REGEX_TIMEOUT_SECONDS", 0.05)
    slow = RecognizerSource(
        "slow.yaml",
        "recognizers: [{name: Slow, supported_entity: SLOW, patterns: [{name: s, regex: '(a|aa)+(b|bb)+$', score: 1}]}]",
    )
    finder = CustomRecognizers(load_recognizers([slow], threshold=0.3), threshold=0.3)
    assert found(finder, "aab") == [("SLOW", "aab")]
    with pytest.raises(RecognizerError, match="Slow"):
        finder.find(["a" * 200 + "c"])


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("larch_recognizers", "neither"),
        ("larch_recognizers:Nothing", "cannot be imported"),
        ("no_such_package:Badge", "cannot be imported"),
        ("larch_recognizers:plain", "no recognizer"),
        ("larch_recognizers:none", "no recognizer"),
        ("larch_recognizers:Needy", "without arguments"),
        ("larch_recognizers:Remote", "sends texts to a server"),
    ],
)
def test_what_is_no_usable_recognizer_is_refused(name: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says) as caught:
        load_recognizers([RecognizerSource(name)], threshold=0.3)
    assert name.partition(":")[2] in str(caught.value)


def test_presidios_yaml_gives_recognizers() -> None:
    """Presidio alone would pass over it all: a list without a score, a language not listed, a bare name."""
    finder = from_yaml(YAML)
    assert found(finder, "ask brunhilde about it") == [("PERSON", "brunhilde")]
    assert found(finder, "my bank account is 945456787654") == [("US_BANK_NUMBER", "945456787654")]


def test_a_weak_pattern_counts_where_its_context_words_stand() -> None:
    finder = from_yaml(YAML)
    assert found(finder, "the key of my Locker: 12345") == [("LOCKER", "12345")]
    assert found(finder, "that cost 12345 in all") == []


def test_what_could_never_reach_the_threshold_is_refused() -> None:
    """Silence would look like cleanliness."""
    weak = YAML.replace("context: [locker]", "context: []")
    with pytest.raises(ConfigurationError, match=r"'Locker' reaches a score of 0\.01 at most"):
        from_yaml(weak)
    assert found(from_yaml(weak, threshold=0.0), "that cost 12345 in all")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("recognizers: [", "line 1: not valid YAML"),
        ("[]", "no list 'recognizers'"),
        ("recognizers: []", "must contain at least one"),
        ("recognizers: [{name: Odd, type: custom, deny_list: [Marit]}]", "supported_entity"),
        ("recognizers: [{name: NoSuchRecognizer}]", "NoSuchRecognizer"),
        (
            "recognizers: [{name: X, supported_entity: X, patterns: [{name: p, regex: '(', score: 1}]}]",
            "Presidio refuses",
        ),
        ("recognizers: [SpacyRecognizer]", "spacy:NAME"),
        ("recognizers: [AzureAILanguageRecognizer]", "sends texts to a server"),
    ],
)
def test_yaml_that_gives_no_recognizers_is_refused(text: str, says: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        from_yaml(text)
    said = f"{caught.value} {caught.value.hint}"
    assert says in said
    assert "recognizers" in said
    assert "Marit" not in said


def test_presidios_email_recognizer_asks_no_network() -> None:
    """It would fetch the list of public suffixes with its first address."""
    from tldextract import tldextract

    finder = from_yaml("recognizers: [EmailRecognizer]")
    assert tldextract.TLD_EXTRACTOR.suffix_list_urls == ()
    assert found(finder, "mail marit@mail.com now") == [("EMAIL_ADDRESS", "marit@mail.com")]


def test_presidio_itself_passes_over_slow_patterns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Holds the reason for our own time-outs; if it fails, Presidio has changed and they may go."""
    monkeypatch.setattr("presidio_analyzer.pattern_recognizer.REGEX_TIMEOUT_SECONDS", 0.05)
    slow = PatternRecognizer("SLOW", patterns=[Pattern("s", "(a|aa)+(b|bb)+$", 1.0)])
    assert slow.analyze("a" * 200 + "c", ["SLOW"]) == []


def test_the_strict_detector_runs_them_in_its_pass() -> None:
    setup = DetectorSetup(recognizers=(RecognizerSource("larch_recognizers:Numbers"),))
    text = "I am Marit Okoro, put me in 12"
    detector = setup.detector()
    detector.prepare([text])
    spans = detector.find(text)
    assert [(span.entity, text[span.start : span.end]) for span in spans] == [
        ("PERSON", "Marit Okoro"),
        ("ROOM_NO", "12"),
    ]


def test_the_strict_detector_fails_with_them() -> None:
    """The stage quarantines a session whose text raises."""
    setup = DetectorSetup(recognizers=(RecognizerSource("larch_recognizers:Broken"),))
    with pytest.raises(RecognizerError, match="Broken"):
        setup.detector().find("I am Marit Okoro")
