"""The review store in a folder: judged answers, people's labels, and the judge cards made from them."""

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from harness.contracts import JudgeCard, Label, Record, ReviewItem
from harness.errors import InputError, StorageError
from harness.jsonlines import parts

FOLDER = "reviews"
"""Below the storage root."""
CARDS = f"{FOLDER}/cards"
RecordT = TypeVar("RecordT", bound=Record)


class ReviewFolder:
    """What lies in a local ``reviews`` folder; a folder that is not there is an empty one.

    Args:
        folder: The local copy.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def items(self) -> list[ReviewItem]:
        """Return the judged answers; of several with one id the last.

        Raises:
            StorageError: If one cannot be read.
        """
        return list({item.review_id: item for item in self._records("items", ReviewItem)}.values())

    def labels(self) -> list[Label]:
        """Return all labels.

        Raises:
            StorageError: If one cannot be read.
        """
        return list(self._records("labels", Label))

    def cards(self) -> list[JudgeCard]:
        """Return all judge cards.

        Raises:
            StorageError: If one cannot be read.
        """
        found = []
        for path in sorted((self.folder / "cards").glob("*.json")):
            found += list(_read(path, JudgeCard, StorageError))
        return found

    def _records(self, name: str, kind: type[RecordT]) -> Iterator[RecordT]:
        single = self.folder / f"{name}.jsonl"
        for path in [*([single] if single.exists() else []), *parts(self.folder / name)]:
            yield from _read(path, kind, StorageError)


def read_labels(path: Path) -> list[Label]:
    """Return the labels of a file of JSON lines that a person named.

    Raises:
        InputError: If it cannot be read, or a line is no label.
    """
    return list(_read(path, Label, InputError))


def _read(path: Path, kind: type[RecordT], failure: type[InputError | StorageError]) -> Iterator[RecordT]:
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise failure(f"{path}: cannot be read: {error.strerror}") from None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield kind.from_json(line)
        except ValidationError as error:
            raise failure(f"{path}: line {number} has {error.error_count()} fields that are not valid") from None
