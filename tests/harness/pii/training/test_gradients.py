"""The written-out gradients against finite differences, and the optimiser's steps."""

from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from harness.pii.tagger.network import CLASSES, DILATIONS, TEXT_FACTS, Batch, class_probabilities, word_vectors
from harness.pii.training.gradients import Inputs, Optimiser, Step, step

HIDDEN, WIDTH, PIECES, ROWS, WORDS = 3, 4, 3, 5, 6
TEXT_OF_TOKEN = [0, 0, 0, 0, 0, 1, 2, 2, 2, 2]
WORD_OF_TOKEN = [0, 1, 2, 0, 3, 4, 5, 1, 1, 2]
GPE = CLASSES.index("GPE")


def small_net(seed: int = 0) -> tuple[dict[str, Any], Any]:
    """Return weights and table in double precision, so that differences are exact enough."""
    dice = np.random.default_rng(seed)
    shapes: dict[str, tuple[int, ...]] = {
        "piece_in": (PIECES, HIDDEN), "word_bias": (HIDDEN,), "word_out": (HIDDEN, WIDTH), "facts_in": (TEXT_FACTS, WIDTH),
        "class_out": (WIDTH, len(CLASSES)), "class_bias": (len(CLASSES),),
    }  # fmt: skip
    for layer in range(len(DILATIONS)):
        shapes |= {f"mix{layer}": (3 * WIDTH, WIDTH), f"mix_bias{layer}": (WIDTH,)}
        shapes |= {f"scale{layer}": (WIDTH,), f"shift{layer}": (WIDTH,)}
    weights: dict[str, Any] = {name: dice.standard_normal(shape) for name, shape in shapes.items()}
    # No class next to impossible: there the loss has a floor and the gradient has none.
    weights["class_out"] *= 0.3
    return weights, dice.standard_normal((ROWS, HIDDEN))


def small_inputs(allowed: Any = None) -> Inputs:
    """Return three texts of ten tokens; some tokens may be of several classes, one does not count."""
    dice = np.random.default_rng(9)
    facts: Any = dice.standard_normal((3, TEXT_FACTS))
    pieces: Any = dice.standard_normal((WORDS, PIECES))
    if allowed is None:
        allowed = np.zeros((10, len(CLASSES)))
        allowed[np.arange(10), dice.integers(0, len(CLASSES), 10)] = 1
        allowed[2, :4] = 1
        allowed[7] = 0
    weight: Any = allowed.any(axis=1).astype(float)
    batch = Batch(words=np.array(WORD_OF_TOKEN), texts=np.array(TEXT_OF_TOKEN), facts=facts)
    counts = csr_matrix(dice.integers(0, 3, (WORDS, ROWS)).astype(float))
    return Inputs(batch, counts, np.arange(ROWS), pieces, allowed, weight)


def stepped(weights: dict[str, Any], table: Any, inputs: Inputs, dropout: float = 0.0) -> Step:
    """Return a step whose dropout hides the same each time."""
    return step(weights, table, inputs, dropout, np.random.default_rng(1))


def differences(weights: dict[str, Any], table: Any, inputs: Inputs, changed: Any, dropout: float) -> Any:
    """Return the loss's slope for each number of ``changed``, by moving it a little up and down."""
    slopes, apart = np.zeros_like(changed), 1e-6
    for place in np.ndindex(changed.shape):
        before = changed[place]
        changed[place] = before + apart
        above = stepped(weights, table, inputs, dropout).loss
        changed[place] = before - apart
        below = stepped(weights, table, inputs, dropout).loss
        changed[place] = before
        slopes[place] = (above - below) / (2 * apart)
    return slopes


