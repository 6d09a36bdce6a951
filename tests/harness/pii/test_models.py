"""Other people's taggers: spaCy for real, transformers and GLiNER by their interface; for real in `tests_models`."""

import re
import socket
import sys
import types
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import spacy

from harness.errors import ConfigurationError, RecognizerError
from harness.pii.models import ModelTagger

TEXT = "Ring Marit Okoro at 12 Example Street, Marit waits"


def tagger(spec: str, *, labels: dict[str, str] | None = None, threshold: float = 0.3) -> ModelTagger:
    return ModelTagger(spec, labels=labels or {}, threshold=threshold)


def found(one: ModelTagger, text: str) -> list[tuple[str, str]]:
    return [(span.entity, text[span.start : span.end]) for span in one.find([text])[0]]


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any attempt to connect fails the test."""

    def refuse(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture(scope="module")
def spacy_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real pipeline on disk, whose knowledge are rules."""
    nlp = spacy.blank("xx")
    nlp.add_pipe("entity_ruler").add_patterns(
        [
            {"label": "PERSON", "pattern": "Marit"},
            {"label": "PERSON", "pattern": "Marit Okoro"},
            {"label": "FAC", "pattern": "12 Example Street"},
            {"label": "STAFF_NO", "pattern": "Q17"},
        ]
    )
    folder = tmp_path_factory.mktemp("models") / "rules"
    nlp.to_disk(folder)
    return folder


def test_a_spacy_pipeline_finds_names_and_places(spacy_model: Path) -> None:
    assert found(tagger(f"spacy:{spacy_model}"), TEXT) == [
        ("PERSON", "Marit Okoro"),
        ("LOCATION", "12 Example Street"),
        ("PERSON", "Marit"),
    ]


def test_labels_say_what_a_models_labels_mean(spacy_model: Path) -> None:
    """Others are passed over then."""
    own = tagger(f"spacy:{spacy_model}", labels={"staff_no": "ID"})
    assert found(own, "Q17 is Marit") == [("ID", "Q17")]


def test_texts_come_back_in_order_and_blank_ones_empty(spacy_model: Path) -> None:
    spans = tagger(f"spacy:{spacy_model}").find(["", "Marit", "  \n", "nobody", "Marit and Marit"] * 20)
    assert [len(one) for one in spans] == [0, 1, 0, 0, 2] * 20


def test_spacy_scores_as_presidio_says(spacy_model: Path) -> None:
    (span,) = tagger(f"spacy:{spacy_model}").find(["Marit"])[0]
    assert span.score == 0.85
    assert found(tagger(f"spacy:{spacy_model}", threshold=0.9), "Marit") == []


def test_labels_that_the_model_does_not_have_are_refused(spacy_model: Path) -> None:
    """It could never find anything, and silence would look like cleanliness."""
    with pytest.raises(ConfigurationError, match="FAC, PERSON, STAFF_NO"):
        tagger(f"spacy:{spacy_model}", labels={"PERSONNE": "PERSON"})


@pytest.mark.usefixtures("no_network")
def test_a_model_that_is_not_there_is_a_configuration_error(tmp_path: Path) -> None:
    for name in ("no_such_model", str(tmp_path)):
        with pytest.raises(ConfigurationError, match="no such model") as caught:
            tagger(f"spacy:{name}")
        assert "nothing is downloaded" in caught.value.hint


@pytest.mark.parametrize("kind", ["transformers", "gliner"])
def test_a_library_that_is_not_there_is_a_configuration_error(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, kind, None)
    with pytest.raises(ConfigurationError, match=f"{kind} is not installed") as caught:
        tagger(f"{kind}:models/names")
    assert kind in caught.value.hint


def test_a_model_that_fails_fails_the_texts_without_quoting_them(spacy_model: Path) -> None:
    """SpaCy takes a million characters and says so otherwise."""
    with pytest.raises(RecognizerError, match="ValueError") as caught:
        tagger(f"spacy:{spacy_model}").find(["fine", "Marit " * 200_000])
    assert "Marit" not in str(caught.value)


class StubPipeline:
    """Honours what transformers documents of ``pipeline("token-classification")``; finds pieces of words, as models do."""

    options: dict[str, Any]

    def __call__(self, inputs: Sequence[str], *, batch_size: int) -> list[list[dict[str, Any]]]:
        """Return the entities of each text."""
        assert batch_size > 0
        assert all(inputs)
        pieces = (("PER", r"Mar(?=it)"), ("PER", r"(?<=Mar)it"), ("LOC", r"Example S"), ("MISC", "waits"))
        return [
            [
                {"entity_group": label, "score": 0.7, "word": match[0], "start": match.start(), "end": match.end()}
                for label, pattern in pieces
                for match in re.finditer(pattern, text)
            ]
            for text in inputs
        ]


