"""Sessions go to Parquet and come back as they were."""

import datetime as dt
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.contracts import SanitizedSession, Turn
from harness.errors import StorageError
from harness.sessions import SCHEMA, SessionWriter, read_sessions, write_sessions

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
SESSIONS = st.builds(
    SanitizedSession,
    session_id=TEXTS,
    user_key=TEXTS,
    started_on=st.dates(dt.date(1990, 1, 1), dt.date(2199, 1, 1)),
    turns=st.lists(st.builds(Turn, role=st.sampled_from(["user", "assistant"]), text=TEXTS), max_size=3),
    entities=st.dictionaries(TEXTS, st.integers(0, 10**6), max_size=3),
    feedback=st.sampled_from(["up", "down", None]),
    traits=st.dictionaries(TEXTS, TEXTS, max_size=3),
    metadata=st.dictionaries(TEXTS, TEXTS, max_size=3),
)


@given(st.lists(SESSIONS, max_size=4))
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, sessions: list[SanitizedSession]
) -> None:
    folder = tmp_path_factory.mktemp("dataset")
    paths = write_sessions(folder, sessions)
    assert list(read_sessions(folder)) == sessions
    assert pq.read_schema(paths[0]).equals(SCHEMA)


def test_a_large_dataset_is_split_into_parts(tmp_path: Path) -> None:
    one = SanitizedSession(session_id="s", user_key="u", started_on=dt.date(2026, 1, 1), turns=[])
    with SessionWriter(tmp_path, sessions_per_part=2000) as writer:
        for number in range(4500):
            writer.add(one.model_copy(update={"session_id": str(number)}))
    assert [p.name for p in writer.parts] == ["part-00000.parquet", "part-00001.parquet", "part-00002.parquet"]
    assert [s.session_id for s in read_sessions(tmp_path)] == [str(n) for n in range(4500)]


def test_a_folder_without_sessions_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="holds no part"):
        next(read_sessions(tmp_path))


def test_a_damaged_part_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "part-00000.parquet").write_bytes(b"PAR1nothing")
    with pytest.raises(StorageError, match="cannot be read"):
        next(read_sessions(tmp_path))
