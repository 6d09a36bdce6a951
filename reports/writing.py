"""A run's reports: one HTML file for people, JUnit for CI systems, Markdown for a job summary."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from harness.errors import StorageError
from reports.clusters import cluster
from reports.conversations import read_conversations, read_verdicts
from reports.details import read_details, selected
from reports.html import page
from reports.junit import write_junit
from reports.loading import load_run
from reports.markdown import summary
from reports.visible import scrub

REPORT_FILES = ("report.html", "junit.xml", "summary.md")


def write_reports(run_folder: Path, *, suite_folder: Path | None, dataset_folder: Path | None) -> list[Path]:
    """Write ``report.html``, ``junit.xml`` and ``summary.md`` into a run's folder; return their paths.

    Everything is rebuilt from the run's artifacts, so it may be called again
    at any time and gives the same bytes. A file is replaced only when its new
    content is complete.

    Args:
        run_folder: Holds ``gate.json`` and, as far as the run came, ``plan.json``, ``manifest.json``, ``exchanges/``
            and ``verdicts/``.
        suite_folder: Holds ``prompts.jsonl`` and ``personas.jsonl``; without it, ids stand for names.
        dataset_folder: Holds ``certificate.json``; without it, the report says that there is none.

    Raises:
        InputError: If ``gate.json`` is missing, or a document is not what its name says.
        StorageError: If a file cannot be read or written.
    """
    run = load_run(run_folder, suite_folder=suite_folder, dataset_folder=dataset_folder)
    verdicts = read_verdicts(run)
    conversations = read_conversations(run, verdicts)
    clusters = cluster(conversations)
    details = read_details(run, verdicts, selected(conversations, clusters))
    html, junit, markdown = (run_folder / name for name in REPORT_FILES)
    _replace(html, lambda path: _write(path, page(run, conversations, clusters, details)))
    _replace(junit, lambda path: write_junit(path, run, conversations))
    _replace(markdown, lambda path: _write(path, [summary(run, clusters, conversations)]))
    return [html, junit, markdown]


def _write(path: Path, chunks: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(map(scrub, chunks))


def _replace(path: Path, write: Callable[[Path], None]) -> None:
    partial = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        write(partial)
        partial.replace(path)
    except OSError as error:
        raise StorageError(
            f"{path}: cannot be written: {error.strerror}", hint="free some space or choose another folder with --out"
        ) from None
    finally:
        partial.unlink(missing_ok=True)
