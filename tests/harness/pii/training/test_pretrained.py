"""Word-piece vectors from elsewhere: only the published file is taken, and only what is useful of it."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from harness.errors import InputError
from harness.pii.training import pretrained
from harness.pii.training.pretrained import WEIGHTS_SHA256, WIDTH, read_pieces

VOCABULARY = ["[PAD]", "[CLS]", "anna", "##na", "12", "é", "don't", "!", *(f"w{number}" for number in range(90))]
AXES = 80


def weights_file() -> bytes:
    """Return a file as safetensors writes it: the header's length, the header, the numbers."""
    values = np.random.default_rng(2).standard_normal((len(VOCABULARY), AXES)).astype(np.float32)
    other = np.arange(6, dtype=np.float32).tobytes()
    header = json.dumps(
        {
            "__metadata__": {"format": "pt"},
            "encoder.bias": {"dtype": "F32", "shape": [6], "data_offsets": [0, len(other)]},
            "embeddings.word_embeddings.weight": {
                "dtype": "F32",
                "shape": list(values.shape),
                "data_offsets": [len(other), len(other) + values.nbytes],
            },
        }
    ).encode()
    return len(header).to_bytes(8, "little") + header + other + values.tobytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder like the published one, with other numbers."""
    (tmp_path / "model.safetensors").write_bytes(weights_file())
    (tmp_path / "vocab.txt").write_text("\n".join(VOCABULARY) + "\n", "utf-8")
    return tmp_path


def test_any_other_file_is_refused(folder: Path) -> None:
    with pytest.raises(InputError, match="not the published file") as refused:
        read_pieces(folder)
    assert "SHA-256" in refused.value.hint


def test_useful_pieces_are_kept_on_their_main_axes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pretrained, "WEIGHTS_SHA256", hashlib.sha256(weights_file()).hexdigest())
    vocabulary, vectors = read_pieces(folder)
    assert vocabulary == ["anna", "##na", "12", *VOCABULARY[8:]]
    assert vectors.shape == (len(vocabulary), WIDTH)
    assert vectors.dtype == np.float32
    assert vectors.std() == pytest.approx(1, abs=1e-3)
    # The first axes tell the most.
    spread = vectors.std(axis=0)
    assert spread[0] > spread[-1]
    again = read_pieces(folder)[1]
    assert np.array_equal(vectors, again)


def test_the_published_file_is_named_in_the_model_card() -> None:
    card = (Path(pretrained.__file__).parents[1] / "tagger" / "MODEL_CARD.md").read_text("utf-8")
    assert WEIGHTS_SHA256 in card
