"""Groups of points, and how many of them there are."""

import numpy as np

from personas.clustering import REFERENCE, chosen_count, clustered, smoothed
from personas.embedding import Matrix


def _blobs(count: int, each: int, *, spread: float = 0.05) -> Matrix:
    rng = np.random.default_rng(1)
    return np.concatenate([np.eye(count)[n] + rng.normal(scale=spread, size=(each, count)) for n in range(count)])


def test_as_many_groups_are_found_as_there_are() -> None:
    found = clustered(_blobs(6, 40), ceiling=20, seed=7)
    assert len(set(found.labels.tolist())) == 6
    assert all(len(set(found.labels[n * 40 : (n + 1) * 40].tolist())) == 1 for n in range(6))


def test_the_ceiling_holds() -> None:
    assert len(set(clustered(_blobs(6, 40), ceiling=3, seed=7).labels.tolist())) <= 3


def test_the_seed_makes_the_groups_reproducible() -> None:
    points = _blobs(5, 30, spread=0.4)
    assert (clustered(points, ceiling=8, seed=3).labels == clustered(points, ceiling=8, seed=3).labels).all()


def test_equal_rows_are_one_group() -> None:
    found = clustered(np.ones((30, 4)), ceiling=5, seed=7)
    assert not found.labels.any()
    assert found.silhouettes == {}


def test_a_single_row_is_one_group() -> None:
    assert clustered(np.ones((1, 4)), ceiling=5, seed=7).labels.tolist() == [0]


def test_rows_beyond_the_reference_join_the_nearest_group() -> None:
    """So the cost of finding groups stays the same while traffic grows."""
    each = REFERENCE // 3 + 200
    found = clustered(_blobs(3, each), ceiling=3, seed=7)
    assert all(len(set(found.labels[n * each : (n + 1) * each].tolist())) == 1 for n in range(3))


def test_the_first_count_is_chosen_that_its_octave_cannot_beat() -> None:
    """Far larger counts may look better only because near-duplicates form groups."""
    assert chosen_count({2: 0.1, 3: 0.2, 4: 0.201, 5: 0.2, 32: 0.3}) == 3
    assert chosen_count({2: 0.1, 3: 0.15, 5: 0.2}) == 5
    assert chosen_count({2: -0.1, 3: 0.0}) == 1


def test_a_count_far_below_the_best_is_not_chosen_for_a_flat_beginning() -> None:
    """Two and three groups may be as bad as each other."""
    assert chosen_count({2: 0.045, 3: 0.045, 4: 0.058, 8: 0.092, 12: 0.113}) == 12


def test_smoothing_brings_neighbours_together_and_keeps_groups_apart() -> None:
    points = np.asarray(_blobs(3, 30, spread=0.2), dtype=np.float32)
    after = smoothed(points)
    assert after[:30].std(axis=0).mean() < points[:30].std(axis=0).mean()
    assert after[:30].mean(axis=0) @ after[30:60].mean(axis=0) < 0.3


def test_what_no_group_took_is_grouped_again_as_far_as_the_ceiling_allows() -> None:
    """Two far groups and a heap of four near ones: the silhouette alone speaks for three groups."""
    rng = np.random.default_rng(5)
    heap = [(10.0, 0.4 * x, 0.4 * y) for x in (-1, 1) for y in (-1, 1)]
    centres = [*heap, (-10.0, 0.0, 0.0), (0.0, 10.0, 0.0)]
    rows = np.concatenate([np.array(c) + rng.normal(scale=0.02, size=(40, 3)) for c in centres])
    found = clustered(rows, ceiling=12, seed=7)
    assert np.bincount(found.labels).max() <= 0.4 * len(rows)
    assert len(np.unique(clustered(rows, ceiling=3, seed=7).labels)) <= 3
