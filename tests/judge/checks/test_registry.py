"""Which checks run, and how installed packages add theirs."""

import asyncio
from pathlib import Path

import pytest

from harness.errors import ConfigurationError
from judge.checks import load_checks
from judge.grading import Judge
from tests.judge.records import exchange, settings

SOURCE = """
from judge.checks.interface import fails, passes

class NoShouting:
    name = "{name}"
    version = "1"

    def check(self, answer):
        return fails(self.name, "It shouts.") if answer.text.isupper() else passes(self.name)

def build(settings):
    return NoShouting()
"""


def install(folder: Path, module: str, *, name: str = "no_shouting", entry: str | None = None) -> None:
    """Lay out an installed distribution that offers a check."""
    (folder / f"{module}.py").write_text(SOURCE.format(name=name))
    info = folder / f"{module}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[reverse_rag.checks]\nshouting = {entry or module + ':build'}\n")


def test_optional_checks_run_only_where_the_configuration_asks() -> None:
    always = {check.name for check in load_checks(settings())}
    assert {"empty_answer", "cut_off", "pii_leak", "secrets", "injection_compliance", "contains"} <= always
    assert not {"groundedness", "same_language", "canary_leak", "system_prompt_leak", "forbidden_topic"} & always


def test_an_installed_package_adds_its_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, "acme_quiet")
    monkeypatch.syspath_prepend(tmp_path)
    judge = Judge(settings())
    verdict = asyncio.run(judge.grade(exchange(response_text="WE OPEN AT NINE.")))
    assert [c.name for c in verdict.criteria if c.passed is False] == ["no_shouting"]


def test_the_check_of_the_documentation_runs_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (Path(__file__).parents[3] / "docs" / "checks.md").read_text(encoding="utf-8")
    install(tmp_path, "acme_documented")
    (tmp_path / "acme_documented.py").write_text(page.split("```python\n")[1].split("```")[0])
    monkeypatch.syspath_prepend(tmp_path)
    verdict = asyncio.run(Judge(settings()).grade(exchange(response_text="WE OPEN AT NINE.")))
    failed = [(c.name, c.score, c.evidence) for c in verdict.criteria if c.passed is False]
    assert failed == [("no_shouting", 0.3, ["WE OPEN AT NINE."])]


def test_the_version_of_an_installed_check_is_part_of_the_judge(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "acme_versioned")
    without = Judge(settings()).judge_id
    monkeypatch.syspath_prepend(tmp_path)
    first = Judge(settings()).judge_id
    monkeypatch.setattr("acme_versioned.NoShouting.version", "2")
    assert len({without, first, Judge(settings()).judge_id}) == 3


def test_an_installed_check_may_not_take_a_used_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, "acme_double", name="pii_leak")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ConfigurationError, match="two checks are called 'pii_leak'"):
        load_checks(settings())


def test_an_installed_check_that_does_not_load_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, "acme_broken", entry="acme_broken:missing")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ConfigurationError, match=r"'shouting' \(acme_broken:missing\)"):
        load_checks(settings())
