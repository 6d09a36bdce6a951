"""Production's arrivals are read as extract wrote them, or not at all."""

from pathlib import Path

import pytest

from harness.arrivals import ARRIVALS, WEEK_MINUTES, read_arrivals
from harness.contracts import ArrivalCell, Arrivals
from harness.errors import StorageError
from tests.harness.datasets import publish_manifest


def write(folder: Path, *cells: tuple[int, int, float]) -> Arrivals:
    made = [ArrivalCell(from_minute=a, to_minute=b, requests_per_minute=rate) for a, b, rate in cells]
    arrivals = Arrivals(min_users=5, cells=made)
    (folder / ARRIVALS).write_bytes(arrivals.to_json())
    return arrivals


@pytest.mark.parametrize("cells", [(), ((0, 60, 1.5), (60, WEEK_MINUTES, 0.0)), ((90, 91, 3.0),)])
def test_what_was_written_is_read_back(tmp_path: Path, cells: tuple[tuple[int, int, float], ...]) -> None:
    written = write(tmp_path, *cells)
    assert read_arrivals(tmp_path) == written


@pytest.mark.parametrize(
    "cells",
    [((0, 60, 1.0), (59, 90, 1.0)), ((60, 60, 1.0),), ((0, WEEK_MINUTES + 1, 1.0),), ((-1, 5, 1.0),), ((0, 5, -1.0),)],
)
def test_cells_that_are_no_spans_of_the_week_are_an_error(
    tmp_path: Path, cells: tuple[tuple[int, int, float], ...]
) -> None:
    write(tmp_path, *cells)
    with pytest.raises(StorageError, match=f"cell {len(cells)} is no span"):
        read_arrivals(tmp_path)


@pytest.mark.parametrize("content", [b"{", b'{"cells": 3}', b'{"min_users": 5, "cells": [{"from_minute": 1}]}'])
def test_another_file_is_an_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / ARRIVALS).write_bytes(content)
    with pytest.raises(StorageError, match="not valid"):
        read_arrivals(tmp_path)


def test_a_dataset_without_the_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"arrivals\.json: cannot be read"):
        read_arrivals(tmp_path)


def test_a_file_that_was_changed_after_publication_is_not_read(tmp_path: Path) -> None:
    write(tmp_path, (0, 60, 1.5))
    publish_manifest(tmp_path, "data-1")
    assert read_arrivals(tmp_path).cells
    write(tmp_path, (0, 60, 2.5))
    with pytest.raises(StorageError, match=r"arrivals\.json: is not the file that the dataset was published with"):
        read_arrivals(tmp_path)
