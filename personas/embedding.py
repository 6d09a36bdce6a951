"""Sessions as points: near each other when users want the same and behave alike."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from personas.corpus import RARE, Corpus, opening_of
from personas.lexicon import FUNCTION_WORDS, PLACEHOLDER, word_set, words
from personas.traits import SessionManner, coordinates, languages_of

Matrix = NDArray[np.float64]
Vectors = NDArray[np.float32]
Embedder = Callable[[Sequence[str]], Vectors]
"""One row per text."""

DIMENSIONS = 64
MANNER_WEIGHT = 0.1
"""How much a difference in manner counts beside one in topic, whose vectors have length 1."""
PIECES_WEIGHT = 1.5
"""Of parts of words beside whole words."""
PIECES = (3, 4)
"""Characters in a part of a word; a word's ends count as one each."""
MAX_FEATURES = 20_000
FRAMES = word_set(
    "like want need help know looking look find tell get wondering possible question problem issue anything something"
)
"""What wishes of every kind are put in; with function words, it carries no topic."""
FITTED = 20_000
"""Sessions that the dimensions are found on; all others are only projected on them."""


def embed(corpus: Corpus, manners: Sequence[SessionManner], *, seed: int, embedder: Embedder | None = None) -> Matrix:
    """Return one row per session: its topic as a vector of length 1, then the user's manner.

    Args:
        corpus: The users' side of the dataset.
        manners: Of its sessions.
        seed: Makes the embedded topics reproducible.
        embedder: Asked for the topics instead; it is shown texts in which words of fewer than k users are masked.
    """
    topics = embedded_topics(corpus, seed=seed) if embedder is None else _unit(embedder(outgoing_texts(corpus)))
    usual = languages_of(manners).most_common(1)[0][0]
    return np.hstack([topics, MANNER_WEIGHT * np.array([coordinates(m, usual) for m in manners])])


def embedded_topics(corpus: Corpus, *, seed: int) -> Vectors:
    """Return topics without a model: TF-IDF of words, pairs of words and parts of words, reduced by SVD.

    Words find topics; parts survive typing errors, endings and compounds. Function words carry no topic.
    """
    # Placeholders say what was removed, not what was wanted.
    texts = [PLACEHOLDER.sub(" ", opening_of(session)) for session in corpus.sessions]
    return _reduced(_weighted(texts), len(texts), seed)


def outgoing_texts(corpus: Corpus) -> list[str]:
    """Return what may leave the machine of each session: words of fewer than k users and placeholders are left out."""
    return [
        " ".join(PLACEHOLDER.sub(" ", corpus.masked(opening_of(session)).replace(RARE, " ")).split())
        for session in corpus.sessions
    ]


def _content(text: str) -> list[str]:
    return [word for word in words(text) if word not in FUNCTION_WORDS and word not in FRAMES]


def _weighted(texts: list[str]) -> Any:
    """Return the TF-IDF of all texts; None where too few or too uniform texts leave nothing to compare."""
    from scipy.sparse import hstack
    from sklearn.feature_extraction.text import CountVectorizer

    counter = CountVectorizer(tokenizer=_content, token_pattern=None, lowercase=False, ngram_range=(1, 2))
    try:
        counts = counter.fit_transform(texts).astype(np.float32)
    except ValueError:  # no text holds a word
        return None
    names = counter.get_feature_names_out()
    single = np.array([" " not in name for name in names])
    parts = [
        weight * _tf_idf(matrix)
        for weight, matrix in ((1.0, counts), (PIECES_WEIGHT, counts[:, single] @ _pieces(names[single])))
    ]
    joined = hstack(parts).tocsr()
    return joined if joined.shape[1] else None


def _pieces(names: Sequence[str]) -> Any:
    """Return which parts each word has: counted once a word instead of once a text, which is many times faster."""
    from sklearn.feature_extraction.text import CountVectorizer

    return CountVectorizer(analyzer="char_wb", ngram_range=PIECES, dtype=np.float32).fit_transform(names)


def _tf_idf(counts: Any) -> Any:
    """Return the TF-IDF (logarithmic counts, rows of length 1) of what is neither too rare nor everywhere."""
    from sklearn.feature_extraction.text import TfidfTransformer

    rows = counts.shape[0]
    frequency = np.diff(counts.tocsc().indptr)
    fitting = np.flatnonzero((frequency >= max(1, min(5, rows // 20))) & (frequency <= max(1, rows // 2)))
    # The commonest first; equal ones in the order of their names, so that no order of rows matters.
    chosen = np.sort(fitting[np.lexsort((fitting, -frequency[fitting]))][:MAX_FEATURES])
    kept = counts[:, chosen]
    return TfidfTransformer(sublinear_tf=True).fit_transform(kept) if len(chosen) else kept


def _reduced(matrix: Any, rows: int, seed: int) -> Vectors:
    from sklearn.decomposition import TruncatedSVD

    if matrix is None or min(matrix.shape) < 3:
        return np.zeros((rows, 1), dtype=np.float32)
    size = min(DIMENSIONS, min(matrix.shape) - 1)
    reducer = TruncatedSVD(size, random_state=seed, n_iter=3)
    fitted = matrix if rows <= FITTED else matrix[sample_of(rows, FITTED, seed)]
    return _unit(reducer.fit(fitted).transform(matrix))


def sample_of(rows: int, count: int, seed: int) -> NDArray[np.intp]:
    """Return ``count`` of ``rows`` row numbers, drawn without replacement, ascending; all where there are no more."""
    if rows <= count:
        return np.arange(rows)
    return np.sort(np.random.default_rng(seed).choice(rows, count, replace=False))


def _unit(rows: Any) -> Vectors:
    from sklearn.preprocessing import normalize

    return np.asarray(normalize(rows), dtype=np.float32)