@pytest.mark.parametrize("dropout", [0.0, 0.3])
@pytest.mark.parametrize("name", [*small_net()[0], "table"])
def test_gradients_equal_finite_differences(name: str, dropout: float) -> None:
    (weights, table), inputs = small_net(), small_inputs()
    found = stepped(weights, table, inputs, dropout)
    slope = found.table if name == "table" else found.dense[name]
    changed = table if name == "table" else weights[name]
    assert slope.shape == changed.shape
    assert np.abs(slope).max() > 0
    assert np.allclose(slope, differences(weights, table, inputs, changed, dropout), atol=1e-6, rtol=1e-4)


def test_every_weight_has_a_gradient() -> None:
    weights, table = small_net()
    assert stepped(weights, table, small_inputs()).dense.keys() == weights.keys()


def test_training_and_finding_compute_the_same_probabilities() -> None:
    (weights, table), inputs = small_net(), small_inputs()
    vectors = word_vectors(weights, inputs.features @ table + inputs.pieces @ weights["piece_in"])
    chances = class_probabilities(weights, vectors, inputs.batch)
    counted = inputs.weight > 0
    loss = -np.log((chances * inputs.allowed).sum(axis=1)[counted]).mean()
    assert stepped(weights, table, inputs).loss == pytest.approx(loss, rel=1e-6)


def test_a_class_that_nobody_marked_is_not_punished() -> None:
    """Where only people were marked, a town may be called a town."""
    weights, table = small_net()
    weights["class_out"][:] = 0
    weights["class_bias"][:] = -20
    weights["class_bias"][GPE] = 20
    unmarked, plain = np.zeros((10, len(CLASSES))), np.zeros((10, len(CLASSES)))
    unmarked[:, [0, GPE]] = 1
    plain[:, 0] = 1
    tolerated = stepped(weights, table, small_inputs(unmarked))
    assert tolerated.loss < 1e-6
    assert np.abs(tolerated.dense["class_bias"]).max() < 1e-6
    punished = stepped(weights, table, small_inputs(plain))
    assert punished.loss > 10
    assert punished.dense["class_bias"][GPE] > 0.5


def test_tokens_that_do_not_count_teach_nothing() -> None:
    (weights, table), inputs = small_net(), small_inputs()
    allowed = inputs.allowed.copy()
    allowed[7] = 1
    other = Inputs(inputs.batch, inputs.features, inputs.rows, inputs.pieces, allowed, inputs.weight)
    found, expected = stepped(weights, table, other), stepped(weights, table, inputs)
    assert found.loss == pytest.approx(expected.loss)
    assert np.allclose(found.table, expected.table)


@pytest.mark.parametrize("rate", [0.01, 0.001])
def test_steps_down_the_gradients_lower_the_loss(rate: float) -> None:
    (weights, table), inputs, optimiser = small_net(), small_inputs(), Optimiser()
    losses = []
    for _ in range(30):
        found = stepped(weights, table, inputs)
        losses.append(found.loss)
        optimiser.update(weights, table, inputs.rows, found, rate)
    assert losses[-1] < losses[0]


def test_rows_that_do_not_occur_stay_as_they_are() -> None:
    weights, table = small_net()
    before, rows = table.copy(), np.array([1, 4])
    inputs = small_inputs()
    narrow = Inputs(inputs.batch, inputs.features[:, rows], rows, inputs.pieces, inputs.allowed, inputs.weight)
    Optimiser().update(weights, table, rows, stepped(weights, table[rows], narrow), 0.01)
    assert sorted(np.flatnonzero((table != before).any(axis=1))) == [1, 4]


def test_one_wild_batch_cannot_throw_the_weights_away() -> None:
    """Gradients are clipped, and the first step is at most the rate a weight."""
    weights, table = small_net()
    before = {name: values.copy() for name, values in weights.items()}
    found = stepped(weights, table, small_inputs())
    wild = Step(found.loss, {name: 1e6 * slope for name, slope in found.dense.items()}, 1e6 * found.table)
    Optimiser().update(weights, table, np.arange(ROWS), wild, 0.01)
    for name, values in weights.items():
        assert np.abs(values - before[name]).max() <= 0.011 * (1 + 0.01 * np.abs(before[name]).max())
    assert np.isfinite(table).all()
