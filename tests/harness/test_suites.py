"""Suites on disk."""

from pathlib import Path

import pytest

from harness.contracts import Generator, Manifest, Persona, Prompt, PromptChecks
from harness.errors import StorageError
from harness.suites import (
    read_manifest,
    read_personas,
    read_prompts,
    require_whole,
    write_beside,
    write_manifest,
    write_suite,
)

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


def _published(folder: Path) -> str:
    """Write a suite with its manifest and another file; return its id."""
    suite_id, files = write_suite(folder, [_prompt("a"), _prompt("b")], [PERSONA])
    files |= write_beside(folder, "more.jsonl", [PERSONA])
    write_manifest(
        folder,
        Manifest(
            kind="suite",
            artifact_id=suite_id,
            tool_version="0",
            created_at="2026-01-01T00:00:00Z",
            configuration_hash="c",
            files=files,
        ),
    )
    return suite_id


def test_a_suite_as_it_was_published_is_whole(tmp_path: Path) -> None:
    require_whole(tmp_path, _published(tmp_path))
    assert len(read_prompts(tmp_path)) == 2


@pytest.mark.parametrize("name", ["prompts.jsonl", "personas.jsonl", "more.jsonl"])
def test_a_changed_file_is_named(tmp_path: Path, name: str) -> None:
    suite_id = _published(tmp_path)
    path = tmp_path / name
    path.write_bytes(path.read_bytes().replace(b'"schema_version":1', b'"schema_version":2', 1))
    with pytest.raises(StorageError, match=name) as caught:
        require_whole(tmp_path, suite_id)
    assert "make the suite again" in caught.value.hint


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    suite_id = _published(tmp_path)
    (tmp_path / "more.jsonl").unlink()
    with pytest.raises(StorageError, match=r"more\.jsonl"):
        require_whole(tmp_path, suite_id)


def test_changed_prompts_and_personas_are_not_even_read(tmp_path: Path) -> None:
    _published(tmp_path)
    for name, read in (("prompts.jsonl", read_prompts), ("personas.jsonl", read_personas)):
        (tmp_path / name).write_bytes((tmp_path / name).read_bytes() + b"\n")
        with pytest.raises(StorageError, match=name):
            read(tmp_path)


def test_a_manifest_that_was_changed_along_with_the_prompts_is_noticed_by_the_id(tmp_path: Path) -> None:
    """Whoever edits both files still cannot make the content hash to the id it was asked for by."""
    suite_id = _published(tmp_path)
    other, files = write_suite(tmp_path, [_prompt("c")], [PERSONA])
    manifest = read_manifest(tmp_path)
    for artifact_id in (suite_id, other):
        changed = manifest.model_copy(update={"files": manifest.files | files, "artifact_id": artifact_id})
        write_manifest(tmp_path, changed)
        with pytest.raises(StorageError, match=other):
            require_whole(tmp_path, suite_id)


def test_another_suite_s_folder_is_not_the_one_asked_for(tmp_path: Path) -> None:
    _published(tmp_path)
    with pytest.raises(StorageError, match="suite-0123456789abcdef"):
        require_whole(tmp_path, "suite-0123456789abcdef")
