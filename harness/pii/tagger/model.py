"""The trained network as a file: what it holds, how it is read and written."""

import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import InputError
from harness.pii.tagger.network import CLASSES, Floats
from harness.pii.tagger.words import Lexicon, Pieces

FORMAT = 1
"""Of the file; another one cannot be read by this code."""
SHIPPED = "model.npz"
_KINDS = ("given", "surname", "place")
_DAMAGE = (
    AttributeError,
    EOFError,
    KeyError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What NumPy, zipfile and zlib raise over bytes that are no model."""


@dataclass(frozen=True, slots=True)
class Network:
    """One trained network."""

    weights: Mapping[str, Floats]
    table: Floats
    """[TABLE_ROWS, hidden] A row for each hashed feature of a word."""


@dataclass(frozen=True, slots=True)
class Model:
    """A trained tagger."""

    networks: tuple[Network, ...]
    """Trained alike from different seeds; their probabilities are averaged, since they err on different words."""
    vocabulary: tuple[str, ...]
    vectors: Floats
    """[pieces, width] A vector for each word piece."""
    lexicon: Lexicon
    facts: Mapping[str, Any]
    """Version, seed, thresholds and what it was trained on."""

    @property
    def pieces(self) -> Pieces:
        """The word pieces' vocabulary."""
        return Pieces(self.vocabulary)


@cache
def shipped_model() -> Model:
    """Return the model that comes with the package."""
    return read_model((files("harness.pii.tagger") / SHIPPED).read_bytes())


def read_model(raw: bytes) -> Model:
    """Return a model from the bytes of its file.

    Raises:
        InputError: If it is damaged, or was written in another format or for other classes.
    """
    try:
        with np.load(io.BytesIO(raw), allow_pickle=False) as stored:
            facts = json.loads(str(stored["facts"]))
            if facts["format"] != FORMAT or tuple(facts["classes"]) != CLASSES:
                raise InputError(
                    "the tagger's model was written by another version",
                    hint="train it again, or install the version that wrote it",
                )
            names = {kind: stored[f"names:{kind}"] for kind in _KINDS}
            return Model(
                networks=tuple(_network(stored, number) for number in range(facts["networks"])),
                vocabulary=tuple(str(stored["vocabulary"]).split("\n")),
                vectors=_restored(stored["vectors"], stored["vectors_scale"]),
                lexicon=Lexicon(names, stored["words"], stored["frequencies"]),
                facts=facts,
            )
    except _DAMAGE as error:
        raise InputError(
            "the tagger's model cannot be read", hint="train it again, or install the package again"
        ) from error


def _network(stored: Any, number: int) -> Network:
    start = f"w{number}:"
    weights = {
        name.removeprefix(start): stored[name].astype(np.float32) for name in stored.files if name.startswith(start)
    }
    return Network(weights, _restored(stored[f"table{number}"], stored[f"table_scale{number}"]))


def written(model: Model) -> bytes:
    """Return the bytes of a model's file; the same model gives the same bytes."""
    facts = {**model.facts, "format": FORMAT, "classes": CLASSES, "networks": len(model.networks)}
    vector_bytes, vector_scale = _packed(model.vectors)
    arrays: dict[str, NDArray[Any]] = {
        "facts": np.array(json.dumps(facts, sort_keys=True)),
        "vocabulary": np.array("\n".join(model.vocabulary)),
        "vectors": vector_bytes,
        "vectors_scale": vector_scale,
        "words": model.lexicon.words(),
        "frequencies": model.lexicon.frequencies(),
        **{f"names:{kind}": hashes for kind, hashes in model.lexicon.names().items()},
    }
    for number, network in enumerate(model.networks):
        arrays[f"table{number}"], arrays[f"table_scale{number}"] = _packed(network.table)
        arrays.update(
            {f"w{number}:{name}": values.astype(np.float16) for name, values in sorted(network.weights.items())}
        )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, values in arrays.items():
            body = io.BytesIO()
            np.lib.format.write_array(body, np.asarray(values), allow_pickle=False)
            # A fixed time, so that the same model gives the same file.
            archive.writestr(
                zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), body.getvalue(), zipfile.ZIP_DEFLATED, 9
            )
    return made.getvalue()


def _packed(values: Floats) -> tuple[NDArray[np.int8], NDArray[np.float16]]:
    """Return rows as whole numbers -127 … 127 and what to multiply each row with."""
    scale = (np.abs(values).max(axis=1, keepdims=True) / 127.0).astype(np.float16)
    divisor = np.where(scale > 0, scale, 1).astype(np.float32)
    return np.clip(np.rint(values / divisor), -127, 127).astype(np.int8), scale


def _restored(values: NDArray[np.int8], scale: NDArray[np.float16]) -> Floats:
    return values.astype(np.float32) * scale.astype(np.float32)
