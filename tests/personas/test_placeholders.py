"""A suite from a dataset with invented values: the same as from one with placeholders."""

import datetime as dt
from pathlib import Path

import pytest

from harness.config import PersonasSection, Settings, StorageSection
from harness.contracts import Manifest, SanitizedSession, Turn
from harness.identity import file_sha256, utc_now
from harness.sessions import SessionWriter
from harness.storage import Storage
from harness.suites import read_manifest, read_prompts
from personas.generation import make_suite
from personas.placeholders import with_placeholders
from tests.harness.pii.listed import Listed
from tests.personas.logs import library_sessions

NAME, MAIL = "Mildred Brenstone", "mildred.brenstone@example.org"


def session(*texts: str) -> SanitizedSession:
    return SanitizedSession(
        session_id="a" * 16,
        user_key="b" * 16,
        started_on=dt.date(2026, 1, 1),
        turns=[Turn(role="user", text=text) for text in texts],
    )


def test_placeholders_stand_for_what_was_invented_and_those_that_stand_keep_their_numbers() -> None:
    finder = Listed(PERSON=f"{NAME}|PASSWORD_1", EMAIL_ADDRESS=MAIL)
    before = session(f"I am {NAME}, pin <PASSWORD_1>", f"{MAIL} or ask mildred; <PERSON_2> knows")
    (after,) = with_placeholders([before], finder)
    assert [turn.text for turn in after.turns] == [
        "I am <PERSON_3>, pin <PASSWORD_1>",
        "<EMAIL_ADDRESS_1> or ask <PERSON_3>; <PERSON_2> knows",
    ]
    assert after.model_copy(update={"turns": before.turns}) == before
    assert finder.prepared == 2


def published(storage: Storage, name: str, replacement: str, words: str) -> str:
    """Publish a dataset in which every user says who they are."""
    folder = storage.staging("sanitized")
    with SessionWriter(folder) as writer:
        for each in library_sessions(60):
            said = Turn(role="user", text=words)
            writer.add(each.model_copy(update={"turns": [*each.turns, said]}))
    manifest = Manifest(
        kind="dataset",
        artifact_id=name,
        tool_version="1",
        created_at=utc_now(),
        configuration_hash="c" * 64,
        files={path.name: file_sha256(path) for path in folder.iterdir()},
        details={"replacement": replacement},
    )
    (folder / "manifest.json").write_bytes(manifest.to_json())
    storage.publish("sanitized", name, folder)
    return name


@pytest.mark.parametrize("words", [f"it is {NAME} here, my name is {NAME}", f"please write to {MAIL} about my loan"])
def test_invented_values_that_all_users_share_are_nobodys_words(tmp_path: Path, words: str) -> None:
    """The worst case: k users have the same one, so that only its kind keeps it out."""
    storage = Storage(str(tmp_path / "out"))
    settings = Settings(
        storage=StorageSection(root=storage.root), personas=PersonasSection(personas=3, prompts_per_persona=10)
    )
    plain = words.replace(NAME, "<PERSON_1>").replace(MAIL, "<EMAIL_ADDRESS_1>")
    suites = [
        make_suite(settings, storage, dataset=published(storage, f"data-{kind}", kind, said))
        for kind, said in (("surrogate", words), ("placeholder", plain))
    ]
    assert suites[0].suite_id == suites[1].suite_id
    assert suites[0].prompts == suites[0].planned == 30
    assert suites[0].rejected == suites[1].rejected
    written = " ".join(turn for prompt in read_prompts(suites[0].folder) for turn in prompt.turns).lower()
    shown = str(read_manifest(suites[0].folder).details).lower()
    assert not [word for word in ("mildred", "brenstone") if word in written + shown]
