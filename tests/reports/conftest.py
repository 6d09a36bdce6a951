"""One made-up failing run and its reports, shared by the tests that only read them; and a browser."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, sync_playwright

from reports.writing import write_reports
from tests.reports.hostile import CORPUS
from tests.reports.run_folders import Folders, make_run

_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]


@dataclass(frozen=True, slots=True)
class Reported:
    """A run's folders and the texts of its reports."""

    folders: Folders
    html: str
    junit: str
    markdown: str

    @property
    def url(self) -> str:
        """Address of the page, as a double click opens it."""
        return (self.folders.run / "report.html").as_uri()


def report(folders: Folders) -> Reported:
    """Write a run's reports and read them back."""
    paths = write_reports(folders.run, suite_folder=folders.suite, dataset_folder=folders.dataset)
    html, junit, markdown = (path.read_text(encoding="utf-8") for path in paths)
    return Reported(folders, html, junit, markdown)


@pytest.fixture(scope="session")
def failed(tmp_path_factory: pytest.TempPathFactory) -> Reported:
    """A release that fails in all the ways that the generator knows."""
    return report(make_run(tmp_path_factory.mktemp("failed"), prompts=300, failing=0.15))


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Reported:
    """A release whose answers, and the judge's reasons, are hostile texts."""
    return report(make_run(tmp_path_factory.mktemp("hostile"), prompts=len(CORPUS), answers=CORPUS))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A system Chromium; none is a skip, unless the environment demands one."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        reason = "no system Chromium on the path (Debian: apt-get install chromium)"
        if os.environ.get("REVERSE_RAG_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        yield chromium
        chromium.close()
