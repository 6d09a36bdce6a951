"""The page in a browser, opened from its file."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.reports.conftest import Reported, report
from tests.reports.hostile import CORPUS
from tests.reports.run_folders import LEAKED_EMAIL, make_run

pytestmark = pytest.mark.browser

_READY = "() => document.documentElement.classList.contains('js')"


@contextmanager
def _opened(browser: Browser, url: str, *, width: int = 1200, script: bool = True) -> Iterator[Page]:
    """Open a page; afterwards its console has to be silent and no request may have left the file."""
    context = browser.new_context(
        viewport={"width": width, "height": 800}, locale="en-US", reduced_motion="reduce", java_script_enabled=script
    )
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url.partition("#")[0]))
    page.goto(url)
    if script:
        page.wait_for_function(_READY)
    yield page
    assert said == []
    assert set(asked) == {url.partition("#")[0]}
    context.close()


def test_the_page_opens_silently_and_shows_the_decision(browser: Browser, failed: Reported) -> None:
    with _opened(browser, failed.url) as page:
        expect(page.locator("h1")).to_contain_text("Do not release")
        expect(page.locator("#count")).to_have_text("300 of 300 conversations")


def test_search_and_filters_narrow_the_list_and_live_in_the_address(browser: Browser, failed: Reported) -> None:
    with _opened(browser, failed.url) as page:
        page.locator("#f-status").select_option("failed")
        page.locator("#f-criterion").select_option("pii_leak")
        expect(page.locator("#list .row").first).to_contain_text("Gave away personal data")
        page.wait_for_function("() => location.hash.includes('criterion=pii_leak')")
        narrowed = page.locator("#count").inner_text()
        page.locator("#q").fill("no such words anywhere")
        expect(page.locator("#count")).to_have_text("0 of 300 conversations")
        page.locator("#q").fill("")
        expect(page.locator("#count")).to_have_text(narrowed)
        page.locator("#clear").click()
        expect(page.locator("#count")).to_have_text("300 of 300 conversations")


def test_an_address_opens_what_its_sender_saw(browser: Browser, failed: Reported) -> None:
    with _opened(browser, failed.url + "#status=failed&criterion=groundedness") as page:
        assert page.locator("#f-criterion").input_value() == "groundedness"
        page.locator("#list .row").first.click()
        expect(page.locator("dialog")).to_be_visible()
        page.wait_for_function("() => location.hash.includes('open=prm-')")
        address = page.url
    with _opened(browser, address) as page:
        expect(page.locator("#dialog-h")).to_contain_text(re.findall(r"open=([\w-]+)", address)[0])


def test_a_failure_opens_to_the_whole_conversation(browser: Browser, failed: Reported) -> None:
    with _opened(browser, failed.url + "#criterion=groundedness&status=failed") as page:
        page.locator("#list .row").first.click()
        body = page.locator("#dialog-body")
        expect(body.locator(".bubble.assistant mark").first).to_have_text("a refund within 90 days")
        for words in ("User", "retrieved passage", "which none of the retrieved passages says", "trace"):
            expect(body).to_contain_text(words)
        expect(body.locator(".replay")).to_contain_text("reverse-rag replay prm-")
        page.keyboard.press("Escape")
        expect(page.locator("dialog")).to_be_hidden()


def test_leaked_values_are_hidden_until_somebody_asks(browser: Browser, failed: Reported) -> None:
    with _opened(browser, failed.url + "#criterion=pii_leak") as page:
        page.locator("#list .row").first.click()
        secret = page.locator("#dialog-body .bubble.assistant details.secret").first
        expect(secret).to_be_visible()
        assert LEAKED_EMAIL not in page.locator("#dialog-body").inner_text()
        secret.locator("summary").click()
        assert LEAKED_EMAIL in page.locator("#dialog-body").inner_text()


def test_the_keyboard_suffices(browser: Browser, failed: Reported) -> None:
    with _opened(browser, failed.url + "#status=failed") as page:
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.id") == "q"
        page.keyboard.press("Tab")
        page.locator("#list").focus()
        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("k")
        assert page.locator('[aria-selected="true"]').get_attribute("aria-posinset") == "1"
        page.keyboard.press("Enter")
        expect(page.locator("dialog")).to_be_visible()
        first = page.locator("#dialog-h").inner_text()
        page.keyboard.press("j")
        expect(page.locator("#dialog-h")).not_to_have_text(first)
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement.id") == "list"


def test_single_keys_can_be_switched_off(browser: Browser, failed: Reported) -> None:
    with _opened(browser, failed.url) as page:
        page.locator("#keys").uncheck()
        page.locator("#list").focus()
        page.keyboard.press("j")
        assert page.locator('[aria-selected="true"]').count() == 0


def test_a_cause_leads_to_its_failures(browser: Browser, failed: Reported) -> None:
    with _opened(browser, failed.url) as page:
        cause = page.locator(".cause").first
        count = cause.locator(".measure b").inner_text()
        cause.locator(".all a").click()
        expect(page.locator("#count")).to_have_text(f"{count} of 300 conversations")


def test_hostile_answers_run_nothing_and_break_nothing(browser: Browser, hostile: Reported) -> None:
    with _opened(browser, hostile.url) as page:
        expect(page.locator("#count")).to_have_text(f"{len(CORPUS)} of {len(CORPUS)} conversations")
        page.locator("#list").focus()
        for _ in CORPUS:
            page.keyboard.press("j")
            page.keyboard.press("Enter")
        expect(page.locator("dialog")).to_be_visible()
        page.wait_for_timeout(200)
        assert page.evaluate("window.pwned") is None
        assert "Do not release" in page.title()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.evaluate("document.querySelectorAll('h1').length") == 1


def test_invisible_characters_are_shown_as_chips(browser: Browser, hostile: Reported) -> None:
    with _opened(browser, hostile.url + "#q=gnp.exe") as page:
        page.locator("#list .row").first.click()
        expect(page.locator("#dialog-body .bubble.assistant .chip").first).to_have_text("U+202E")


@pytest.mark.parametrize("width", [1200, 390, 320])
def test_the_page_never_scrolls_sideways(browser: Browser, hostile: Reported, width: int) -> None:
    with _opened(browser, hostile.url, width=width) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_without_a_script_the_page_still_reads(browser: Browser, failed: Reported) -> None:
    with _opened(browser, failed.url, script=False) as page:
        expect(page.locator("h1")).to_be_visible()
        expect(page.get_by_text("The first failures")).to_be_visible()
        expect(page.locator("#explorer")).to_be_hidden()


def test_two_thousand_conversations_are_a_few_rows_in_the_document(browser: Browser, tmp_path: Path) -> None:
    reported = report(make_run(tmp_path, prompts=2000))
    with _opened(browser, reported.url) as page:
        expect(page.locator("#count")).to_have_text("2,000 of 2,000 conversations")
        assert page.locator("#list .row").count() < 60
        page.locator("#list").focus()
        page.keyboard.press("End")
        expect(page.locator('[aria-selected="true"]')).to_have_attribute("aria-posinset", "2000")
