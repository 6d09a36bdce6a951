"""Suites on disk."""

from pathlib import Path

import pytest

from harness.contracts import Generator, Manifest, Persona, Prompt, PromptChecks
from harness.errors import StorageError
from harness.suites import read_manifest, read_personas, read_prompts, write_manifest, write_suite

PERSONA = Persona(persona_id="p", name="Hurried Reader", description="", segment_id="s", traffic_share=1.0, users=5)


def _prompt(text: str) -> Prompt:
    return Prompt(
        prompt_id=text,
        persona_id="p",
        strategy="ordinary",
        turns=[text, "und dann? שלום\u2028"],
        checks=PromptChecks(json_answer=True),
        weight=1.0,
        generator=Generator(kind="offline"),
    )


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    write_suite(tmp_path, [_prompt("a"), _prompt("b")], [PERSONA])
    assert read_prompts(tmp_path) == [_prompt("a"), _prompt("b")]
    assert read_personas(tmp_path) == [PERSONA]


def test_the_id_is_a_hash_of_the_content(tmp_path: Path) -> None:
    first, _ = write_suite(tmp_path, [_prompt("a")], [PERSONA])
    again, _ = write_suite(tmp_path, [_prompt("a")], [PERSONA])
    other, _ = write_suite(tmp_path, [_prompt("b")], [PERSONA])
    assert first == again != other


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    write_suite(tmp_path, [_prompt("a")], [PERSONA])
    with (tmp_path / "prompts.jsonl").open("a") as file:
        file.write('{"prompt_id": 1}\n')
    with pytest.raises(StorageError, match=r"line 2: not a prompt"):
        read_prompts(tmp_path)


def test_a_missing_suite_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be read") as caught:
        read_prompts(tmp_path / "none")
    assert "reverse-rag personas" in caught.value.hint


def test_a_folder_that_cannot_be_written_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be written"):
        write_suite(tmp_path / "none", [], [])


def test_a_manifest_is_read_again(tmp_path: Path) -> None:
    manifest = Manifest(
        kind="suite", artifact_id="x", tool_version="0", created_at="2026-01-01T00:00:00Z", configuration_hash="c"
    )
    write_manifest(tmp_path, manifest)
    assert read_manifest(tmp_path) == manifest
