"""The user's own Presidio recognizers, run in our pass."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from presidio_analyzer import EntityRecognizer, RecognizerResult
from presidio_analyzer.context_aware_enhancers import LemmaContextAwareEnhancer

from harness.errors import RecognizerError
from harness.pii.interface import PiiSpan
from harness.pii.presidio.blank_nlp import BlankNlpEngine


class CustomRecognizers:
    """Runs Presidio recognizers on texts, with Presidio's blank NLP artifacts and its context words.

    Args:
        recognizers: Any; each runs on every text, whichever language it names.
        threshold: What has a lower score after context words were looked for is passed over.
    """

    def __init__(self, recognizers: Sequence[EntityRecognizer], *, threshold: float) -> None:
        self._recognizers = list(recognizers)
        self._threshold = threshold
        self._engine = BlankNlpEngine()
        self._context = LemmaContextAwareEnhancer()

    def find(self, texts: Sequence[str]) -> list[list[PiiSpan]]:
        """Return, for each text, what the recognizers found in it; spans may overlap."""
        return [list(self._spans(text)) if text.strip() else [] for text in texts]

    def _spans(self, text: str) -> Iterator[PiiSpan]:
        for result in self._results(text):
            if result.score >= self._threshold:
                score = min(1.0, float(result.score))
                name = (result.recognition_metadata or {}).get(RecognizerResult.RECOGNIZER_NAME_KEY, "of yours")
                why = f"recognizer {name} {score:.2f}"
                entity = _entity(result.entity_type)
                yield PiiSpan(start=result.start, end=result.end, entity=entity, score=score, why=why)

    def _results(self, text: str) -> list[RecognizerResult]:
        artifacts = self._engine.process_text(text, "en")
        found = [
            (recognizer, results)
            for recognizer in self._recognizers
            if (results := _guarded(recognizer, partial(_analyzed, recognizer, text, artifacts)))
        ]
        everything = [result for _, results in found for result in results]
        return [
            result
            for recognizer, results in found
            for result in _guarded(recognizer, partial(self._weighed, recognizer, results, everything, text, artifacts))
        ]

    def _weighed(
        self, recognizer: Any, results: list[Any], everything: list[Any], text: str, artifacts: Any
    ) -> list[RecognizerResult]:
        """Return a recognizer's results with the scores that their context gives them."""
        mine = set(map(id, results))
        others = [result for result in everything if id(result) not in mine]
        weighed: list[RecognizerResult] = recognizer.enhance_using_context(text, results, others, artifacts, None)
        if recognizer.context:
            weighed = self._context.enhance_using_context(text, weighed, artifacts, [recognizer], None)
        return weighed


def _analyzed(recognizer: Any, text: str, artifacts: Any) -> list[RecognizerResult]:
    results = recognizer.analyze(text=text, entities=recognizer.supported_entities, nlp_artifacts=artifacts) or []
    for result in results:
        if not 0 <= result.start < result.end <= len(text):
            raise ValueError("a result lies outside the text")
        # Presidio's engine says so, too, where the recognizer did not.
        result.recognition_metadata = (result.recognition_metadata or {}) | {
            RecognizerResult.RECOGNIZER_NAME_KEY: recognizer.name,
            RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: recognizer.id,
        }
    return list(results)


def _guarded(recognizer: Any, look: Callable[[], list[RecognizerResult]]) -> list[RecognizerResult]:
    try:
        return look()
    except Exception as error:  # noqa: BLE001 - fails closed, and what a stranger's error says may quote the text
        raise RecognizerError(
            f"'extract.pii.recognizers': '{recognizer.name}' failed with {type(error).__name__}",
            hint="the text is quarantined; try the recognizer on it in Presidio",
        ) from None


def _entity(name: str) -> str:
    """Return a type as placeholders can carry it: capitals and underscores."""
    return re.sub(r"[^A-Z]+", "_", name.upper()).strip("_") or "ID"
