"""Suites on disk: read by the swarm, the judge and the reports, written by the personas stage.

A suite is addressed by its content: its id is a hash of its prompts and
personas, and its manifest names the SHA-256 of every file. What is read is
held against both, so that an edited or half-copied suite is noticed before
anything rests on it.
"""

import hashlib
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from harness.contracts import Manifest, Persona, Prompt, Record
from harness.errors import StorageError
from harness.identity import content_id, file_sha256
from harness.integrity import CHANGED, require_files, require_same

PROMPTS = "prompts.jsonl"
PERSONAS = "personas.jsonl"
MANIFEST = "manifest.json"

RecordT = TypeVar("RecordT", bound=Record)


def read_prompts(folder: Path) -> list[Prompt]:
    """Return a suite's prompts in their order.

    Raises:
        StorageError: If the file is missing, is not the one that the manifest names, or holds a line that is no
            prompt; names the line.
    """
    return list(read_suite_lines(folder, PROMPTS, Prompt))


def read_personas(folder: Path) -> list[Persona]:
    """Return a suite's personas, those of most traffic first.

    Raises:
        StorageError: If the file is missing, is not the one that the manifest names, or holds a line that is no
            persona; names the line.
    """
    return list(read_suite_lines(folder, PERSONAS, Persona))


def read_suite_lines(folder: Path, name: str, kind: type[RecordT]) -> Iterator[RecordT]:
    """Yield the records of one of a suite's files, after holding it against the manifest.

    A folder without a manifest is no published suite yet, and is read as it is.

    Raises:
        StorageError: If the file is missing, is not the one that the manifest names, or holds a line that is no
            such record; names the line.
    """
    content = _content(folder / name)
    if (folder / MANIFEST).exists():
        expected = read_manifest(folder).files.get(name)
        require_same(folder / name, hashlib.sha256(content).hexdigest(), expected, "suite")
    return _records(folder / name, content.splitlines(), kind)


def read_manifest(folder: Path) -> Manifest:
    """Return how a suite was made.

    Raises:
        StorageError: If the file is missing or no manifest.
    """
    path = folder / MANIFEST
    return next(_records(path, [_content(path)], Manifest))


def require_whole(folder: Path, suite_id: str) -> None:
    """Hold every file of a suite against its manifest, and its content against its id.

    Args:
        folder: The suite's.
        suite_id: What it was asked for by.

    Raises:
        StorageError: If a file is missing or changed, or prompts and personas are not those that the id stands for;
            names the file.
    """
    manifest = read_manifest(folder)
    require_files(folder, manifest, "suite")
    chunks: list[bytes] = []
    for name in (PROMPTS, PERSONAS):
        chunks += [name.encode(), *_content(folder / name).removesuffix(b"\n").split(b"\n")]
    found = content_id("suite", (chunk for chunk in chunks if chunk))
    if found != suite_id or manifest.artifact_id != suite_id:
        raise StorageError(
            f"{folder}: {PROMPTS} and {PERSONAS} are those of {found}, the manifest is {manifest.artifact_id}'s; "
            f"asked for was {suite_id}",
            hint=CHANGED["suite"],
        )


def write_suite(folder: Path, prompts: Iterable[Prompt], personas: Iterable[Persona]) -> tuple[str, dict[str, str]]:
    """Write a suite's prompts and personas.

    Returns:
        The suite's id, a hash of both, and the SHA-256 of each file by its name.

    Raises:
        StorageError: If the folder cannot be written.
    """
    chunks = chain(_written(folder / PROMPTS, prompts), _written(folder / PERSONAS, personas))
    return content_id("suite", chunks), {name: file_sha256(folder / name) for name in (PROMPTS, PERSONAS)}


def _written(path: Path, records: Iterable[Record]) -> Iterator[bytes]:
    """Write records, and yield the file's name and each line: a suite of any size is never in memory as a whole."""
    yield path.name.encode()
    try:
        with path.open("wb") as file:
            for record in records:
                line = record.to_json()
                file.write(line + b"\n")
                yield line
    except OSError as error:
        raise StorageError(f"{path}: cannot be written: {error.strerror}") from None


def write_beside(folder: Path, name: str, records: Iterable[Record]) -> dict[str, str]:
    """Write another file of a suite, which its id does not cover; return the file's SHA-256 by its name.

    Raises:
        StorageError: If the folder cannot be written.
    """
    _write(folder / name, b"".join(record.to_json() + b"\n" for record in records))
    return {name: file_sha256(folder / name)}


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write how the suite was made beside it.

    Raises:
        StorageError: If the folder cannot be written.
    """
    _write(folder / MANIFEST, manifest.to_json() + b"\n")


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise StorageError(f"{path}: cannot be written: {error.strerror}") from None


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise StorageError(
            f"{path}: cannot be read: {error.strerror}", hint="`reverse-rag personas` makes a suite"
        ) from None


def _records(path: Path, lines: Iterable[bytes], kind: type[RecordT]) -> Iterator[RecordT]:
    for number, line in enumerate(lines, start=1):
        try:
            yield kind.from_json(line)
        except ValidationError as error:
            where = ", ".join(".".join(map(str, problem["loc"])) or problem["type"] for problem in error.errors()[:3])
            raise StorageError(f"{path}, line {number}: not a {kind.__name__.lower()} ({where})") from None
