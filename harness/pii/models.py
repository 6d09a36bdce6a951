"""Other people's taggers in place of ours or beside it: spaCy, transformers and GLiNER, from this machine only."""

import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from harness.errors import ConfigurationError, RecognizerError
from harness.pii.interface import PiiSpan

_TOKEN_LABELS = {
    **dict.fromkeys(("PER", "PERSON", "PERS", "NAME", "FIRSTNAME", "LASTNAME", "GIVENNAME", "SURNAME"), "PERSON"),
    **dict.fromkeys(("PATIENT", "STAFF", "USERNAME"), "PERSON"),
    **dict.fromkeys(("LOC", "LOCATION", "GPE", "FAC", "ADDRESS", "STREET", "STREETADDRESS"), "LOCATION"),
}
"""What models of the usual data sets call names and places."""
_ASKED_LABELS = {"person": "PERSON", "street address": "LOCATION"}
"""GLiNER finds what it is asked for in words."""
_SPACY_SCORE = 0.85
"""spaCy gives no scores; this is the one that Presidio puts in their place."""
_SUREST = 0.99
"""Only what is checked is certain."""
_BATCH = 32
_MOST_TOKENS = 512
_STRIDE = 64
_WINDOW_WORDS = 150
_OVERLAP_WORDS = 30
_WORD = re.compile(r"\w{1,40}|[^\w\s]")
"""What counts as a word there; a very long one as several."""
_WORD_CHAR = re.compile(r"\w")

Prediction = tuple[int, int, str, float]
"""Start, end, label and score."""
Predict = Callable[[Sequence[str]], Iterable[Sequence[Prediction]]]


@dataclass(frozen=True, slots=True)
class _Model:
    predict: Predict
    labels: frozenset[str] | None
    """Those that it knows; None: any."""


class ModelTagger:
    """Finds what a model of the user's labels, in our entity types.

    Args:
        spec: ``spacy:``, ``transformers:`` or ``gliner:`` and the model's folder or installed name.
        labels: The model's labels by which entity type each means; others are passed over. Empty: the usual ones.
        threshold: What the model gives a lower score is passed over.

    Raises:
        ConfigurationError: If library or model is not on this machine, or none of ``labels`` is the model's.
    """

    def __init__(self, spec: str, *, labels: Mapping[str, str], threshold: float) -> None:
        kind, _, name = spec.partition(":")
        self._spec = spec
        self._threshold = threshold
        usual = _ASKED_LABELS if kind == "gliner" else _TOKEN_LABELS
        self._labels = {_plain(label): entity for label, entity in (labels or usual).items()}
        try:
            model = _LOADERS[kind](name, list(labels or usual), threshold)
        except ImportError as error:
            raise ConfigurationError(
                f"'extract.pii.tagger' = {spec}: {error.name or f'something that {kind} needs'} is not installed",
                hint=f"install {kind} with all that it needs where the texts are sanitized",
            ) from None
        except (OSError, ValueError, RuntimeError, KeyError) as error:
            # Their messages quote what they would have downloaded, over many lines.
            raise ConfigurationError(
                f"'extract.pii.tagger' = {spec}: no such model on this machine ({type(error).__name__})",
                hint="give the model's folder or the name of an installed one; nothing is downloaded at run time",
            ) from None
        self._predict = model.predict
        self._refuse_strangers(model.labels)

    def find(self, texts: Sequence[str]) -> list[list[PiiSpan]]:
        """Return, for each text, the spans that the model found in it."""
        found: list[list[PiiSpan]] = [[] for _ in texts]
        written = [place for place, text in enumerate(texts) if text.strip()]
        try:
            for place, predictions in zip(written, self._predict([texts[at] for at in written]), strict=True):
                found[place] = list(self._spans(texts[place], predictions))
        except Exception as error:  # noqa: BLE001 - fails closed, and what the model says may quote the text
            raise RecognizerError(f"'extract.pii.tagger' = {self._spec}: failed with {type(error).__name__}") from None
        return found

    def _spans(self, text: str, predictions: Iterable[Prediction]) -> Iterator[PiiSpan]:
        for start, end, label, score in predictions:
            entity = self._labels.get(_plain(label))
            if entity is not None and score >= self._threshold and start < end:
                first, last = _whole_words(text, start, end)
                why = f"{self._spec} {score:.2f}"
                yield PiiSpan(start=first, end=last, entity=entity, score=min(score, _SUREST), why=why)

    def _refuse_strangers(self, known: frozenset[str] | None) -> None:
        if known is not None and self._labels.keys().isdisjoint(map(_plain, known)):
            raise ConfigurationError(
                f"'extract.pii.labels': the model {self._spec} has none of these labels; its own are "
                f"{', '.join(sorted(known)) or 'none'}",
                hint='say what its labels mean, as in labels = { PER = "PERSON" }',
            )


