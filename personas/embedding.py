"""Sessions as points: near each other when users want the same and behave alike."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from personas.corpus import Corpus, texts_of
from personas.lexicon import FUNCTION_WORDS, PLACEHOLDER, words
from personas.traits import SessionManner, coordinates

Matrix = NDArray[np.float64]

MAX_CHARS = 400
"""Of a session's text that is looked at: what a user wants is said early, and cost stays bounded."""
DIMENSIONS = 64
MANNER_WEIGHT = 0.1
"""How much a difference in manner counts beside one in topic, whose vectors have length 1."""
CHARACTERS_WEIGHT = 0.6
MAX_FEATURES = 20_000


def embed(corpus: Corpus, manners: Sequence[SessionManner], *, seed: int) -> Matrix:
    """Return one row per session: TF-IDF of words and of characters, reduced by SVD, and the user's manner.

    Words find topics; characters survive typing errors and compounds.
    """
    # Placeholders say what was removed, not what was wanted.
    texts = [PLACEHOLDER.sub(" ", " \n ".join(texts_of(s))[:MAX_CHARS]) for s in corpus.sessions]
    topics = _reduced(_tf_idf(texts), len(texts), seed)
    return np.hstack([topics, MANNER_WEIGHT * np.array([coordinates(m) for m in manners])])


def _tf_idf(texts: list[str]) -> Any:
    from scipy.sparse import hstack
    from sklearn.feature_extraction.text import TfidfVectorizer

    floor = max(1, min(5, len(texts) // 20))
    shared = {"min_df": floor, "max_df": 0.5, "max_features": MAX_FEATURES, "sublinear_tf": True}
    word = TfidfVectorizer(
        ngram_range=(1, 2), stop_words=sorted(FUNCTION_WORDS), tokenizer=words, token_pattern=None, **shared
    )
    character = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 4), **shared)
    parts = []
    for weight, vectorizer in ((1.0, word), (CHARACTERS_WEIGHT, character)):
        try:
            parts.append(weight * vectorizer.fit_transform(texts))
        except ValueError:  # nothing is left of so few or so uniform texts
            continue
    return hstack(parts).tocsr() if parts else None


def _reduced(matrix: Any, rows: int, seed: int) -> Matrix:
    from sklearn.decomposition import TruncatedSVD
    from sklearn.preprocessing import normalize

    if matrix is None or min(matrix.shape) < 3:
        return np.zeros((rows, 1))
    size = min(DIMENSIONS, min(matrix.shape) - 1)
    reduced: Matrix = TruncatedSVD(size, random_state=seed, n_iter=3).fit_transform(matrix)
    return np.asarray(normalize(reduced), dtype=np.float64)
