"""Takes the documentation's screenshots: ``python docs/make_screenshots.py RUN_FOLDER`` after ``demo --break``."""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

IMAGES = Path(__file__).parent / "images"
CHROMIUM = "/usr/bin/chromium"


def main() -> None:
    """Open the run's report and write ``report-fail.png``."""
    report = Path(sys.argv[1]).resolve() / "report.html"
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1180, "height": 1240}, locale="en-US", color_scheme="light")
        page.goto(report.as_uri())
        page.wait_for_timeout(1000)
        page.screenshot(path=IMAGES / "report-fail.png")
        browser.close()


if __name__ == "__main__":
    main()
