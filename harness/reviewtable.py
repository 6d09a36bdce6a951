"""The review store in a DynamoDB table, for teams whose runs and reviewers are on different machines."""

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from harness.contracts import Label, ReviewItem
from harness.errors import StorageError
from harness.reviews import FOLDER
from harness.storage import Storage

MOST_BYTES = 350_000
"""DynamoDB takes items of 400 KB, names and keys included; a longer one is kept in the storage root."""
_ITEM = "item"
_PROBE = "reverse-rag doctor"
_LONG = f"{FOLDER}/long"
RecordT = TypeVar("RecordT", ReviewItem, Label)


class ReviewTable:
    """A table with the partition key ``review_id`` and the sort key ``record``, both strings.

    An answer is one item with the record ``item``, a label one with ``label#`` and what tells it from others.
    Writing the same again changes nothing.

    Args:
        name: The table's.
        storage: Where answers go that are too long for the table.
    """

    def __init__(self, name: str, storage: Storage) -> None:
        try:
            import boto3
        except ImportError:
            raise StorageError(
                "a review table needs boto3, which is not installed", hint="pip install 'reverse-rag[s3]'"
            ) from None

        self._name, self._storage = name, storage
        endpoint = os.environ.get("AWS_ENDPOINT_URL_DYNAMODB") or os.environ.get("AWS_ENDPOINT_URL")
        with self._failures():
            self._table: Any = boto3.resource("dynamodb", endpoint_url=endpoint).Table(name)

    def probe(self) -> None:
        """Read an entry and ask whether one could be written, without writing any.

        Raises:
            StorageError: If the table is not there, has other keys, or may not be read or written.
        """
        with self._failures():
            self._table.scan(Limit=1)
            try:
                # It is refused because there is no such entry, once names, keys and permissions have been accepted.
                self._table.put_item(
                    Item={"review_id": _PROBE, "record": _PROBE}, ConditionExpression="attribute_exists(review_id)"
                )
            except self._table.meta.client.exceptions.ConditionalCheckFailedException:
                return

    def items(self) -> list[ReviewItem]:
        """Return the judged answers, each once."""
        return [self._parsed(ReviewItem, self._text(row)) for row in self._rows("= :record", _ITEM)]

    def labels(self) -> list[Label]:
        """Return all labels."""
        return [self._parsed(Label, row["json"]) for row in self._rows("<> :record", _ITEM)]

    def put_items(self, source: str, items: Iterable[ReviewItem]) -> int:  # noqa: ARG002 - ids tell sources apart here
        """Keep answers, each under its own id."""
        count = 0
        with self._failures(), self._table.batch_writer(overwrite_by_pkeys=["review_id", "record"]) as batch:
            for item in items:
                batch.put_item(Item={"review_id": item.review_id, "record": _ITEM, **self._body(item)})
                count += 1
        return count

    def add_labels(self, labels: Sequence[Label]) -> None:
        """Keep labels."""
        with self._failures(), self._table.batch_writer(overwrite_by_pkeys=["review_id", "record"]) as batch:
            for label in labels:
                record = "#".join(["label", label.criterion or "", label.labelled_by, label.labelled_at])
                row = {"review_id": label.review_id, "record": record, "json": label.to_json().decode()}
                batch.put_item(Item=row)

    def _body(self, item: ReviewItem) -> dict[str, str]:
        text = item.to_json()
        if len(text) <= MOST_BYTES:
            return {"json": text.decode()}
        name = f"{item.review_id}.json"
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            path.write_bytes(text)
            self._storage.set_aside(_LONG, name, path)
        return {"long": name}

    def _text(self, row: Mapping[str, str]) -> str:
        if "json" in row:
            return row["json"]
        path = self._storage.side(f"{_LONG}/{row['long']}")
        try:
            return path.read_text(encoding="utf-8")
        except OSError as error:
            raise StorageError(
                f"{path}: cannot be read: {error.strerror}",
                hint="with a review table, the storage root has to be one that every machine reads",
            ) from None

    def _rows(self, condition: str, value: str) -> Iterator[dict[str, str]]:
        asked: dict[str, Any] = {
            "FilterExpression": f"#record {condition}",
            "ExpressionAttributeNames": {"#record": "record"},
            "ExpressionAttributeValues": {":record": value},
            "ConsistentRead": True,
        }
        while True:
            with self._failures():
                page = self._table.scan(**asked)
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            asked["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def _parsed(self, kind: type[RecordT], text: str) -> RecordT:
        try:
            return kind.from_json(text)
        except ValidationError as error:
            raise StorageError(
                f"table {self._name}: a record has {error.error_count()} fields that are not valid"
            ) from None

    @contextmanager
    def _failures(self) -> Iterator[None]:
        """Turn what AWS's SDK raises into a StorageError that names the table."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except (BotoCoreError, ClientError) as error:
            code = error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
            raise StorageError(
                f"table {self._name}: cannot be read or written: {code}",
                hint="check the name, the region, the credentials and the table's keys; see docs/reviewing.md",
            ) from None
