"""The page as text: what it may load, what it hides, what it says without a script."""

import base64
import gzip
import hashlib
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import orjson
import pytest

from reports import details
from reports.clusters import cluster
from reports.conversations import read_conversations, read_verdicts
from reports.loading import load_run
from reports.visible import INVISIBLE
from tests.reports.conftest import Reported, report
from tests.reports.hostile import CORPUS
from tests.reports.run_folders import PLANTED, make_run


class _Outline(HTMLParser):
    """Collects tags, attributes, and the text that is outside of hidden values."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.shown: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._hidden += tag in ("script", "style") or dict(attrs).get("class") == "secret"

    def handle_endtag(self, tag: str) -> None:
        # No example's own <details> holds another one but a hidden value.
        self._hidden -= self._hidden > 0 and tag in ("script", "style", "details")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.shown.append(data)


def _outline(html: str) -> _Outline:
    outline = _Outline()
    outline.feed(html)
    return outline


def test_the_policy_names_the_style_and_the_script_by_hash_and_nothing_else(failed: Reported) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', failed.html)
    assert policy
    for tag in ("style", "script"):
        text = re.findall(rf"<{tag}>(.*?)</{tag}>", failed.html, re.DOTALL)
        assert len(text) == 1
        digest = base64.b64encode(hashlib.sha256(text[0].encode()).digest()).decode()
        assert f"{tag}-src &#39;sha256-{digest}&#39;;" in policy[1]
    assert policy[1].startswith("default-src &#39;none&#39;;")
    granted = [part.split()[0] for part in unescape(policy[1]).split(";") if "'none'" not in part]
    assert granted == ["script-src", "style-src", "require-trusted-types-for"]


@pytest.mark.parametrize("name", ["failed", "hostile"])
def test_nothing_is_loaded_styled_or_handled_inline(name: str, request: pytest.FixtureRequest) -> None:
    reported: Reported = request.getfixturevalue(name)
    for tag, attributes in _outline(reported.html).tags:
        assert tag not in {"img", "iframe", "object", "embed", "link", "base"}
        assert not {"src", "style", "srcdoc"} & attributes.keys()
        assert not [key for key in attributes if key.startswith("on")]
        assert (attributes.get("href") or "#").startswith("#")


def test_leaked_values_are_only_in_hidden_places(failed: Reported) -> None:
    shown = "".join(_outline(failed.html).shown)
    assert [value for value in PLANTED if value in shown] == []
    assert "masked, 33 characters" in failed.html


def test_the_list_that_is_searched_holds_no_leaked_value(failed: Reported) -> None:
    packed = re.search(r'id="rows">([^<]+)<', failed.html)
    assert packed
    rows = orjson.loads(gzip.decompress(base64.b64decode(packed[1])))
    assert len(rows["status"]) == len(rows["ids"].split("\n")) == 300
    assert [value for value in PLANTED if value in str(rows)] == []


def test_without_a_script_decision_causes_charts_and_failures_are_there(failed: Reported) -> None:
    outline = _outline(failed.html)
    shown = "".join(outline.shown)
    for words in (
        "Do not release",
        "What broke",
        "Gave away personal data",
        "Who is hit",
        "scheduled",
        "Data certificate",
        "by what is said without any name",
    ):
        assert words in shown
    assert sum(tag == "svg" for tag, _ in outline.tags) == 8
    assert sum(tag == "mark" for tag, _ in outline.tags) >= 2


def test_every_chart_has_a_title_and_a_description(failed: Reported) -> None:
    for svg in re.findall(r"<svg.*?</svg>", failed.html, re.DOTALL):
        assert re.search(r"<title id=\"[^\"]+\">[^<]+</title><?|<title id", svg)
        assert "<desc id=" in svg


def test_every_table_has_a_caption_and_every_field_a_label(failed: Reported) -> None:
    assert failed.html.count("<table") == failed.html.count("<caption>")
    for tag, attributes in _outline(failed.html).tags:
        assert tag != "select" or attributes.get("name")


def test_ids_are_unique(failed: Reported) -> None:
    ids = [attributes["id"] for _, attributes in _outline(failed.html).tags if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_hostile_texts_stay_texts(hostile: Reported) -> None:
    tags = [tag for tag, _ in _outline(hostile.html).tags]
    assert tags.count("script") == 2 + hostile.html.count('id="block-')
    assert tags.count("h1") == 1
    assert tags.count("dialog") == 1
    assert INVISIBLE.search(hostile.html) is None


def test_a_budget_that_runs_out_leaves_every_cause_with_an_example(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = make_run(tmp_path, prompts=200, failing=0.6)
    run = load_run(folders.run, suite_folder=folders.suite, dataset_folder=None)
    conversations = read_conversations(run, read_verdicts(run))
    clusters = cluster(conversations)
    monkeypatch.setattr(details, "FAILURE_BUDGET", 3 * sum(c.example.size for c in clusters))
    monkeypatch.setattr(details, "OTHER_BUDGET", 0)
    chosen = set(details.selected(conversations, clusters))
    assert {c.example.key for c in clusters} <= chosen
    assert len(chosen) < sum(len(c.members) for c in clusters)


def test_a_giant_answer_is_cut_in_the_page(tmp_path: Path) -> None:
    reported = report(make_run(tmp_path, prompts=3, answers=["z" * 60_000] * 3))
    assert "40,000 more characters are in exchanges/" in reported.html


def test_the_corpus_is_about_a_hundred_texts() -> None:
    assert len(CORPUS) >= 100


def test_groups_have_intervals_and_pairs_their_four_fields(failed: Reported) -> None:
    heat = failed.html.split('<section id="heat"')[1].split("</section>")[0]
    assert "95\u202f% interval" in heat
    assert "of the 13 criteria, personas and strategies looked at, about 1 may lie outside" in heat
    assert "No persona may fail more than 5\u202f%, for sure: Rule bender does (8\u202f% – 70\u202f%)" in heat
    load = failed.html.split('<section id="load"')[1].split("</section>")[0]
    assert "Failed only under load: <a" in load
    assert "exact McNemar test, p = 0.021" in load


def test_failures_that_were_asked_again_are_marked(failed: Reported) -> None:
    causes = failed.html.split('<section id="causes"')[1].split("</section>")[0]
    told = [int(number) for number in re.findall(r"Asked again:</span> (\d+) failed every time", causes)]
    assert sum(told) == 4
    trust = failed.html.split('<section id="trust"')[1].split("</section>")[0]
    assert "4 failed every time, 1 passed at least once; 3 more were not asked" in trust
    assert "Of 100 prompts that the load sent twice, 1 got another verdict" in trust
    assert failed.junit.count("asked again: failed every time") == 4
    assert failed.junit.count("asked again: flaky") == 1
    assert "| Failing prompts asked again | 4 failed every time, 1 flaky |" in failed.markdown


def test_the_bar_says_what_its_ends_hold_with(failed: Reported) -> None:
    caption = failed.html.partition("The bar spans")[2].partition("</figcaption>")[0]
    assert "each end holds with 95\u202f%" in caption
    assert "both together with at least 90\u202f%" in caption
    assert "changed during the run" not in caption


def test_a_rate_that_changed_is_said_below_its_bar(tmp_path: Path) -> None:
    folders = make_run(tmp_path, prompts=3)
    path = folders.run / "gate.json"
    gate = orjson.loads(path.read_bytes())
    gate["failure_rate"]["raw"] = {"estimate": 0.3, "lower": 0.2, "upper": 0.3}
    path.write_bytes(orjson.dumps(gate))
    caption = report(folders).html.partition("The bar spans")[2].partition("</figcaption>")[0]
    assert "The rate changed during the run" in caption
