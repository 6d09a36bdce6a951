"""Groups of points: which rows belong together, and how many groups the rows themselves speak for."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from personas.embedding import Matrix, Vectors, sample_of

Labels = NDArray[np.intp]

REFERENCE = 10_000
"""Rows that the groups are found on; all others join the nearest group."""
NEIGHBOURS = 10
SMOOTHINGS = 2
"""How often a row is moved half way to its neighbours' mean: that closes gaps inside a topic, not those between topics."""
GRAINS = 500
"""Small groups that are joined, pair by pair, to the counts tried."""
JUDGED = 2_000
"""Rows that the silhouette is measured on; its cost is quadratic."""
WORTH = 1.02
"""A larger count has to make the silhouette so many times better to be worth telling so many groups apart."""
OCTAVE = 2
"""Larger counts are looked at up to this many times a count: far above it, groups of near-duplicates raise the silhouette again."""
NEARLY = 0.6
"""Of the best silhouette: a count below that is no answer even where the next ones are no better."""
GIANT = 0.4
"""Share of the rows above which a group is no topic but what was left over: it is grouped again on its own."""
LADDER = (2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 20, 24, 32, 40, 48, 64, 80, 96, 128, 160, 200, 256, 320, 400)
"""Counts tried; the ceiling is tried, too."""
_CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class Clustering:
    """Rows in groups."""

    labels: Labels
    """The group of each row, from 0."""
    silhouettes: dict[int, float]
    """Mean silhouette by count tried, −1 … 1; empty where only one group is possible."""


def clustered(points: Matrix, *, ceiling: int, seed: int) -> Clustering:
    """Group rows; their number of groups is chosen by the mean silhouette (Rousseeuw 1987).

    Rows are smoothed over their nearest neighbours, collected in grains by k-means, the grains joined by Ward's
    method (1963), and every count's groups refined by k-means (Lloyd) from there. The silhouette is measured on the
    rows as they were, because smoothed ones look the better grouped the more groups there are. A group of nearly half
    of all rows is what no other one took: it is grouped again, as far as the ceiling allows.

    Args:
        points: One row each.
        ceiling: Groups at most.
        seed: Makes the result reproducible.
    """
    found = _grouped(points, ceiling, seed)
    labels = found.labels
    while (count := int(labels.max()) + 1) < ceiling and count > 1:
        sizes = np.bincount(labels)
        giant = np.flatnonzero(labels == sizes.argmax())
        parts = (
            _grouped(points[giant], ceiling - count + 1, seed).labels if len(giant) > GIANT * len(labels) else labels
        )
        if parts is labels or not parts.any():
            break
        labels = labels.copy()
        labels[giant] = np.where(parts > 0, parts + count - 1, labels[giant])
    return Clustering(labels, found.silhouettes)


