"""Production's arrivals: ``arrivals.json`` of a sanitized dataset, which ``extract`` writes and the load reads."""

import hashlib
from pathlib import Path

from pydantic import ValidationError

from harness.contracts import Arrivals
from harness.errors import StorageError
from harness.integrity import require_same
from harness.suites import MANIFEST, read_manifest

ARRIVALS = "arrivals.json"
WEEK_MINUTES = 7 * 24 * 60
_HINT = "restore the dataset's folder, or make it again with `reverse-rag extract`"


def read_arrivals(folder: Path) -> Arrivals:
    """Return the shape of a dataset's traffic over the week; without a cell where too few users were in it.

    Raises:
        StorageError: If the file is missing, something else or not the one that the dataset was published with, or
            its cells are no spans of the week in their order.
    """
    path = folder / ARRIVALS
    try:
        content = path.read_bytes()
        if (folder / MANIFEST).exists():
            expected = read_manifest(folder).files.get(ARRIVALS)
            require_same(path, hashlib.sha256(content).hexdigest(), expected, "dataset")
        arrivals = Arrivals.from_json(content)
    except OSError as error:
        raise StorageError(f"{path}: cannot be read: {error.strerror}", hint=_HINT) from None
    except ValidationError as error:
        raise StorageError(f"{path}: {error.error_count()} fields are not valid", hint=_HINT) from None
    reached = 0
    for number, cell in enumerate(arrivals.cells, start=1):
        if not reached <= cell.from_minute < cell.to_minute <= WEEK_MINUTES or not cell.requests_per_minute >= 0:
            raise StorageError(f"{path}: cell {number} is no span of the week after the one before", hint=_HINT)
        reached = cell.to_minute
    return arrivals
