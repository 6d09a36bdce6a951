"""Vectors of word pieces that were learned from much text elsewhere, made small enough to ship."""

import hashlib
import json
import re
from pathlib import Path

import numpy as np

from harness.errors import InputError
from harness.pii.tagger.network import Floats

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of ``model.safetensors`` of sentence-transformers/all-MiniLM-L6-v2 (Apache 2.0)."""
WIDTH = 64
_USEFUL = re.compile(r"(?:##)?[a-z0-9]+")


def read_pieces(folder: Path) -> tuple[list[str], Floats]:
    """Return the vocabulary and its vectors, [pieces, WIDTH], on their main axes, in units of their spread.

    Args:
        folder: One with ``vocab.txt`` and ``model.safetensors`` of all-MiniLM-L6-v2.

    Raises:
        InputError: If the weights are not the published ones.
    """
    raw = (folder / "model.safetensors").read_bytes()
    if hashlib.sha256(raw).hexdigest() != WEIGHTS_SHA256:
        raise InputError(
            f"{folder / 'model.safetensors'} is not the published file",
            hint="its SHA-256 must be the one in the model card",
        )
    vectors = _embeddings(raw)
    vocabulary = (folder / "vocab.txt").read_text("utf-8").splitlines()
    useful = [number for number, piece in enumerate(vocabulary) if _USEFUL.fullmatch(piece)]
    chosen = vectors[useful]
    centred = chosen - chosen.mean(axis=0)
    _, _, axes = np.linalg.svd(centred[:: max(1, len(centred) // 12000)], full_matrices=False)
    reduced = centred @ axes[:WIDTH].T
    return [vocabulary[number] for number in useful], (reduced / reduced.std()).astype(np.float32)


def _embeddings(raw: bytes) -> Floats:
    header_length = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + header_length])
    entry = next(value for name, value in header.items() if name.endswith("word_embeddings.weight"))
    start, end = (8 + header_length + offset for offset in entry["data_offsets"])
    return np.frombuffer(raw[start:end], np.float32).reshape(entry["shape"])