def _grouped(points: Matrix, ceiling: int, seed: int) -> Clustering:
    everywhere = np.asarray(points, dtype=np.float32)
    picked = sample_of(len(everywhere), REFERENCE, seed)
    rows = everywhere[picked]
    ceiling = min(ceiling, len(np.unique(rows.round(6), axis=0)), max(1, len(rows) // 2))
    if ceiling < 2:
        return Clustering(np.zeros(len(points), dtype=np.intp), {})
    found = dict(_groupings(smoothed(rows), _counts(ceiling), seed))
    silhouettes = _silhouettes(rows, found, seed)
    chosen = chosen_count(silhouettes)
    labels = found[chosen] if chosen > 1 else np.zeros(len(rows), dtype=np.intp)
    return Clustering(_spread(everywhere, picked, labels), silhouettes)


def smoothed(rows: Vectors) -> Vectors:
    """Return each row moved half way to the mean of its nearest neighbours (cosine), some times over."""
    for _ in range(SMOOTHINGS):
        rows = _unit(_unit(rows) + _neighbour_means(_unit(rows)))
    return rows


def chosen_count(silhouettes: dict[int, float]) -> int:
    """Return the smallest count that is nearly as good as the best and that no larger one, below its double, is worth more than.

    1 where none is better than none.
    """
    best = max(silhouettes.values(), default=0.0)
    if best <= 0.0:
        return 1
    for count, value in sorted(silhouettes.items()):
        above = [other for larger, other in silhouettes.items() if count < larger < OCTAVE * count]
        if value >= NEARLY * best and all(other <= WORTH * value for other in above):
            return count
    return max(silhouettes)


def _counts(ceiling: int) -> list[int]:
    return [*(count for count in LADDER if count < ceiling), ceiling]


def _neighbour_means(rows: Vectors) -> Vectors:
    """Return the mean of each row's nearest neighbours, itself included, weighted by similarity; rows of length 1."""
    from sklearn.neighbors import NearestNeighbors

    # Of rows of length 1 the nearest are the most similar.
    search = NearestNeighbors(n_neighbors=min(NEIGHBOURS + 1, len(rows)), algorithm="brute").fit(rows)
    means = np.empty_like(rows)
    for start in range(0, len(rows), _CHUNK):
        part = rows[start : start + _CHUNK]
        apart, nearest = search.kneighbors(part)
        weight = (1.0 - apart.astype(np.float32) ** 2 / 2).clip(0.0)
        means[start : start + _CHUNK] = np.einsum("rn,rnd->rd", weight, rows[nearest])
    return _unit(means)


def _groupings(rows: Vectors, counts: list[int], seed: int) -> Iterator[tuple[int, Labels]]:
    from sklearn.cluster import AgglomerativeClustering, KMeans

    grain_of = _grains(rows, max(GRAINS, 2 * counts[-1]), seed)
    centres = _means(rows, grain_of)
    for count in (c for c in counts if c <= len(centres)):
        joined = AgglomerativeClustering(count, linkage="ward").fit_predict(centres)
        start = _means(rows, joined[grain_of])
        yield count, KMeans(count, init=start, n_init=1, max_iter=30).fit_predict(rows).astype(np.intp)


def _grains(rows: Vectors, most: int, seed: int) -> Labels:
    """Return the small group of each row; where there are few distinct rows, equal ones are a group."""
    from sklearn.cluster import MiniBatchKMeans

    distinct, grain_of = np.unique(rows.round(4), axis=0, return_inverse=True)
    if len(distinct) > most:
        # Drawn at random: with so many, choosing first centres far apart costs more than all the rest and finds no better.
        start = rows[sample_of(len(rows), most, seed)]
        labels = MiniBatchKMeans(most, init=start, random_state=seed, n_init=1).fit_predict(rows)
        _, grain_of = np.unique(labels, return_inverse=True)
    return grain_of.reshape(-1).astype(np.intp)


def _silhouettes(rows: Vectors, found: dict[int, Labels], seed: int) -> dict[int, float]:
    from sklearn.metrics import silhouette_score
    from sklearn.metrics.pairwise import euclidean_distances

    judged = sample_of(len(rows), JUDGED, seed)
    apart = euclidean_distances(rows[judged])
    np.fill_diagonal(apart, 0.0)
    return {
        count: float(silhouette_score(apart, labels[judged], metric="precomputed"))
        for count, labels in found.items()
        if 1 < len(np.unique(labels[judged])) < len(judged)
    }


def _spread(rows: Vectors, picked: NDArray[np.intp], labels: Labels) -> Labels:
    """Return a label for every row: those not picked join the group with the nearest centre."""
    if len(picked) == len(rows):
        return labels
    _, labels = np.unique(labels, return_inverse=True)
    centres = _means(rows[picked], labels)
    offsets = (centres * centres).sum(axis=1)
    everywhere = np.concatenate(
        [
            (offsets - 2.0 * rows[start : start + _CHUNK] @ centres.T).argmin(axis=1)
            for start in range(0, len(rows), _CHUNK)
        ]
    )
    everywhere[picked] = labels
    return everywhere.astype(np.intp)


def _means(rows: Vectors, labels: Labels) -> Vectors:
    sums = np.zeros((int(labels.max()) + 1, rows.shape[1]), dtype=np.float32)
    np.add.at(sums, labels, rows)
    return np.asarray(sums / np.bincount(labels, minlength=len(sums)).clip(1)[:, None], dtype=np.float32)


def _unit(rows: Vectors) -> Vectors:
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(length > 0, length, 1.0), dtype=np.float32)
