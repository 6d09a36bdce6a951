"""The strict detector as ``[extract.pii]`` configures it, in a form that other processes can make it from."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from harness.config import Settings
from harness.errors import ConfigurationError
from harness.pii.detector import Detector, detector
from harness.pii.interface import PiiDetector, PiiSpan, RecognizerSource, SpanFinder
from harness.pii.kept import KeptWords
from harness.pii.learning.formats import NO_SHAPES, LearnedShapes

_YAML = (".yaml", ".yml")


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorSetup:
    """What a strict detector is made of; small, and the same for the same configuration."""

    taggers: tuple[str, ...] = ("shipped",)
    labels: tuple[tuple[str, str], ...] = ()
    threshold: float = 0.3
    recognizers: tuple[RecognizerSource, ...] = ()
    keep: tuple[str, ...] = ()
    learned_ids: LearnedShapes = NO_SHAPES
    """Formats of ids that the log showed."""
    ordinary: frozenset[str] = frozenset()
    """Words that the log showed to be ordinary ones, folded."""

    @classmethod
    def of(cls, settings: Settings) -> "DetectorSetup":
        """Return the setup that a configuration asks for; files beside it are read now.

        Raises:
            ConfigurationError: If a recognizers' file cannot be read.
        """
        pii = settings.extract.pii
        named = [pii.tagger] if isinstance(pii.tagger, str) else pii.tagger
        return cls(
            taggers=tuple(_located(tagger, settings) for tagger in dict.fromkeys(named) if tagger != "none"),
            labels=tuple(pii.labels.items()),
            threshold=pii.threshold,
            recognizers=tuple(_source(name, settings) for name in pii.recognizers),
            keep=tuple(pii.keep),
        )

    def detector(self) -> PiiDetector:
        """Return the detector, ``detector("strict")`` itself where nothing is configured; cheap to call again.

        Raises:
            ConfigurationError: If a model or recognizer is not on this machine, or is none.
        """
        return detector("strict") if self == _SHIPPED else _made(self)


_SHIPPED = DetectorSetup()


def configured_detector(settings: Settings) -> PiiDetector:
    """Return the strict detector as ``[extract.pii]`` configures it.

    Raises:
        ConfigurationError: See ``DetectorSetup``.
    """
    return DetectorSetup.of(settings).detector()


class _Together:
    """Several finders as one."""

    def __init__(self, finders: Sequence[SpanFinder]) -> None:
        self._finders = finders

    def find(self, texts: Sequence[str]) -> list[list[PiiSpan]]:
        found = [finder.find(texts) for finder in self._finders]
        return [[span for spans in of_text for span in spans] for of_text in zip(*found, strict=True)]


@lru_cache(maxsize=4)
def _made(setup: DetectorSetup) -> PiiDetector:
    finders = [*(_tagger(spec, setup) for spec in setup.taggers), *_custom(setup)]
    return Detector(
        "strict",
        _Together(finders) if finders else None,
        kept=KeptWords(setup.keep, ordinary=setup.ordinary),
        learned=setup.learned_ids,
    )


def _tagger(spec: str, setup: DetectorSetup) -> SpanFinder:
    if spec == "shipped":
        from harness.pii.tagger.tagging import shipped_tagger

        return shipped_tagger()
    from harness.pii.models import ModelTagger

    return ModelTagger(spec, labels=dict(setup.labels), threshold=setup.threshold)


def _custom(setup: DetectorSetup) -> list[SpanFinder]:
    if not setup.recognizers:
        return []
    # Presidio takes seconds to import, so it waits for somebody who brings recognizers.
    from harness.pii.presidio.custom import CustomRecognizers
    from harness.pii.presidio.sources import load_recognizers

    recognizers = load_recognizers(setup.recognizers, threshold=setup.threshold)
    return [CustomRecognizers(recognizers, threshold=setup.threshold)]


def _located(tagger: str, settings: Settings) -> str:
    """Return a tagger with its folder, if it names one beside the configuration, as an absolute path."""
    kind, _, name = tagger.partition(":")
    folder = Path(settings.path(name)) if name else None
    return f"{kind}:{folder}" if folder is not None and folder.exists() else tagger


def _source(name: str, settings: Settings) -> RecognizerSource:
    if not name.endswith(_YAML):
        return RecognizerSource(name)
    path = settings.path(name)
    try:
        return RecognizerSource(name, Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"'extract.pii.recognizers': {path}: cannot be read: {type(error).__name__}",
            hint="name Presidio's YAML file relative to the configuration, or package.module:Name",
        ) from None
