"""The network's gradients, written out, and the optimiser."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import csr_matrix

from harness.pii.tagger.network import DILATIONS, Batch, Floats, Indices, softmax

_EPSILON = 1e-5


@dataclass(frozen=True, slots=True)
class Inputs:
    """What goes into one training step."""

    batch: Batch
    features: csr_matrix
    """[words, rows] Counts of each distinct word's features among the table's rows that occur in the batch."""
    rows: Indices
    """[rows] Which rows of the table these are."""
    pieces: Floats
    """[words, piece inputs]"""
    allowed: Floats
    """[tokens, classes] 1 where a token may be of a class by its label; several where nobody marked which."""
    weight: Floats
    """[tokens] How much a token counts."""


@dataclass(slots=True)
class Step:
    """What one step found."""

    loss: float
    dense: dict[str, Floats]
    """Gradients of all weights but the table."""
    table: Floats
    """[rows, hidden] Gradient of the table's rows that occur."""


def step(
    weights: Mapping[str, Floats], table: Floats, inputs: Inputs, dropout: float, dice: np.random.Generator
) -> Step:
    """Return the loss of a batch and its gradients (cross entropy; a token with several allowed classes counts their sum)."""
    batch = inputs.batch
    before = inputs.features @ table + inputs.pieces @ weights["piece_in"] + weights["word_bias"]
    active = np.maximum(before, 0.0)
    word_kept = _kept(active.shape, dropout, dice)
    dropped = active * word_kept
    vectors = dropped @ weights["word_out"]
    state = vectors[batch.words] + (batch.facts @ weights["facts_in"])[batch.texts]
    layers = []
    for layer, dilation in enumerate(DILATIONS):
        left, right = batch.neighbours(dilation)
        window = np.concatenate([_taken(state, left), state, _taken(state, right)], axis=1)
        mixed = window @ weights[f"mix{layer}"] + weights[f"mix_bias{layer}"]
        kept = _kept(mixed.shape, dropout, dice) * (mixed > 0)
        raised = state + mixed * kept
        centred = raised - raised.mean(axis=1, keepdims=True)
        spread = np.sqrt((centred * centred).mean(axis=1, keepdims=True) + _EPSILON)
        unit = centred / spread
        layers.append((left, right, window, kept, spread, unit))
        state = unit * weights[f"scale{layer}"] + weights[f"shift{layer}"]
    chances = softmax(state @ weights["class_out"] + weights["class_bias"])
    right_chances = chances * inputs.allowed
    sums = right_chances.sum(axis=1, keepdims=True) + 1e-9
    total = max(float(inputs.weight.sum()), 1.0)
    loss = float(-(np.log(sums[:, 0]) * inputs.weight).sum() / total)
    slope = (chances - right_chances / sums) * (inputs.weight / total)[:, None]
    dense: dict[str, Floats] = {"class_out": state.T @ slope, "class_bias": slope.sum(axis=0)}
    back = slope @ weights["class_out"].T
    for layer in reversed(range(len(DILATIONS))):
        left, right, window, kept, spread, unit = layers[layer]
        dense[f"scale{layer}"] = (back * unit).sum(axis=0)
        dense[f"shift{layer}"] = back.sum(axis=0)
        back = back * weights[f"scale{layer}"]
        back = (back - back.mean(axis=1, keepdims=True) - unit * (back * unit).mean(axis=1, keepdims=True)) / spread
        mixed_back = back * kept
        dense[f"mix{layer}"] = window.T @ mixed_back
        dense[f"mix_bias{layer}"] = mixed_back.sum(axis=0)
        parts = np.split(mixed_back @ weights[f"mix{layer}"].T, 3, axis=1)
        # A token is the left neighbour of the one to its right, so its gradient comes from there.
        back = back + parts[1] + _taken(parts[0], right) + _taken(parts[2], left)
    dense["facts_in"] = batch.facts.T @ _summed(back, batch.texts, len(batch.facts))
    vectors_back = _summed(back, batch.words, len(vectors))
    dense["word_out"] = dropped.T @ vectors_back
    active_back = (vectors_back @ weights["word_out"].T) * word_kept * (before > 0)
    dense["word_bias"] = active_back.sum(axis=0)
    dense["piece_in"] = inputs.pieces.T @ active_back
    return Step(loss, dense, np.asarray(inputs.features.T @ active_back))


def _kept(shape: tuple[int, ...], dropout: float, dice: np.random.Generator) -> Floats:
    if not dropout:
        return np.ones(shape, np.float32)
    return (dice.random(shape, np.float32) >= dropout).astype(np.float32) / np.float32(1 - dropout)


def _taken(state: Floats, places: Indices) -> Floats:
    return np.concatenate([state, np.zeros((1, state.shape[1]), state.dtype)])[places]


def _summed(values: Floats, groups: Indices, count: int) -> Floats:
    places = np.arange(len(groups))
    ones = np.ones(len(groups), values.dtype)
    return np.asarray(csr_matrix((ones, (groups, places)), shape=(count, len(groups))) @ values)


@dataclass(slots=True)
class Optimiser:
    """Adam with decoupled weight decay for the dense weights, Adagrad for the table's rows."""

    decay: float = 0.01
    _first: dict[str, Floats] = field(default_factory=dict)
    _second: dict[str, Floats] = field(default_factory=dict)
    _table: Floats | None = None
    _steps: int = 0

    def update(self, weights: dict[str, Floats], table: Floats, rows: Indices, found: Step, rate: float) -> None:
        """Change the weights in place, one step down the gradients (clipped to a length of 1)."""
        self._steps += 1
        length = float(np.sqrt(sum(float((g * g).sum()) for g in found.dense.values())))
        factor = min(1.0, 1.0 / (length + 1e-9))
        for name, slope in found.dense.items():
            clipped = slope * np.float32(factor)
            first = self._first.setdefault(name, np.zeros_like(weights[name]))
            second = self._second.setdefault(name, np.zeros_like(weights[name]))
            first += 0.1 * (clipped - first)
            second += 0.001 * (clipped * clipped - second)
            move = (first / (1 - 0.9**self._steps)) / (np.sqrt(second / (1 - 0.999**self._steps)) + 1e-8)
            if weights[name].ndim > 1:
                move = move + self.decay * weights[name]
            weights[name] -= (rate * move).astype(np.float32)
        if self._table is None:
            self._table = np.full(len(table), 1e-8, np.float32)
        clipped = found.table * np.float32(factor)
        self._table[rows] += (clipped * clipped).mean(axis=1)
        table[rows] -= np.float32(rate * 12) * clipped / np.sqrt(self._table[rows])[:, None]


@dataclass(slots=True)
class Average:
    """The mean of the weights at several steps (Izmailov et al. 2018)."""

    _sums: dict[str, Floats] = field(default_factory=dict)
    _count: int = 0

    def add(self, weights: Mapping[str, Floats]) -> None:
        """Take the weights as they are now."""
        self._count += 1
        for name, values in weights.items():
            self._sums[name] = self._sums[name] + values if name in self._sums else values.copy()

    def mean(self) -> dict[str, Floats]:
        """Return the mean of what was taken."""
        return {name: values / np.float32(self._count) for name, values in self._sums.items()}
