"""Readers of production logs: JSON lines, CSV and Parquet; from files, globs, folders and S3."""

from extract.readers.interface import BrokenRecord, RawRecord, Reader
from extract.readers.sources import FoundFiles, Source, every_file, find_sources, look_for, read_source

__all__ = [
    "BrokenRecord",
    "FoundFiles",
    "RawRecord",
    "Reader",
    "Source",
    "every_file",
    "find_sources",
    "look_for",
    "read_source",
]
