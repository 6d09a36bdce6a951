"""Prints how long a run's reports take to write, how large they are, and how soon a browser shows them.

Run with ``python bench/report.py [EXCHANGES ...]``; sizes are numbers of prompts, 5 % of which fail.
"""

import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from reports.writing import write_reports
from tests.reports.run_folders import make_run

DEFAULT_SIZES = (1_000, 10_000)


def main(sizes: list[int]) -> None:
    """Print one line for each size."""
    print(
        f"{'prompts':>8} {'build s':>8} {'html MB':>8} {'junit MB':>9} {'md kB':>6} {'peak MB':>8} {'ready ms':>9} {'search ms':>9}"
    )
    for size in sizes:
        root = Path(tempfile.mkdtemp(prefix="bench-report-"))
        try:
            _measure(root, size)
        finally:
            shutil.rmtree(root)


def _measure(root: Path, size: int) -> None:
    folders = make_run(root, prompts=size, failing=0.05)
    begin = time.perf_counter()
    html, junit, markdown = write_reports(folders.run, suite_folder=folders.suite, dataset_folder=folders.dataset)
    seconds = time.perf_counter() - begin
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    ready, search = _browser_ms(html)
    sizes = [path.stat().st_size for path in (html, junit, markdown)]
    print(
        f"{size:>8,} {seconds:>8.2f} {sizes[0] / 1e6:>8.2f} {sizes[1] / 1e6:>9.2f} {sizes[2] / 1e3:>6.1f} "
        f"{peak_mb:>8.0f} {ready:>9} {search:>9}"
    )


def _browser_ms(html: Path) -> tuple[str, str]:
    """Return how long the list takes to be ready and a search to finish; dashes where there is no Chromium."""
    path = shutil.which("chromium")
    if path is None:
        return "–", "–"
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(locale="en-US")
        begin = time.perf_counter()
        page.goto(html.as_uri())
        page.wait_for_function("() => document.documentElement.classList.contains('js')")
        ready = (time.perf_counter() - begin) * 1000
        search = page.evaluate(
            "() => { const q = document.getElementById('q'); q.value = 'refund'; const begin = performance.now();"
            " q.dispatchEvent(new Event('input', { bubbles: true })); return performance.now() - begin; }"
        )
        browser.close()
    return f"{ready:.0f}", f"{search:.1f}"


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or list(DEFAULT_SIZES))
