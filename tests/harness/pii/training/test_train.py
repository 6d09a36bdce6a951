"""Training in small: it lowers the loss, and gives the same bytes for the same seed."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.pii.tagger.model import Model, Network, read_model, written
from harness.pii.tagger.network import CLASSES
from harness.pii.tagger.tagging import Tagger, Thresholds
from harness.pii.tagger.words import Lexicon, Pieces
from harness.pii.training import train as training
from harness.pii.training.corpus import Labelled, generated, templates
from harness.pii.training.encoding import Encoder
from harness.pii.training.gradients import step
from harness.pii.training.pretrained import WEIGHTS_SHA256, WIDTH
from harness.pii.training.train import Plan, train

TINY = Plan(seed=5, steps=3, networks=2, batch=8, hidden=8, width=8)
ROWS = (
    Labelled("Ask Zoe, now", ((4, 7, "PERSON"),), frozenset({"PERSON"}), "shop"),
    Labelled("no, thanks", (), frozenset({"PERSON"}), "shop"),
)
THRESHOLDS = Thresholds(0.1, 0.03)


@cache
def pieces() -> tuple[Sequence[str], Any]:
    """Return a vocabulary of letters with vectors of the right width."""
    vocabulary = [start + chr(97 + n) for start in ("", "##") for n in range(26)]
    return vocabulary, np.random.default_rng(1).standard_normal((len(vocabulary), WIDTH)).astype(np.float32)


def new_encoder() -> Encoder:
    """Return an encoder with empty lists."""
    none = np.array([], np.uint32)
    lexicon = Lexicon(dict.fromkeys(("given", "surname", "place"), none), none, none.astype(np.uint8))
    return Encoder(lexicon, Pieces(pieces()[0]), pieces()[1])


def network(plan: Plan, *, seed: int, rows: Sequence[Labelled] = ()) -> Any:
    """Return one trained network."""
    return training._network(plan, new_encoder(), rows, seed)


def same(one: Any, other: Any) -> bool:
    """Return whether two networks are the same to the last bit."""
    return np.array_equal(one.table, other.table) and all(
        np.array_equal(values, other.weights[name]) for name, values in one.weights.items()
    )


def test_two_runs_with_the_same_seed_give_the_same_network() -> None:
    assert same(network(TINY, seed=5, rows=ROWS), network(TINY, seed=5, rows=ROWS))


def test_another_seed_and_other_rows_give_another_network() -> None:
    first = network(TINY, seed=5, rows=ROWS)
    assert not same(first, network(TINY, seed=6, rows=ROWS))
    assert not same(first, network(TINY, seed=5))


def test_a_little_training_lowers_the_loss_on_texts_it_never_saw() -> None:
    plan = Plan(steps=40, batch=24, hidden=8, width=8, rate=0.01)
    encoder = new_encoder()
    unseen = [encoder.encode(row) for row in generated(60, seed=987_654)]
    inputs = encoder.step_inputs(unseen, np.random.default_rng(1), forget=False)
    weights, table = training._first_weights(plan, np.random.default_rng(plan.seed))
    before = step(weights, table[inputs.rows], inputs, 0.0, np.random.default_rng(1)).loss
    trained = network(plan, seed=plan.seed)
    after = step(trained.weights, trained.table[inputs.rows], inputs, 0.0, np.random.default_rng(1)).loss
    assert np.isfinite(after)
    assert after < 0.7 * before


def test_a_whole_training_gives_the_same_bytes_as_one_in_this_process_and_a_model_that_works() -> None:
    """Each network is trained in a process of its own, which must not matter."""
    model = train(TINY, pieces(), ROWS, THRESHOLDS, {"shop.jsonl": "ab"})
    alone = tuple(training._trained(TINY, pieces(), ROWS, seed) for seed in (5, 1005))
    raw = written(model)
    assert raw == written(replace(model, networks=alone))
    assert len(model.networks) == 2
    assert not same(*model.networks)
    assert model.facts["plan"] == {
        "seed": 5, "steps": 3, "networks": 2, "batch": 8, "set_share": 0.35, "hidden": 8, "width": 8, "rate": 0.002, "dropout": 0.15,
    }  # fmt: skip
    assert model.facts["sets"] == {"shop.jsonl": "ab"}
    assert model.facts["templates"] == len(templates())
    assert model.facts["pieces_sha256"] == WEIGHTS_SHA256
    assert model.facts["thresholds"] == {"alone": 0.1, "beside": 0.03}
    assert set(model.facts["packages"]) == set(training._PACKAGES)
    back = read_model(raw)
    assert {"mary", "james"} <= {name for name in ("mary", "james", "xqzw") if "in:given" in back.lexicon.flags(name)}
    assert len(Tagger(back, THRESHOLDS).find(["Ask Zoe, now", ""])) == 2


def test_the_share_of_labelled_texts_is_as_planned() -> None:
    plan = Plan(set_share=0.4)
    rows = [Labelled("qqqq", ()), Labelled("qqqq wwww", ())]
    texts = training._texts(plan, 1, new_encoder(), rows)
    from_set = sum("qqqq" in next(texts).text.lower() for _ in range(500))
    assert 150 < from_set < 250


def test_without_labelled_texts_all_are_generated() -> None:
    texts = training._texts(Plan(), 5, new_encoder(), [])
    expected = [row.text for row in generated(30, seed=500_000)]
    assert [next(texts).text for _ in range(30)] == expected


def test_labelled_rows_come_again_in_another_order_half_of_them_as_they_are() -> None:
    rows = [Labelled(f"Number {n} Is Zoe", ()) for n in range(20)]
    endless = training._repeated(rows, 3)
    first, second = [[next(endless).text for _ in rows] for _ in range(2)]
    originals = {row.text for row in rows}
    assert set(first[:10]) <= originals
    assert set(second[:10]) <= originals
    assert first[:10] != second[:10]


def test_the_rate_rises_then_falls_and_never_ends() -> None:
    plan = Plan(steps=1000, rate=0.002)
    rates = [training._rate(plan, number) for number in range(plan.steps)]
    assert rates[0] < rates[25] < max(rates) <= plan.rate
    assert rates[-1] < 0.3 * max(rates)
    assert min(rates) > 0


def test_the_command_reads_its_sets_and_writes_the_model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path, out = tmp_path / "shop.jsonl", tmp_path / "model.npz"
    path.write_text('{"text": "hi Zoe", "spans": [{"start": 3, "end": 6, "type": "PERSON"}]}\n', "utf-8")
    asked: list[Any] = []

    def noted(plan: Plan, found: Any, rows: Any, thresholds: Thresholds, sources: Any) -> Any:
        asked.extend([plan, found, rows, thresholds, sources])
        return untrained()

    monkeypatch.setattr(training, "train", noted)
    monkeypatch.setattr(training, "read_pieces", lambda folder: folder.name)
    training.main(
        [
            *("--pieces", str(tmp_path / "minilm"), "--set", str(path), "--out", str(out)),
            *("--steps", "9", "--networks", "1", "--seed", "4", "--alone", "0.3", "--beside", "0.2"),
        ]
    )
    plan, found, rows, thresholds, sources = asked
    assert (plan.steps, plan.networks, plan.seed) == (9, 1, 4)
    assert found == "minilm"
    assert [row.text for row in rows] == ["hi Zoe"]
    assert thresholds == Thresholds(0.3, 0.2)
    assert sources.keys() == {"shop.jsonl"}
    assert read_model(out.read_bytes()).facts["thresholds"] == {"alone": 0.3, "beside": 0.2}


def untrained() -> Any:
    """Return a model with its first weights."""
    weights, table = training._first_weights(TINY, np.random.default_rng(0))
    vocabulary, vectors = pieces()
    facts = {"thresholds": {"alone": 0.3, "beside": 0.2}, "classes": CLASSES}
    return Model((Network(weights, table),), tuple(vocabulary), vectors, new_encoder().lexicon, facts)


def test_first_weights_follow_from_the_dice() -> None:
    one, other = (training._first_weights(TINY, np.random.default_rng(seed)) for seed in (1, 2))
    assert np.array_equal(one[1], training._first_weights(TINY, np.random.default_rng(1))[1])
    assert not np.array_equal(one[1], other[1])
