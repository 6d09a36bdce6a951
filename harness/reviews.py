"""The review store: judged answers, people's labels, and the judge cards made from them."""

import os
import secrets
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from pydantic import ValidationError

from harness.contracts import JudgeCard, Label, Record, ReviewItem
from harness.errors import InputError, StorageError
from harness.identity import file_sha256
from harness.jsonlines import PartWriter, parts, write_lines
from harness.storage import Storage

FOLDER = "reviews"
"""Below the storage root."""
CARDS = f"{FOLDER}/cards"
RecordT = TypeVar("RecordT", bound=Record)


class ReviewStore(Protocol):
    """Where judged answers wait for labels; what it raises is a StorageError."""

    def items(self) -> list[ReviewItem]:
        """Return the judged answers, each once."""
        ...

    def labels(self) -> list[Label]:
        """Return all labels."""
        ...

    def put_items(self, source: str, items: Iterable[ReviewItem]) -> int:
        """Keep the answers that one source gave for review; return how many there are.

        The same source again replaces what it gave before. Several sources may write at once.

        Args:
            source: Names whose they all are, such as a run and a judge: letters, digits and dashes.
            items: All of them; read once.
        """
        ...

    def add_labels(self, labels: Sequence[Label]) -> None:
        """Keep labels; they survive whatever happens after this returns."""
        ...


class StoredReviews:
    """The review store beside the other artifacts: one part of items a source, one part of labels a writer.

    Args:
        storage: The storage root.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._writer = f"{os.getpid()}-{secrets.token_hex(6)}"
        self._labels: PartWriter | None = None

    def items(self) -> list[ReviewItem]:
        """Return the judged answers, each once."""
        return ReviewFolder(self._storage.side(FOLDER)).items()

    def labels(self) -> list[Label]:
        """Return all labels."""
        self._close()
        return list(ReviewFolder(self._storage.side(FOLDER)).labels())

    def put_items(self, source: str, items: Iterable[ReviewItem]) -> int:
        """Keep one source's answers, all of them or, if that fails, those of before."""
        folder, name = f"{FOLDER}/items", f"part-{source}.jsonl"
        path = self._storage.side(f"{folder}/{name}")
        before = {item.review_id: item.created_at for item in _read(path, ReviewItem)} if path.exists() else {}
        temporary = path.with_name(f".{name}-{self._writer}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            count = write_lines(temporary, (_as_old(item, before).to_dict() for item in items))
            if count and not (path.exists() and file_sha256(path) == file_sha256(temporary)):
                self._storage.set_aside(folder, name, temporary)
            temporary.unlink(missing_ok=True)
        except OSError as error:
            raise StorageError(f"{path}: cannot be written: {error.strerror}") from None
        return count

    def add_labels(self, labels: Sequence[Label]) -> None:
        """Write labels through to the disk, and to S3 where the root is there."""
        folder = f"{FOLDER}/labels"
        if self._labels is None:
            self._labels = PartWriter(self._storage.side(folder), writer=self._writer)
        self._labels.append(*(label.to_dict() for label in labels))
        self._labels.sync()
        for path in sorted(self._labels.folder.glob(f"part-{self._writer}-*.jsonl"))[-1:]:
            self._storage.set_aside(folder, path.name, path)

    def _close(self) -> None:
        """Go on in a new part: reading brings parts from S3 anew, and the open one would not be the one there."""
        if self._labels is not None:
            self._labels.close()
            self._labels = None


def _as_old(item: ReviewItem, before: dict[str, str]) -> ReviewItem:
    """Return an item with the time at which it first came into the store."""
    first = before.get(item.review_id)
    return item if first is None else item.model_copy(update={"created_at": first})


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
            found += list(_read(path, JudgeCard))
        return found

    def _records(self, name: str, kind: type[RecordT]) -> Iterator[RecordT]:
        single = self.folder / f"{name}.jsonl"
        for path in [*([single] if single.exists() else []), *parts(self.folder / name)]:
            yield from _read(path, kind)


def read_labels(path: Path) -> list[Label]:
    """Return the labels of a file of JSON lines that a person named.

    Raises:
        InputError: If it cannot be read, or a line is no label.
    """
    return list(_read(path, Label, InputError))


def _read(
    path: Path, kind: type[RecordT], failure: type[InputError | StorageError] = StorageError
) -> Iterator[RecordT]:
    try:
        lines = path.read_bytes().splitlines(keepends=True)
    except OSError as error:
        raise failure(f"{path}: cannot be read: {error.strerror}") from None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield kind.from_json(line)
        except ValidationError as error:
            if failure is StorageError and path.name.startswith("part-") and not line.endswith(b"\n"):
                return  # torn by a crash: whoever wrote it was never told that it is kept
            raise failure(f"{path}: line {number} has {error.error_count()} fields that are not valid") from None
