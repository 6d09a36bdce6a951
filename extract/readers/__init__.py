"""Readers of production logs: JSON lines, CSV and Parquet; from files, globs, folders and S3."""

from extract.readers.interface import BrokenRecord, RawRecord, Reader
from extract.readers.sources import Source, find_sources, read_source

__all__ = ["BrokenRecord", "RawRecord", "Reader", "Source", "find_sources", "read_source"]