def go_offline() -> None:
    """Keep Hugging Face's libraries from the network in this process."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["TRANSFORMERS_OFFLINE"] = "1"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"


def _imported(library: str) -> Any:
    go_offline()
    return import_module(library)


def _plain(label: str) -> str:
    """Return a label as it is compared: in any case, with or without its place in the entity."""
    return re.sub(r"^[BIESLU]-", "", label.upper())


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a span to the ends of its words: models see pieces of words, and half a name is a leak."""
    while start and _WORD_CHAR.match(text, start) and _WORD_CHAR.match(text, start - 1):
        start -= 1
    while end < len(text) and _WORD_CHAR.match(text, end - 1) and _WORD_CHAR.match(text, end):
        end += 1
    return start, end


def _spacy(name: str, _labels: Collection[str], _threshold: float) -> _Model:
    import spacy

    nlp = spacy.load(name)

    def predict(texts: Sequence[str]) -> Iterator[list[Prediction]]:
        # Without a zone of its own spaCy keeps every word that it ever saw.
        with nlp.memory_zone() if hasattr(nlp, "memory_zone") else nullcontext():
            for doc in nlp.pipe(texts, batch_size=_BATCH):
                yield [(ent.start_char, ent.end_char, ent.label_, _SPACY_SCORE) for ent in doc.ents]

    return _Model(predict, frozenset(label for labels in nlp.pipe_labels.values() for label in labels))


def _transformers(name: str, _labels: Collection[str], _threshold: float) -> _Model:
    library = _imported("transformers")
    tokenizer = library.AutoTokenizer.from_pretrained(name, local_files_only=True)
    model = library.AutoModelForTokenClassification.from_pretrained(name, local_files_only=True)
    # Some tokenizers do not say how much the model takes; roberta's positions begin at 2.
    most = min(tokenizer.model_max_length, getattr(model.config, "max_position_embeddings", _MOST_TOKENS) - 2)
    tokenizer.model_max_length = min(most, _MOST_TOKENS)
    # The stride has the pipeline read long texts to their end instead of cutting them off.
    stride = min(_STRIDE, tokenizer.model_max_length // 4)
    run = library.pipeline(
        "token-classification", model=model, tokenizer=tokenizer, aggregation_strategy="simple", stride=stride
    )

    def predict(texts: Sequence[str]) -> Iterator[list[Prediction]]:
        for found in run(list(texts), batch_size=_BATCH) if texts else ():
            yield [(one["start"], one["end"], one["entity_group"], float(one["score"])) for one in found]

    return _Model(predict, frozenset(_plain(label) for label in model.config.id2label.values()))


def _gliner(name: str, labels: Collection[str], threshold: float) -> _Model:
    model = _imported("gliner").GLiNER.from_pretrained(name, local_files_only=True)

    def predict(texts: Sequence[str]) -> Iterator[list[Prediction]]:
        windows = [(place, *window) for place, text in enumerate(texts) for window in _windows(text)]
        run = getattr(model, "inference", None) or model.batch_predict_entities
        found: list[list[Prediction]] = [[] for _ in texts]
        pieces = [texts[place][start:end] for place, start, end in windows]
        answers = run(pieces, list(labels), threshold=threshold, batch_size=_BATCH) if pieces else []
        for (place, start, _), entities in zip(windows, answers, strict=True):
            found[place] += [(start + e["start"], start + e["end"], e["label"], float(e["score"])) for e in entities]
        yield from found

    return _Model(predict, None)


def _windows(text: str) -> Iterator[tuple[int, int]]:
    """Yield overlapping pieces of a text: GLiNER cuts off what is longer than it takes, with a warning only."""
    words = [match.span() for match in _WORD.finditer(text)]
    for first in range(0, max(1, len(words) - _OVERLAP_WORDS), _WINDOW_WORDS - _OVERLAP_WORDS):
        chosen = words[first : first + _WINDOW_WORDS]
        if chosen:
            yield chosen[0][0], chosen[-1][1]


_LOADERS: dict[str, Callable[[str, Collection[str], float], _Model]] = {
    "spacy": _spacy,
    "transformers": _transformers,
    "gliner": _gliner,
}
