"""Suites on disk: read by the swarm, the judge and the reports, written by the personas stage."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from harness.contracts import Manifest, Persona, Prompt, Record
from harness.errors import StorageError
from harness.identity import content_id, file_sha256

PROMPTS = "prompts.jsonl"
PERSONAS = "personas.jsonl"
MANIFEST = "manifest.json"

RecordT = TypeVar("RecordT", bound=Record)


def read_prompts(folder: Path) -> list[Prompt]:
    """Return a suite's prompts in their order.

    Raises:
        StorageError: If the file is missing or holds a line that is no prompt; names the line.
    """
    return list(_read(folder / PROMPTS, Prompt))


def read_personas(folder: Path) -> list[Persona]:
    """Return a suite's personas, those of most traffic first.

    Raises:
        StorageError: If the file is missing or holds a line that is no persona; names the line.
    """
    return list(_read(folder / PERSONAS, Persona))


def read_manifest(folder: Path) -> Manifest:
    """Return how a suite was made.

    Raises:
        StorageError: If the file is missing or no manifest.
    """
    return next(_read(folder / MANIFEST, Manifest, lines=False))


def write_suite(folder: Path, prompts: Iterable[Prompt], personas: Iterable[Persona]) -> tuple[str, dict[str, str]]:
    """Write a suite's prompts and personas.

    Returns:
        The suite's id, a hash of both, and the SHA-256 of each file by its name.

    Raises:
        StorageError: If the folder cannot be written.
    """
    chunks: list[bytes] = []
    for name, records in ((PROMPTS, prompts), (PERSONAS, personas)):
        lines = [record.to_json() for record in records]
        chunks += [name.encode(), *lines]
        _write(folder / name, b"".join(line + b"\n" for line in lines))
    return content_id("suite", chunks), {name: file_sha256(folder / name) for name in (PROMPTS, PERSONAS)}


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


def _read(path: Path, kind: type[RecordT], *, lines: bool = True) -> Iterator[RecordT]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StorageError(
            f"{path}: cannot be read: {error.strerror}", hint="`reverse-rag personas` makes a suite"
        ) from None
    for number, line in enumerate(content.splitlines() if lines else [content], start=1):
        try:
            yield kind.from_json(line)
        except ValidationError as error:
            where = ", ".join(".".join(map(str, problem["loc"])) or problem["type"] for problem in error.errors()[:3])
            raise StorageError(f"{path}, line {number}: not a {kind.__name__.lower()} ({where})") from None
