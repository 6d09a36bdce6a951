"""The stage: from a published dataset to a published suite."""

from pathlib import Path

import pytest

from harness.config import PersonasSection, Settings, StorageSection
from harness.errors import SafetyError, StorageError, UsageError
from harness.identity import file_sha256
from harness.sessions import SessionWriter
from harness.storage import Storage
from harness.suites import read_manifest, read_personas, read_prompts, require_whole
from personas.generation import make_suite
from tests.harness.datasets import publish_manifest
from tests.personas.logs import library_sessions


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    storage = Storage(str(tmp_path / "out"))
    folder = storage.staging("sanitized")
    with SessionWriter(folder) as writer:
        for session in library_sessions(120):
            writer.add(session)
    storage.publish("sanitized", "data-1", folder)
    return storage


def _settings(storage: Storage, **values: object) -> Settings:
    section = {"personas": 4, "prompts_per_persona": 20, **values}
    return Settings(storage=StorageSection(root=storage.root), personas=PersonasSection.model_validate(section))


def test_a_suite_is_published_with_what_is_needed_to_trust_it(storage: Storage) -> None:
    result = make_suite(_settings(storage), storage)
    assert result.folder == storage.fetch("suites", "latest")
    assert result.prompts == result.planned == len(read_prompts(result.folder)) == 80
    assert result.personas == len(read_personas(result.folder))
    manifest = read_manifest(result.folder)
    assert manifest.artifact_id == result.suite_id
    assert manifest.parents.dataset_id == "data-1"
    names = ("prompts.jsonl", "personas.jsonl", "retrieval.jsonl", "segments.jsonl")
    assert manifest.files == {name: file_sha256(result.folder / name) for name in names}
    assert manifest.counts["users"] == 60
    assert manifest.templates
    assert manifest.details["diversity"]["strategies"]


def test_the_same_dataset_and_seed_give_the_same_suite(storage: Storage) -> None:
    first, second = (make_suite(_settings(storage), storage) for _ in range(2))
    assert first.suite_id == second.suite_id
    assert storage.ids("suites") == [first.suite_id]


def test_another_seed_gives_another_suite(storage: Storage) -> None:
    assert make_suite(_settings(storage), storage).suite_id != make_suite(_settings(storage, seed=8), storage).suite_id


def test_hand_written_prompts_join_the_suite_outside_the_rate(storage: Storage, tmp_path: Path) -> None:
    (tmp_path / "golden.jsonl").write_text('{"prompt": "When do you open?"}\n', encoding="utf-8")
    free = make_suite(_settings(storage), storage)
    bound = make_suite(_settings(storage, golden=str(tmp_path / "golden.jsonl")), storage)
    prompts = read_prompts(bound.folder)
    assert prompts[:-1] == read_prompts(free.folder)
    assert (prompts[-1].origin, prompts[-1].turns) == ("golden", ["When do you open?"])
    assert sum(prompt.weight for prompt in prompts) == pytest.approx(1.0)
    assert read_manifest(bound.folder).counts["golden"] == 1
    require_whole(bound.folder, bound.suite_id)


def test_a_missing_dataset_says_how_to_make_one(tmp_path: Path) -> None:
    storage = Storage(str(tmp_path / "none"))
    with pytest.raises(UsageError, match="no sanitized dataset 'latest'"):
        make_suite(_settings(storage), storage)


def test_too_few_users_leave_nothing_behind(storage: Storage) -> None:
    with pytest.raises(SafetyError, match="60 distinct users"):
        make_suite(_settings(storage, min_users=100), storage)
    assert storage.ids("suites") == []


def test_progress_ends_with_the_number_of_prompts(storage: Storage) -> None:
    seen: list[tuple[str, int, int | None, str]] = []

    class Recorder:
        def update(self, step: str, done: int, total: int | None = None, note: str = "") -> None:
            seen.append((step, done, total, note))

    make_suite(_settings(storage), storage, progress=Recorder())
    assert seen[-1] == ("prompts", 80, 80, "")


def test_a_dataset_that_was_changed_after_publication_makes_no_suite(storage: Storage) -> None:
    """What nobody sanitized must not reach a model, whoever put it there."""
    folder = storage.fetch("sanitized", "data-1")
    publish_manifest(folder, "data-1")
    make_suite(_settings(storage), storage)
    with SessionWriter(folder) as writer:
        for session in library_sessions(60, seed=9):
            writer.add(session)
    with pytest.raises(StorageError, match=r"part-00000\.parquet: is not the file") as caught:
        make_suite(_settings(storage), storage)
    assert "reverse-rag extract" in caught.value.hint
    assert len(storage.ids("suites")) == 1
