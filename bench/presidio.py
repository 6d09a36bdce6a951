"""Presidio as its users run it, for comparison: pattern recognizers alone, or with a model of the default one's size.

Presidio's default model, en_core_web_lg, is a download. The stand-in has its architecture (embeddings, four
convolution layers twice, tagger, parser, lemmatizer, entity recognizer, 300-dimensional vectors) with random weights:
what it finds means nothing, what it costs is what the real one costs.
"""

import random
from collections.abc import Callable, Sequence
from typing import Any

Analysis = Callable[[Sequence[str]], list[list[Any]]]
"""Takes texts, returns Presidio's results for each."""
_VECTORS, _WIDTH = 20_000, 300
"""Fewer than the default model's 343,000 vectors: a look-up costs the same, only making them does not."""
_LABELS = ("PERSON", "GPE", "ORG", "DATE", "CARDINAL", "LOC", "FAC", "NORP", "TIME", "MONEY")
_TAGS = ("NN", "NNP", "VB", "VBZ", "JJ", "IN", "DT", "PRP", "CD", ".")
_DEPENDENCIES = ("nsubj", "dobj", "det", "prep", "pobj", "amod", "aux")


def patterns_only() -> Analysis:
    """Return Presidio's predefined pattern recognizers with a blank model: no names, no network."""
    import spacy

    engine = _engine(spacy.blank("en"), named_entities=False)
    return lambda texts: [engine.analyze(text, "en") for text in texts]


def with_model(*, batch: bool) -> Analysis:
    """Return Presidio with all its recognizers and a stand-in for its default model.

    Args:
        batch: Through ``BatchAnalyzerEngine`` instead of ``analyze`` for each text.
    """
    from presidio_analyzer import BatchAnalyzerEngine

    engine = _engine(_stand_in(), named_entities=True)
    if not batch:
        return lambda texts: [engine.analyze(text, "en") for text in texts]
    batches = BatchAnalyzerEngine(analyzer_engine=engine)
    return lambda texts: list(batches.analyze_iterator(texts, "en", batch_size=256))


def _engine(model: Any, *, named_entities: bool) -> Any:
    import tldextract.tldextract as suffixes
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    # Its e-mail recognizer would fetch the list of public suffixes; the bundled one is as good here.
    suffixes.TLD_EXTRACTOR = suffixes.TLDExtract(suffix_list_urls=(), cache_dir=None)
    nlp = SpacyNlpEngine()
    nlp.nlp = {"en": model}
    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"])
    if not named_entities:
        registry.remove_recognizer("SpacyRecognizer")
    return AnalyzerEngine(registry=registry, nlp_engine=nlp, supported_languages=["en"])


def _stand_in() -> Any:
    import numpy as np
    import spacy
    from spacy.training import Example
    from spacy.vectors import Vectors

    model = spacy.blank("en")
    dice = np.random.default_rng(7)
    words = [f"word{number}" for number in range(_VECTORS)]
    model.vocab.vectors = Vectors(
        strings=model.vocab.strings, data=dice.standard_normal((_VECTORS, _WIDTH)).astype(np.float32), keys=words
    )
    model.add_pipe("tok2vec", config={"model": _embedding("spacy.Tok2Vec.v2")})
    listener = {"@architectures": "spacy.Tok2VecListener.v1", "width": 96, "upstream": "*"}
    tagger = model.add_pipe("tagger", config={"model": {"@architectures": "spacy.Tagger.v2", "tok2vec": listener}})
    parser = model.add_pipe("parser", config={"model": _transitions("parser", listener)})
    entities = model.add_pipe("ner", config={"model": _transitions("ner", _embedding("spacy.Tok2Vec.v2"))})
    for pipe, labels in ((tagger, _TAGS), (parser, _DEPENDENCIES), (entities, _LABELS)):
        for label in labels:
            pipe.add_label(label)
    model.initialize(lambda: [_example(model, Example)])
    return model


def _embedding(architecture: str) -> dict[str, Any]:
    return {
        "@architectures": architecture,
        "embed": {
            "@architectures": "spacy.MultiHashEmbed.v2",
            "width": 96,
            "attrs": ["NORM", "PREFIX", "SUFFIX", "SHAPE", "SPACY", "IS_SPACE"],
            "rows": [5000, 1000, 2500, 2500, 50, 50],
            "include_static_vectors": True,
        },
        "encode": {
            "@architectures": "spacy.MaxoutWindowEncoder.v2",
            "width": 96,
            "depth": 4,
            "window_size": 1,
            "maxout_pieces": 3,
        },
    }


def _transitions(state: str, tok2vec: dict[str, Any]) -> dict[str, Any]:
    return {
        "@architectures": "spacy.TransitionBasedParser.v2",
        "state_type": state,
        "extra_state_tokens": False,
        "hidden_width": 64,
        "maxout_pieces": 2,
        "use_upper": True,
        "tok2vec": tok2vec,
    }


def _example(model: Any, kind: Any) -> Any:
    dice = random.Random(7)
    words = [f"word{dice.randrange(_VECTORS)}" for _ in range(len(_TAGS))]
    doc = model.make_doc(" ".join(words))
    heads = [max(0, place - 1) for place in range(len(words))]
    entities = ["O"] * len(words)
    entities[:10] = [f"U-{label}" for label in _LABELS][: len(words)]
    return kind.from_dict(
        doc,
        {
            "words": words,
            "tags": list(_TAGS),
            "heads": heads,
            "deps": ["ROOT", *(_DEPENDENCIES * 2)[: len(words) - 1]],
            "entities": entities,
        },
    )
