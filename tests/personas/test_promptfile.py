"""Prompts on the disk, which read as those in a list do."""

from pathlib import Path

import pytest

from harness.errors import StorageError
from personas import promptfile
from personas.promptfile import PromptFile
from tests.personas.suites import prompt

PROMPTS = [
    prompt("a", turns=["How do I renew it?", "и потом? 🙏"], weight=1 / 3),
    prompt("b", checks={"json": True, "must_not_comply": ["X-1"]}, strategy="json_please"),
    prompt("c", origin="regression", weight=0.0),
]


@pytest.mark.parametrize("in_memory", [1, 1_000_000])
def test_prompts_come_back_as_they_went_in_their_order(in_memory: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promptfile, "_IN_MEMORY", in_memory)
    kept = PromptFile(PROMPTS[:1])
    kept.extend(PROMPTS[1:])
    assert list(kept) == PROMPTS
    assert len(kept) == 3
    assert kept[-1] == kept[2] == PROMPTS[2]
    assert kept[1:] == PROMPTS[1:]


def test_adding_goes_on_at_the_end_after_reading() -> None:
    kept = PromptFile(PROMPTS[:2])
    assert kept[0] == PROMPTS[0]
    kept.append(PROMPTS[2])
    assert list(kept) == PROMPTS


def test_several_can_read_at_once() -> None:
    kept = PromptFile(PROMPTS)
    assert list(zip(kept, kept, strict=True)) == list(zip(PROMPTS, PROMPTS, strict=True))


def test_there_is_no_prompt_after_the_last() -> None:
    with pytest.raises(IndexError):
        PromptFile(PROMPTS)[3]


def test_a_folder_that_cannot_be_written_is_named_with_what_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(promptfile, "_IN_MEMORY", 1)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    with pytest.raises(StorageError, match="gone: cannot be written") as caught:
        PromptFile(PROMPTS)
    assert "TMPDIR" in caught.value.hint
