"""Where artifacts live: a local folder, or a prefix in S3 with a local working copy.

Stages read and write plain local folders. Objects in S3 cannot be appended
to, so there a folder is worked on locally and uploaded when it is published
(or, for a run, whenever it is synchronised).
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from harness.errors import StorageError, UsageError
from harness.locking import claimed, delete_abandoned, held

Kind = Literal["sanitized", "suites", "runs"]
LATEST = "latest"
_PARTIAL = ".partial-"
_WAIT_S = 10.0
POINTER = LATEST
"""Name of the pointer file beside the folders of a kind; holds one id."""


class Storage:
    """Artifacts under one root.

    Args:
        root: A local folder or ``s3://bucket/prefix``.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self._remote: Any = _s3_root(root) if root.startswith("s3://") else None
        self._local = _working_copy(root) if self._remote is not None else Path(root)
        self._staged: dict[Path, int] = {}
        """Folders that were begun, each with the open file that claims it."""
        self._uploaded: dict[Path, tuple[int, int]] = {}
        """Size and time of change of each file as it was last uploaded."""

    def location(self, kind: Kind, artifact_id: str) -> str:
        """Return where an artifact is, for people."""
        return f"{self.root.rstrip('/')}/{kind}/{artifact_id}"

    def staging(self, kind: Kind) -> Path:
        """Return a new empty folder to build an artifact in; ``publish`` gives it its name.

        What killed processes began and nobody can publish any more is deleted: it may hold text that no
        certificate covers.

        Raises:
            StorageError: If the root cannot be written.
        """
        parent = self._local / kind
        try:
            parent.mkdir(parents=True, exist_ok=True)
            with held(parent, f"{_SINGULAR[kind]}s", wait_s=_WAIT_S):
                delete_abandoned(parent, _PARTIAL)
                folder = Path(tempfile.mkdtemp(prefix=_PARTIAL, dir=parent))
                claim = claimed(folder)
        except OSError as error:
            raise StorageError(
                f"{parent}: cannot be written: {error.strerror}",
                hint="choose another folder with --out or [storage] root",
            ) from None
        self._let_go(*(staged for staged in self._staged if not staged.exists()))
        self._staged[folder] = claim
        return folder

    def discard_unpublished(self) -> None:
        """Remove the folders that were begun and never published, after an error or an interrupt."""
        for folder in self._staged:
            shutil.rmtree(folder, ignore_errors=True)
        self._let_go(*self._staged)

    def publish(self, kind: Kind, artifact_id: str, folder: Path) -> Path:
        """Name a finished folder and point ``latest`` at it.

        Content-addressed artifacts are immutable: if the id exists already, the new copy is dropped.
        """
        final = self._local / kind / artifact_id
        with _storage_errors(self.root):
            if final.exists():
                shutil.rmtree(folder)
            else:
                # As open as its neighbours: a temporary folder is private, and the user's umask may be, too.
                folder.chmod(folder.parent.stat().st_mode & 0o777)
                folder.rename(final)
        self._let_go(folder)
        self.synchronise(kind, artifact_id)
        self.point_latest(kind, artifact_id)
        return final

    def set_aside(self, folder: str, name: str, file: Path) -> str:
        """Keep a file that belongs to no artifact; return where it is, for people.

        Args:
            folder: Below the root.
            name: Of the file there.
            file: Is moved there.

        Raises:
            StorageError: If the root cannot be written.
        """
        final = self._local / folder / name
        with _storage_errors(self.root):
            final.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(file, final)
            if self._remote is not None:
                (self._remote / folder / name).upload_from(final, force_overwrite_to_cloud=True)
        return f"{self.root.rstrip('/')}/{folder}/{name}"

    def create(self, kind: Kind, artifact_id: str) -> Path:
        """Return the new, named folder of an artifact that grows in place (a run).

        Raises:
            StorageError: If the root cannot be written.
        """
        folder = self._local / kind / artifact_id
        try:
            folder.mkdir(parents=True)
        except OSError as error:
            raise StorageError(
                f"{folder}: cannot be written: {error.strerror}",
                hint="choose another folder with --out or [storage] root",
            ) from None
        return folder

    def synchronise(self, kind: Kind, artifact_id: str) -> None:
        """Upload a folder's files to S3; nothing to do for a local root."""
        if self._remote is None:
            return
        folder = self._local / kind / artifact_id
        with _storage_errors(self.root):
            for path in sorted(p for p in folder.rglob("*") if p.is_file() and not p.name.startswith(".")):
                status = path.stat()
                state = (status.st_size, status.st_mtime_ns)
                if self._uploaded.get(path) == state:
                    continue
                (self._remote / kind / artifact_id / path.relative_to(folder).as_posix()).upload_from(
                    path, force_overwrite_to_cloud=True
                )
                self._uploaded[path] = state

    def point_latest(self, kind: Kind, artifact_id: str) -> None:
        """Make ``latest`` mean this artifact."""
        pointer = self._local / kind / POINTER
        temporary = pointer.with_name(f".{POINTER}-{os.getpid()}")
        with _storage_errors(self.root):
            temporary.write_text(artifact_id + "\n", encoding="utf-8")
            temporary.replace(pointer)
            if self._remote is not None:
                (self._remote / kind / POINTER).write_text(artifact_id + "\n")

    def resolve(self, kind: Kind, reference: str) -> str:
        """Return the id that a reference (an id, or ``latest``) means.

        Raises:
            UsageError: If there is no such artifact.
        """
        artifact_id = self._latest(kind) if reference == LATEST else reference
        if artifact_id is None or artifact_id not in self.ids(kind):
            known = ", ".join(self.ids(kind)[-3:]) or "none yet"
            raise UsageError(
                f"no {_SINGULAR[kind]} '{reference}' under {self.root}; known there: {known}", hint=_MAKE[kind]
            )
        return artifact_id

    def fetch(self, kind: Kind, reference: str) -> Path:
        """Return the local folder of an existing artifact, downloading it if need be.

        Raises:
            UsageError: If there is no such artifact.
            StorageError: If it cannot be read.
        """
        artifact_id = self.resolve(kind, reference)
        folder = self._local / kind / artifact_id
        if self._remote is not None:
            with _storage_errors(self.root):
                self._download(self._remote / kind / artifact_id, folder)
        return folder

    def ids(self, kind: Kind) -> list[str]:
        """Return the ids of all artifacts of a kind, sorted.

        With S3, a run that this machine began counts even if it was killed before its first upload.

        Raises:
            StorageError: If the root cannot be read.
        """
        with _storage_errors(self.root):
            if self._remote is None:
                return sorted(_folders(self._local / kind))
            begun = _folders(self._local / kind) if kind == "runs" else set()
            return sorted(begun | _folders(self._remote / kind))

    def _latest(self, kind: Kind) -> str | None:
        pointer = (self._remote or self._local) / kind / POINTER
        with _storage_errors(self.root):
            return pointer.read_text().strip() if pointer.exists() else None

    def _let_go(self, *folders: Path) -> None:
        for folder in folders:
            if (claim := self._staged.pop(folder, None)) is not None:
                os.close(claim)

    @staticmethod
    def _download(source: Any, folder: Path) -> None:
        for path in source.rglob("*"):
            target = folder / path.relative_to(source).as_posix()
            if path.is_file() and _is_newer(path, target):
                target.parent.mkdir(parents=True, exist_ok=True)
                # In two steps: half a file under its name would be taken for the whole one next time.
                partial = target.with_name(f".{target.name}-{os.getpid()}")
                path.download_to(partial)
                partial.replace(target)


