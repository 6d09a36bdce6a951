"""The detector that ``[extract.pii]`` configures: the shipped one by default, the same in every process."""

import pickle
from pathlib import Path
from typing import Any

import pytest
import spacy

from harness.config import Settings, load_settings
from harness.errors import ConfigurationError
from harness.pii.detector import detector
from harness.pii.learning.formats import LearnedShape, LearnedShapes
from harness.pii.setup import DetectorSetup, configured_detector
from harness.storage import Storage
from pipeline.diagnosis import Finding, examine

TEXT = "Hi Aria, I am Marit Okoro, write to aria@mail.example"


def settings(folder: Path, pii: str) -> Settings:
    file = folder / "reverse-rag.toml"
    file.write_text(f"[extract.pii]\n{pii}\n")
    return load_settings(file, env={})


def found(setup: DetectorSetup, text: str, **more: Any) -> list[tuple[str, str]]:
    return [(span.entity, text[span.start : span.end]) for span in setup.detector().find(text, **more)]


def test_without_configuration_it_is_the_strict_detector_itself() -> None:
    """So that all of them share one engine and its memory of repeated texts."""
    assert configured_detector(Settings()) is detector("strict")


def test_the_same_configuration_gives_the_same_detector(tmp_path: Path) -> None:
    chosen = settings(tmp_path, 'keep = ["Aria"]')
    assert configured_detector(chosen) is configured_detector(chosen)


def test_another_process_makes_the_same_detector(tmp_path: Path) -> None:
    """A setup travels to workers; files beside the configuration need not be there."""
    recognizers = tmp_path / "recognizers.yaml"
    recognizers.write_text("recognizers: [{name: Q, supported_entity: QUAY, deny_list: [quay nine]}]")
    chosen = settings(tmp_path, 'keep = ["Aria"]\nrecognizers = ["recognizers.yaml"]')
    sent = pickle.dumps(DetectorSetup.of(chosen))
    recognizers.unlink()
    received: DetectorSetup = pickle.loads(sent)  # noqa: S301 - made three lines above
    assert found(received, "meet me at Quay Nine") == [("QUAY", "Quay Nine")]


def test_kept_words_stay_and_certain_values_do_not(tmp_path: Path) -> None:
    setup = DetectorSetup.of(settings(tmp_path, 'keep = ["Aria", "Marit"]'))
    assert found(setup, TEXT) == [("PERSON", "Marit Okoro"), ("EMAIL_ADDRESS", "aria@mail.example")]
    assert ("PERSON", "Aria") in found(setup, TEXT, known=("Aria Lindqvist",))


def test_kept_words_make_a_difference(tmp_path: Path) -> None:
    text = "Hello, this is Marit Okoro speaking"
    assert found(DetectorSetup(), text) == [("PERSON", "Marit Okoro")]
    assert found(DetectorSetup(keep=("marit okoro",)), text) == []


def test_without_a_tagger_patterns_still_find() -> None:
    assert found(DetectorSetup(taggers=()), "card 4111 1111 1111 1111") == [("CREDIT_CARD", "4111 1111 1111 1111")]


def test_a_model_beside_the_configuration_finds_instead_of_ours_or_with_it(tmp_path: Path) -> None:
    nlp = spacy.blank("xx")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "PERSON", "pattern": "blue heron"}])
    nlp.to_disk(tmp_path / "names")
    text = "the blue heron met Marit Okoro"
    alone = DetectorSetup.of(settings(tmp_path, 'tagger = "spacy:names"'))
    assert alone.taggers == (f"spacy:{tmp_path / 'names'}",)
    assert found(alone, text) == [("PERSON", "blue heron")]
    both = DetectorSetup.of(settings(tmp_path, 'tagger = ["shipped", "spacy:names"]'))
    assert found(both, text) == [("PERSON", "blue heron"), ("PERSON", "Marit Okoro")]


def test_no_tagger_may_be_asked_for(tmp_path: Path) -> None:
    assert DetectorSetup.of(settings(tmp_path, 'tagger = "none"')).taggers == ()


@pytest.mark.parametrize(
    ("pii", "says"),
    [
        ('tagger = "spacey:x"', "'extract.pii.tagger': must be 'shipped'"),
        ('tagger = ["shipped", "spacy:"]', "'extract.pii.tagger': must be 'shipped'"),
        ('labels = { PER = "Person" }', "capitals"),
        ("threshold = 3", "extract.pii.threshold"),
        ('keeps = ["Aria"]', "did you mean 'keep'?"),
    ],
)
def test_what_cannot_be_is_refused_where_it_stands(tmp_path: Path, pii: str, says: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        settings(tmp_path, pii)
    assert says in str(caught.value)
    assert "reverse-rag.toml, line 2" in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"absent\.yaml: cannot be read"):
        DetectorSetup.of(settings(tmp_path, 'recognizers = ["absent.yaml"]'))


def diagnosed(tmp_path: Path, chosen: Settings) -> list[Finding]:
    return [one for one in examine(chosen, Storage(str(tmp_path / "out"))) if one.dependency == "detector"]


def test_doctor_tries_a_configured_detector(tmp_path: Path) -> None:
    (good,) = diagnosed(tmp_path, settings(tmp_path, 'keep = ["Aria"]'))
    assert good.ok
    assert "shipped, 0 recognizers, 1 kept words" in good.observed
    (bad,) = diagnosed(tmp_path, settings(tmp_path, 'tagger = "spacy:no_such_model"'))
    assert not bad.ok
    assert "no such model" in bad.observed
    assert "nothing is downloaded" in bad.remedy


def test_doctor_does_not_try_the_shipped_detector(tmp_path: Path) -> None:
    """It is part of the package: nothing about it can be missing."""
    assert diagnosed(tmp_path, Settings()) == []


def test_what_a_log_taught_travels_to_other_processes() -> None:
    shapes = LearnedShapes((LearnedShape(form="A{2,2}-9{2,2}", prefix="vx", shortest=5, longest=5),))
    setup = DetectorSetup(taggers=(), learned_ids=shapes, ordinary=frozenset({"branches"}))
    sent: DetectorSetup = pickle.loads(pickle.dumps(setup))  # noqa: S301 - made here
    assert sent == setup
    assert found(sent, "is it vx-10, VX-99 or wx-10?") == [("ID", "vx-10"), ("ID", "VX-99")]
    assert found(DetectorSetup(taggers=()), "is it vx-10?") == []
