"""The tagger's network: a vector for each word, then convolutions over its neighbours; in NumPy, many texts at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Indices = NDArray[np.intp]

CLASSES = (
    "O", "PERSON", "LOCATION", "GPE", "ORGANIZATION", "DATE_TIME", "PHONE_NUMBER", "EMAIL_ADDRESS", "ID", "DATE_OF_BIRTH", "URL",
)  # fmt: skip
"""What a word can be part of; ``O`` is nothing of interest. GPE (towns, countries) and the like are told apart, not removed."""
DILATIONS = (1, 1, 2, 3)
"""How far apart the three words are that each layer looks at."""
TEXT_FACTS = 8
_REACH = sum(DILATIONS)
_AT_ONCE = 3_000
"""Tokens: so many stay in a core's cache, and a message of some megabytes, which has a million, needs no gigabyte."""
_EPSILON = 1e-5


@dataclass(frozen=True, slots=True)
class Batch:
    """Some texts, word after word."""

    words: Indices
    """[tokens] Which of the distinct words stands there."""
    texts: Indices
    """[tokens] Which text it belongs to."""
    facts: Floats
    """[texts, TEXT_FACTS] What holds for the whole text."""

    def neighbours(self, distance: int) -> tuple[Indices, Indices]:
        """Return, for each token, the index of the token ``distance`` before and after it; past a text's ends: ``len``."""
        count = len(self.words)
        places = np.arange(count)
        return _shifted(places, self.texts, -distance), _shifted(places, self.texts, distance)


def _shifted(places: Indices, texts: Indices, by: int) -> Indices:
    count = len(places)
    moved = places + by
    inside = (moved >= 0) & (moved < count)
    same = inside.copy()
    same[inside] = texts[moved[inside]] == texts[places[inside]]
    return np.where(same, moved, count)


def facts_of(text: str, tokens: int) -> list[float]:
    """Return what the network is told of a text as a whole."""
    letters, upper = sum(map(str.isalpha, text)), sum(map(str.isupper, text))
    return [
        float(upper == 0), float(upper == letters and letters > 3), upper / max(1, letters), float(tokens <= 4), float(tokens <= 10),
        float(tokens > 40), float("\n" in text), float(text.rstrip().endswith("?")),
    ]  # fmt: skip


def word_vectors(weights: Mapping[str, Floats], inputs: Floats) -> Floats:
    """Return the vectors of distinct words, [words, width].

    Args:
        weights: The network's.
        inputs: [words, hidden] Sum of each word's feature rows and of its pieces' vectors times ``piece_in``.
    """
    vectors: Floats = np.maximum(inputs + weights["word_bias"], 0.0) @ weights["word_out"]
    return vectors


def class_probabilities(weights: Mapping[str, Floats], vectors: Floats, batch: Batch) -> Floats:
    """Return the probability of each class for each token, [tokens, classes].

    Args:
        weights: The network's.
        vectors: [words, width] Those of the batch's distinct words.
        batch: The texts; of any length, since only some thousand tokens are looked at together.
    """
    parts = []
    for start in range(0, max(1, len(batch.words)), _AT_ONCE):
        # With as many tokens around as the layers reach, a token's neighbourhood is whole.
        first = max(0, start - _REACH)
        part = slice(first, start + _AT_ONCE + _REACH)
        chances = _probabilities(weights, vectors, Batch(batch.words[part], batch.texts[part], batch.facts))
        parts.append(chances[start - first : start - first + _AT_ONCE])
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _probabilities(weights: Mapping[str, Floats], vectors: Floats, batch: Batch) -> Floats:
    state: Floats = vectors[batch.words] + (batch.facts @ weights["facts_in"])[batch.texts]
    window = np.empty((len(state), 3 * state.shape[1]), state.dtype)
    for layer, distance in enumerate(DILATIONS):
        _look_around(window, state, batch.texts, distance)
        mixed: Floats = window @ weights[f"mix{layer}"]
        mixed += weights[f"mix_bias{layer}"]
        np.maximum(mixed, 0.0, out=mixed)
        mixed += state
        state = normalised(mixed)
        state *= weights[f"scale{layer}"]
        state += weights[f"shift{layer}"]
    return softmax(state @ weights["class_out"] + weights["class_bias"])


def _look_around(window: Floats, state: Floats, texts: Indices, distance: int) -> None:
    """Write each token's left neighbour, itself and its right one side by side; past a text's ends zeros."""
    width = state.shape[1]
    left, right = window[:, :width], window[:, 2 * width :]
    ends = np.flatnonzero(texts[distance:] != texts[:-distance])
    window[:, width : 2 * width] = state
    left[distance:] = state[:-distance]
    left[:distance] = 0
    left[ends + distance] = 0
    right[:-distance] = state[distance:]
    right[-distance:] = 0
    right[ends] = 0


def normalised(values: Floats) -> Floats:
    """Return rows with mean 0 and variance 1 (layer normalisation, Ba et al. 2016)."""
    centred: Floats = values - values.mean(axis=1, keepdims=True)
    spread: Floats = np.sqrt((centred * centred).mean(axis=1, keepdims=True) + _EPSILON)
    centred /= spread
    return centred


def softmax(logits: Floats) -> Floats:
    """Return each row as probabilities."""
    raised: Floats = np.exp(logits - logits.max(axis=1, keepdims=True))
    raised /= raised.sum(axis=1, keepdims=True)
    return raised


def batch_of(texts: Sequence[str], tokens: Sequence[Sequence[int]]) -> Batch:
    """Return texts as a batch, given the distinct words' numbers in each."""
    lengths = [len(row) for row in tokens]
    return Batch(
        words=np.fromiter((word for row in tokens for word in row), np.intp, sum(lengths)),
        texts=np.repeat(np.arange(len(texts)), lengths),
        facts=np.array(
            [facts_of(text, length) for text, length in zip(texts, lengths, strict=True)], np.float32
        ).reshape(-1, TEXT_FACTS),
    )