@pytest.fixture
def stub_transformers(monkeypatch: pytest.MonkeyPatch) -> StubPipeline:
    """A stand-in for the package: this shows how it is called, not that it works."""
    run = StubPipeline()

    def loaded(name: str, *, local_files_only: bool) -> Any:
        assert local_files_only
        if name == "absent":
            raise OSError("We couldn't connect to the hub to load this file")
        config = types.SimpleNamespace(
            max_position_embeddings=130, id2label={0: "O", 1: "B-PER", 2: "I-PER", 3: "B-LOC", 4: "MISC"}
        )
        return types.SimpleNamespace(model_max_length=10**30, config=config)

    def pipeline(task: str, **options: Any) -> StubPipeline:
        assert task == "token-classification"
        run.options = options
        return run

    package = types.ModuleType("transformers")
    factory = types.SimpleNamespace(from_pretrained=loaded)
    vars(package).update(AutoTokenizer=factory, AutoModelForTokenClassification=factory, pipeline=pipeline)
    monkeypatch.setitem(sys.modules, "transformers", package)
    return run


def test_a_transformers_model_has_its_pieces_made_whole_words(stub_transformers: StubPipeline) -> None:
    """Half a name left over would be a leak."""
    spans = tagger("transformers:models/names").find([TEXT, ""])
    assert {(span.entity, TEXT[span.start : span.end]) for span in spans[0]} == {
        ("PERSON", "Marit"),
        ("LOCATION", "Example Street"),
    }
    assert spans[1] == []


def test_a_transformers_model_reads_long_texts_to_their_end(stub_transformers: StubPipeline) -> None:
    """Without a stride the pipeline cuts them off."""
    tagger("transformers:models/names")
    assert stub_transformers.options["tokenizer"].model_max_length == 128
    assert stub_transformers.options["stride"] == 32
    assert stub_transformers.options["aggregation_strategy"] == "simple"


@pytest.mark.usefixtures("stub_transformers")
def test_transformers_stays_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    with pytest.raises(ConfigurationError, match="no such model"):
        tagger("transformers:absent")
    import os

    assert os.environ["HF_HUB_OFFLINE"] == os.environ["TRANSFORMERS_OFFLINE"] == "1"


class StubGliner:
    """Honours what GLiNER documents of ``GLiNER.inference``; like it, it reads no more than 384 words."""

    asked: tuple[Any, ...] = ()

    @classmethod
    def from_pretrained(cls, model_id: str, *, local_files_only: bool) -> "StubGliner":
        """Return a model that is there."""
        assert local_files_only
        if model_id == "absent":
            raise FileNotFoundError("No config file found in /somewhere")
        return cls()

    def inference(
        self, texts: list[str], labels: list[str], *, threshold: float, batch_size: int
    ) -> list[list[dict[str, Any]]]:
        """Return the entities of each text."""
        assert batch_size > 0
        StubGliner.asked = (labels, threshold)
        return [list(self._entities(text)) for text in texts]

    def _entities(self, text: str) -> Iterator[dict[str, Any]]:
        words = list(re.finditer(r"\w+(?:[-_]\w+)*|\S", text))
        read = text[: words[383].end()] if len(words) > 384 else text
        for match in re.finditer("Marit(?: Okoro)?", read):
            yield {"start": match.start(), "end": match.end(), "text": match[0], "label": "person", "score": 0.8}


@pytest.fixture
def stub_gliner(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for the package: this shows how it is called, not that it works."""
    package = types.ModuleType("gliner")
    vars(package)["GLiNER"] = StubGliner
    monkeypatch.setitem(sys.modules, "gliner", package)


@pytest.mark.usefixtures("stub_gliner")
def test_gliner_is_asked_for_what_labels_say() -> None:
    assert found(tagger("gliner:models/any"), TEXT) == [("PERSON", "Marit Okoro"), ("PERSON", "Marit")]
    assert StubGliner.asked == (["person", "street address"], 0.3)
    own = tagger("gliner:models/any", labels={"person": "PERSON", "home town": "LOCATION"}, threshold=0.5)
    own.find([TEXT])
    assert StubGliner.asked == (["person", "home town"], 0.5)


@pytest.mark.usefixtures("stub_gliner")
def test_gliner_reads_long_texts_to_their_end() -> None:
    """It cuts off what is too long with a warning, so it is shown overlapping pieces."""
    text = "so, and then? " * 400 + "Marit Okoro said" + " so" * 700 + " Marit"
    assert set(found(tagger("gliner:models/any"), text)) == {("PERSON", "Marit Okoro"), ("PERSON", "Marit")}


@pytest.mark.usefixtures("stub_gliner")
def test_a_gliner_model_that_is_not_there_is_a_configuration_error() -> None:
    with pytest.raises(ConfigurationError, match="no such model"):
        tagger("gliner:absent")
