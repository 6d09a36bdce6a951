"""Labelled texts as the numbers a training step takes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from harness.pii.tagger.network import CLASSES, Floats, batch_of
from harness.pii.tagger.words import Lexicon, Pieces, features_of, piece_inputs, words_of
from harness.pii.training.corpus import Labelled
from harness.pii.training.gradients import Inputs

_CLASS = {name: number for number, name in enumerate(CLASSES)}
_AS_ID = frozenset({"CREDIT_CARD", "IBAN_CODE", "US_SSN", "IP_ADDRESS", "US_DRIVER_LICENSE"})
_IGNORED = frozenset({"TITLE", "IGNORED"})
_SAME = {"ZIP_CODE": "LOCATION"}


@dataclass(frozen=True, slots=True)
class Encoded:
    """One text as numbers."""

    text: str
    words: tuple[int, ...]
    allowed: tuple[int, ...]
    """For each token a bit mask of the classes it may be of; 0: it does not count."""


class Encoder:
    """Turns texts into numbers, and remembers every distinct word."""

    def __init__(self, lexicon: Lexicon, pieces: Pieces, vectors: Floats) -> None:
        self.lexicon, self._pieces, self._vectors = lexicon, pieces, vectors
        self._numbers: dict[str, int] = {}
        self.features: list[tuple[list[int], list[int], list[int]]] = []
        self.inputs: list[Floats] = []

    def encode(self, row: Labelled) -> Encoded:
        """Return a labelled text as numbers."""
        words = words_of(row.text)
        unmarked = 0
        if row.annotated is not None:
            known = {_SAME.get(kind, kind) for kind in row.annotated}
            unmarked = sum(
                1 << number
                for name, number in _CLASS.items()
                if name not in known and name not in ("O", "ID", "EMAIL_ADDRESS", "URL")
            )
        allowed = []
        for _, start, end in words:
            kinds = [kind for a, b, kind in row.spans if start < b and end > a]
            allowed.append(self._mask(kinds[0]) if kinds else 1 | unmarked)
        return Encoded(row.text, tuple(self._number(form) for form, _, _ in words), tuple(allowed))

    def step_inputs(self, rows: Sequence[Encoded], dice: np.random.Generator, *, forget: bool = True) -> Inputs:
        """Return some texts as one step's inputs.

        Args:
            rows: The texts.
            dice: For what is forgotten.
            forget: Hide, at random, a word itself, what lists say of it, or its pieces, so that each learns to do without the others.
        """
        distinct, words = np.unique(np.concatenate([row.words for row in rows]), return_inverse=True)
        draws = dice.random((len(distinct), 3)) if forget else np.ones((len(distinct), 3))
        columns: list[int] = []
        starts = [0]
        for number, draw in zip(distinct, draws, strict=True):
            itself, lists, written = self.features[number]
            columns += written
            columns += itself if draw[0] >= 0.4 else ()
            columns += lists if draw[1] >= 0.2 else ()
            starts.append(len(columns))
        used, local = np.unique(np.array(columns, np.intp), return_inverse=True)
        pieces = np.stack([self.inputs[number] for number in distinct])
        pieces[draws[:, 2] < 0.15] = 0.0
        masks = np.concatenate([row.allowed for row in rows])
        allowed = ((masks[:, None] >> np.arange(len(CLASSES))) & 1).astype(np.float32)
        batch = batch_of([row.text for row in rows], [row.words for row in rows])
        batch = type(batch)(words=words.astype(np.intp), texts=batch.texts, facts=batch.facts)
        counts = csr_matrix((np.ones(len(columns), np.float32), local, starts), shape=(len(distinct), len(used)))
        return Inputs(batch, counts, used, pieces, allowed, (masks > 0).astype(np.float32))

    def _number(self, form: str) -> int:
        number = self._numbers.get(form)
        if number is None:
            number = self._numbers[form] = len(self.features)
            self.features.append(features_of(form, self.lexicon))
            self.inputs.append(piece_inputs(form, self._pieces, self._vectors))
        return number

    @staticmethod
    def _mask(kind: str) -> int:
        if kind in _IGNORED:
            return 0
        kind = _SAME.get(kind, "ID" if kind in _AS_ID else kind)
        return 1 << _CLASS[kind] if kind in _CLASS else 0
