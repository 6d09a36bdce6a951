"""Parquet."""

from collections.abc import Iterator
from typing import IO

from extract.readers.interface import BrokenRecord, RawRecord
from harness.errors import InputError

_BATCH_ROWS = 1000


class ParquetReader:
    """Reads the rows of a Parquet file, batch by batch."""

    def read(self, file: IO[bytes], source: str) -> Iterator[RawRecord | BrokenRecord]:
        """Yield the rows of a file.

        Raises:
            InputError: If the file is damaged.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        row = 0
        try:
            for batch in pq.ParquetFile(file).iter_batches(batch_size=_BATCH_ROWS):
                for values in batch.to_pylist():
                    row += 1
                    yield RawRecord(source=source, line=row, values=values)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
            raise InputError(
                f"{source}: damaged Parquet file, unreadable after row {row}: {type(error).__name__}",
                hint="copy it again from where it was written, or leave it out of the source",
            ) from None
