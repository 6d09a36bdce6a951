"""Which processes send a run: what may be asked for, and that a sending process understands it."""

from typing import Any

import pytest

from harness.errors import ConfigurationError, UsageError
from swarm.distribution import KEY_VARIABLE, Distribution, distribution_of, processes_of, shared_key, swarm_arguments


@pytest.mark.parametrize(
    "asked",
    [
        Distribution(),
        Distribution(processes=3, web_port=8089),
        Distribution(master=True, bind_host="::1", bind_port=7000, expect_workers=5),
    ],
)
def test_a_sending_process_understands_what_its_parent_asks_for(asked: Distribution) -> None:
    assert distribution_of(swarm_arguments(["a folder", *asked.arguments()])) == asked


def test_the_usual_run_has_no_workers() -> None:
    assert (Distribution().workers, Distribution(processes=4).workers) == (0, 4)
    assert Distribution(master=True, expect_workers=2).workers == 2


@pytest.mark.parametrize(
    "values",
    [{"processes": 0}, {"processes": 2, "master": True}, {"master": True, "expect_workers": 0}, {"web_port": 70_000}],
)
def test_what_contradicts_itself_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        Distribution(**values)


def test_minus_one_is_a_process_for_each_core() -> None:
    assert processes_of(-1) >= 1
    assert processes_of(3) == 3


@pytest.mark.parametrize("words", [[], ["folder", "--worker", "127.0.0.1", "1"]])
def test_a_process_sends_a_run_or_works_for_a_master(words: list[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        swarm_arguments(words)
    assert raised.value.code == 2


def test_a_key_that_could_be_guessed_is_refused_without_being_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "hunter2")
    with pytest.raises(ConfigurationError) as raised:
        shared_key()
    assert "hunter2" not in f"{raised.value}{raised.value.hint}"
    monkeypatch.setenv(KEY_VARIABLE, "k" * 32)
    assert shared_key() == "k" * 32
