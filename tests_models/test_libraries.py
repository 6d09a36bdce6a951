"""Real transformers and GLiNER models, made on the spot: what stubs of their interfaces cannot show."""

import socket
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from harness.errors import ConfigurationError
from harness.pii.models import ModelTagger

# A library that is missing fails the collection: nothing here may be skipped.
gliner: Any = import_module("gliner")
torch: Any = import_module("torch")
transformers: Any = import_module("transformers")


def tagger(spec: str, *, threshold: float = 0.3) -> ModelTagger:
    return ModelTagger(spec, labels={}, threshold=threshold)


def found(one: ModelTagger, text: str) -> list[tuple[str, str]]:
    return [(span.entity, text[span.start : span.end]) for span in one.find([text])[0]]


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any attempt to connect fails the test."""

    def refuse(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture(scope="module")
def tiny_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real transformers model on disk: a tiny BERT whose weights are set by hand to label the word "marit"."""
    folder = tmp_path_factory.mktemp("models") / "bert"
    folder.mkdir()
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "mar", "##it", "ring", "so"]
    (folder / "vocab.txt").write_text("\n".join(words))
    transformers.BertTokenizerFast(str(folder / "vocab.txt"), model_max_length=64).save_pretrained(folder)
    config = transformers.BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        max_position_embeddings=66, id2label={0: "O", 1: "B-PER", 2: "I-PER"}, label2id={"O": 0, "B-PER": 1, "I-PER": 2},
    )  # fmt: skip
    model = transformers.BertForTokenClassification(config)
    with torch.no_grad():
        for weights in model.parameters():
            weights.zero_()
        for normed in (
            model.bert.embeddings.LayerNorm,
            *(m for m in model.modules() if type(m).__name__ == "LayerNorm"),
        ):
            normed.weight.fill_(1.0)
        model.bert.embeddings.word_embeddings.weight[:, 0] = -4.0
        model.bert.embeddings.word_embeddings.weight[words.index("mar"), 0] = 4.0
        model.classifier.weight[1, 0] = 2.0
    model.save_pretrained(folder)
    return folder


@pytest.mark.usefixtures("no_network")
def test_a_real_transformers_model_finds_names_from_its_folder(tiny_bert: Path) -> None:
    one = tagger(f"transformers:{tiny_bert}")
    assert found(one, "ring Marit, so") == [("PERSON", "Marit")]
    assert one.find(["", "so", "Marit"])[1] == []


def test_a_real_transformers_model_reads_long_texts_to_their_end(tiny_bert: Path) -> None:
    assert ("PERSON", "Marit") in found(tagger(f"transformers:{tiny_bert}"), "so " * 300 + "Marit")


@pytest.mark.usefixtures("no_network")
def test_a_real_transformers_model_that_is_not_there_is_not_fetched() -> None:
    with pytest.raises(ConfigurationError, match="no such model"):
        tagger("transformers:somebody/some-model")


@pytest.fixture(scope="module")
def tiny_gliner(tiny_bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real GLiNER model on disk, of random weights: it takes nearly everything for a person at a low threshold."""
    encoder = tmp_path_factory.mktemp("encoder")
    transformers.AutoTokenizer.from_pretrained(tiny_bert, model_max_length=512).save_pretrained(encoder)
    transformers.BertConfig(
        vocab_size=9, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16
    ).save_pretrained(encoder)
    transformers.BertModel(transformers.AutoConfig.from_pretrained(encoder)).save_pretrained(encoder)
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("models") / "gliner"
    config = gliner.GLiNERConfig(model_name=str(encoder), hidden_size=16, max_len=384, max_width=4, dropout=0.0)
    gliner.GLiNER.from_config(config).save_pretrained(folder)
    return folder


@pytest.mark.usefixtures("no_network")
def test_a_real_gliner_model_reads_long_texts_to_their_end(tiny_gliner: Path) -> None:
    long = "so " * 1000 + "Marit"
    spans = tagger(f"gliner:{tiny_gliner}", threshold=0.01).find(["ring Marit so", "", long])
    assert spans[0]
    assert spans[1] == []
    assert max(span.end for span in spans[2]) == len(long)


@pytest.mark.usefixtures("no_network")
def test_a_real_gliner_model_that_is_not_there_is_not_fetched() -> None:
    with pytest.raises(ConfigurationError, match="no such model"):
        tagger("gliner:somebody/some-model")