def _is_newer(path: Any, target: Path) -> bool:
    """Return whether an object has to be downloaded: it changed, and the local copy is not ahead of it."""
    if not target.exists():
        return True
    here, there = target.stat(), path.stat()
    if target.name.startswith("part-") and here.st_size > there.st_size:
        # Parts only grow: what is longer here has not been uploaded yet.
        return False
    return bool(there.st_mtime > here.st_mtime)


def _folders(parent: Any) -> set[str]:
    if not parent.is_dir():
        return set()
    return {path.name for path in parent.iterdir() if path.is_dir() and not path.name.startswith(".")}


_SINGULAR = {"sanitized": "sanitized dataset", "suites": "suite", "runs": "run"}
_MAKE = {
    "sanitized": "`reverse-rag extract` makes one",
    "suites": "`reverse-rag personas` makes one",
    "runs": "`reverse-rag gate` makes one",
}


def _endpoint() -> str | None:
    """Return the address of a local AWS, to which ``AWS_ENDPOINT_URL`` points every command."""
    return os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")


def _s3_root(root: str) -> Any:
    from cloudpathlib import S3Client, S3Path

    return S3Path(root, client=S3Client(endpoint_url=_endpoint()))


def _working_copy(root: str) -> Path:
    # The same bucket's name at another address is another bucket.
    place = f"{_endpoint() or ''} {root.rstrip('/')}"
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "reverse-rag"
    with _storage_errors(str(cache)):
        # Nobody chose this place to share what users and targets said, so nobody else may read it.
        cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    return cache / hashlib.sha256(place.encode()).hexdigest()[:16]


@contextmanager
def _storage_errors(root: str) -> Iterator[None]:
    """Turn what the file system or S3 raises into a StorageError that names the root."""
    try:
        yield
    except Exception as error:
        if not (isinstance(error, OSError) or type(error).__module__.startswith(("boto", "cloudpathlib"))):
            raise
        raise StorageError(
            f"{root}: cannot be read or written: {type(error).__name__}",
            hint="check that it exists, the credentials and the region",
        ) from None
