"""A suite of any size in about the memory of a small one: what is held of each prompt, in bytes."""

import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from harness.contracts import Prompt
from personas import promptfile
from personas.duplicates import Duplicates
from personas.promptfile import PromptFile
from tests.personas.suites import prompt

COUNT = 1_500


@dataclass
class Held:
    """Bytes held when a block began and at its end."""

    before: int
    after: int = 0


@contextmanager
def _held() -> Iterator[Held]:
    tracemalloc.start()
    try:
        held = Held(before=tracemalloc.get_traced_memory()[0])
        yield held
        held.after = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


def _prompts(count: int, begin: int = 0) -> Iterator[Prompt]:
    """Yield prompts of twenty words that have little in common."""
    for number in range(begin, begin + count):
        text = " ".join(f"w{(number * 7_919 + place * place * 31) % 2_003}" for place in range(20))
        yield prompt(f"p-{number}", turns=[text])


def test_what_finds_duplicates_again_holds_some_hundred_bytes_a_prompt() -> None:
    seen = Duplicates()
    with _held() as held:
        found = [seen.reason(one.turns) for one in _prompts(COUNT)]
    assert found == [None] * COUNT
    # 80 of a signature's and 128 of the bands' numbers, and as much again while they are sorted.
    assert held.after - held.before < 600 * COUNT


def test_prompts_on_the_disk_hold_a_number_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promptfile, "_IN_MEMORY", 10_000)
    with _held() as held:
        kept = PromptFile(_prompts(COUNT))
    assert len(kept) == COUNT
    assert held.after - held.before < 60 * COUNT
