"""Where artifacts live: a local folder, or a prefix in S3 with a local working copy.

Stages read and write plain local folders. Objects in S3 cannot be appended
to, so there a folder is worked on locally and uploaded when it is published
(or, for a run, whenever it is synchronised).
"""

import hashlib
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from harness.errors import StorageError, UsageError
from harness.locking import claimed, delete_abandoned, held

Kind = Literal["sanitized", "suites", "runs"]
LATEST = "latest"
_PARTIAL = ".partial-"
_WORK = "work"
_KEPT_S = 14 * 86_400.0
"""Seconds after which work that nobody went on with is deleted."""
_MANIFEST = "manifest.json"
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
            if self._is_whole_remotely(kind, artifact_id):
                # Another machine published it first: its manifest stays, and every machine reads the same one.
                self._download(self._remote / kind / artifact_id, final)
            _named(folder, final)
        self._let_go(folder)
        if not self._is_whole_remotely(kind, artifact_id):
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

    def side(self, folder: str) -> Path:
        """Return the local copy of a folder that belongs to no artifact; it need not exist.

        Raises:
            StorageError: If the root cannot be read.
        """
        if self._remote is not None:
            with _storage_errors(self.root):
                if (self._remote / folder).exists():
                    self._download(self._remote / folder, self._local / folder)
        return self._local / folder

    def work(self, name: str) -> Path:
        """Return the private folder of work in progress; what an interrupted command left there is found again.

        Work that nobody touched for two weeks is deleted.

        Raises:
            StorageError: If the root cannot be read or written.
        """
        folder = self._local / _WORK / name
        with _storage_errors(self.root):
            folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            for other in folder.parent.iterdir():
                if other != folder and time.time() - other.stat().st_mtime > _KEPT_S:
                    shutil.rmtree(other, ignore_errors=True)
            folder.mkdir(mode=0o700, exist_ok=True)
            if self._remote is not None and (self._remote / _WORK / name).exists():
                self._download(self._remote / _WORK / name, folder)
        return folder

    def keep_work(self, name: str) -> None:
        """Upload work in progress to S3, so that another machine can go on with it; nothing to do for a local root."""
        if self._remote is None:
            return
        with _storage_errors(self.root):
            for path in sorted((self._local / _WORK / name).iterdir()):
                (self._remote / _WORK / name / path.name).upload_from(path, force_overwrite_to_cloud=True)

    def drop_work(self, name: str) -> None:
        """Delete work that is done."""
        with _storage_errors(self.root):
            shutil.rmtree(self._local / _WORK / name, ignore_errors=True)
            if self._remote is not None and (self._remote / _WORK / name).exists():
                (self._remote / _WORK / name).rmtree()

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
            files = (p for p in folder.rglob("*") if p.is_file() and not p.name.startswith("."))
            # The manifest comes last: where it is, everything that it names is there.
            for path in sorted(files, key=lambda p: (p.name == _MANIFEST, p)):
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
        temporary = pointer.with_name(f".{POINTER}-{os.getpid()}-{threading.get_ident()}")
        with _storage_errors(self.root):
            temporary.write_text(artifact_id + "\n", encoding="utf-8")
            temporary.replace(pointer)
            if self._remote is not None:
                (self._remote / kind / POINTER).write_text(artifact_id + "\n")

    def resolve(self, kind: Kind, reference: str) -> str:
        """Return the id that a reference means: an id, the beginning of one with or without its kind, or ``latest``.

        Raises:
            UsageError: If there is no such artifact, or several begin so.
        """
        wanted = self._latest(kind) if reference == LATEST else reference
        ids = self.ids(kind)
        found = beginning_with(ids, wanted or "", _PREFIX[kind])
        if len(found) == 1:
            return ids[found[0]]
        single = _SINGULAR[kind]
        if found:
            begun = ", ".join(ids[place] for place in found[:3])
            raise UsageError(f"{len(found)} {single}s begin with '{reference}': {begun}", hint="write more of the id")
        known = ", ".join(ids[-3:]) or "none yet"
        if reference == LATEST and wanted:
            raise UsageError(
                f"the latest {single}, {wanted}, is not there any more under {self.root}; known there: {known}",
                hint=f"name another one, restore it, or make a new one: {_MAKE[kind]}",
            )
        raise UsageError(f"no {single} '{reference}' under {self.root}; known there: {known}", hint=_MAKE[kind])

    def fetch(self, kind: Kind, reference: str, *, only: Collection[str] = ()) -> Path:
        """Return the local folder of an existing artifact, downloading it if need be.

        Args:
            kind: What it is.
            reference: Its id, or ``latest``.
            only: Names of files and folders at its top that are enough; empty: everything.

        Raises:
            UsageError: If there is no such artifact.
            StorageError: If it cannot be read.
        """
        artifact_id = self.resolve(kind, reference)
        folder = self._local / kind / artifact_id
        if self._remote is not None:
            with _storage_errors(self.root):
                source = self._remote / kind / artifact_id
                for name in only:
                    self._download(source / name, folder / name)
                if not only:
                    self._download(source, folder)
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

    def _is_whole_remotely(self, kind: Kind, artifact_id: str) -> bool:
        with _storage_errors(self.root):
            return self._remote is not None and bool((self._remote / kind / artifact_id / _MANIFEST).exists())

    def _let_go(self, *folders: Path) -> None:
        for folder in folders:
            if (claim := self._staged.pop(folder, None)) is not None:
                os.close(claim)

    @staticmethod
    def _download(source: Any, folder: Path) -> None:
        for path in [source] if source.is_file() else source.rglob("*"):
            target = folder if path == source else folder / path.relative_to(source).as_posix()
            if path.is_file() and _is_newer(path, target):
                target.parent.mkdir(parents=True, exist_ok=True)
                # In two steps: half a file under its name would be taken for the whole one next time.
                partial = target.with_name(f".{target.name}-{os.getpid()}")
                path.download_to(partial)
                partial.replace(target)


def beginning_with(ids: Sequence[str], reference: str, prefix: str) -> list[int]:
    """Return the places of the ids that a reference is, or begins, with or without the ids' common prefix."""
    if reference in ids:
        return [ids.index(reference)]
    if not reference:
        return []
    return [place for place, one in enumerate(ids) if one.startswith((reference, prefix + reference))]


def _named(folder: Path, final: Path) -> None:
    """Give a finished folder its name; if another process or machine was faster, its copy stays and this one goes."""
    # As open as its neighbours: a temporary folder is private, and the user's umask may be, too.
    folder.chmod(folder.parent.stat().st_mode & 0o777)
    try:
        if not final.exists():
            folder.rename(final)
            return
    except OSError:
        if not final.exists():
            raise
    shutil.rmtree(folder)


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
_PREFIX = {"sanitized": "data-", "suites": "suite-", "runs": "run-"}
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
