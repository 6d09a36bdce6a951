"""An NLP engine for Presidio that needs no model: Presidio asks for one even where no recognizer does."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import Any

import spacy
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine

_BATCH = 256
_MOST_STRINGS = 200_000
"""spaCy keeps every word that it ever saw; from so many on it starts anew, so that memory stays bounded."""


class BlankNlpEngine(NlpEngine):  # type: ignore[misc]
    """Cuts text into words and does nothing else: no entities, and lower-case words for lemmas.

    Words suffice for Presidio's context words (``context=["card"]``) and for
    recognizers that look at tokens. The words are cut when something first
    asks for them, which pattern recognizers never do.

    Args:
        languages: Those that Presidio is told are supported; the words are cut the same in all.
        prepare: Told the texts of a batch before they are analysed one by one, ``ReverseRagRecognizer.prepare``.
    """

    def __init__(
        self,
        languages: Sequence[str] = ("en",),
        *,
        prepare: Callable[[Collection[str]], None] | None = None,
    ) -> None:
        self._languages = list(languages)
        self._prepare = prepare
        self._words = spacy.blank("xx")

    def load(self) -> None:
        """Do nothing; there is no model."""

    def is_loaded(self) -> bool:
        """Return true."""
        return True

    def process_text(self, text: str, language: str) -> NlpArtifacts:
        """Return the artifacts of a text."""
        return _BlankArtifacts(text, self, language)

    def process_batch(
        self,
        texts: Iterable[Any],
        language: str,
        batch_size: int = 1,
        n_process: int = 1,  # noqa: ARG002 - part of the interface; there is nothing to share out
        as_tuples: bool = False,  # noqa: FBT001 - part of the interface
    ) -> Iterator[Any]:
        """Yield each text with its artifacts, and with its context where ``texts`` are tuples of both."""
        rows = ((str(row[0]), row[1:]) if as_tuples else (str(row), ()) for row in texts)
        while batch := list(islice(rows, max(batch_size, _BATCH))):
            if self._prepare is not None:
                self._prepare([text for text, _ in batch])
            for text, context in batch:
                yield (text, self.process_text(text, language), *context)

    def words(self, text: str) -> Any:
        """Return a text's words as spaCy's ``Doc``."""
        if len(self._words.vocab.strings) > _MOST_STRINGS:
            self._words = spacy.blank("xx")
        return self._words.make_doc(text)

    def is_stopword(self, word: str, language: str) -> bool:  # noqa: ARG002 - part of the interface
        """Return false: which words say nothing differs by language."""
        return False

    def is_punct(self, word: str, language: str) -> bool:  # noqa: ARG002 - part of the interface
        """Return whether a word holds no letter and no digit."""
        return not any(map(str.isalnum, word))

    def get_supported_entities(self) -> list[str]:
        """Return none."""
        return []

    def get_supported_languages(self) -> list[str]:
        """Return the languages."""
        return self._languages


class _BlankArtifacts(NlpArtifacts):  # type: ignore[misc]
    """Presidio's artifacts of a text in which nothing was recognized."""

    def __init__(self, text: str, engine: BlankNlpEngine, language: str) -> None:
        self._text = text
        self._language = language
        self.nlp_engine = engine
        self.entities: list[Any] = []
        self.scores: list[float] = []

    @cached_property
    def tokens(self) -> Any:
        """The words, as spaCy's ``Doc``."""
        return self.nlp_engine.words(self._text)

    @cached_property
    def tokens_indices(self) -> list[int]:
        """Where each word begins."""
        return [token.idx for token in self.tokens]

    @cached_property
    def lemmas(self) -> list[str]:
        """The words in lower case."""
        return [token.lower_ for token in self.tokens]

    @cached_property
    def keywords(self) -> list[str]:
        """The words in which context words are looked for."""
        found: list[str] = self.set_keywords(self.nlp_engine, self.lemmas, self._language)
        return found
