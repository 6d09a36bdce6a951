"""What is kept of turns whose replies are awaited."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import StorageError
from swarm.replay import Conversation
from swarm.under_way import UnderWay

IDS = st.integers(0, 400).map(lambda number: f"conv-{number:016x}")


def test_a_process_that_is_killed_leaves_what_it_was_waiting_for(tmp_path: Path) -> None:
    """Nothing is closed or flushed: the second one sees what the first has mapped."""
    killed = UnderWay(tmp_path / "under_way")
    assert [killed.sends(name, 0) for name in ("conv-1", "conv-2")] == [0, 0]
    killed.recorded("conv-1")
    resumed = UnderWay(tmp_path / "under_way")
    assert resumed.unrecorded == 1
    assert [resumed.sends(name, turn) for name, turn in (("conv-1", 0), ("conv-2", 1), ("conv-2", 0))] == [0, 0, 1]


def test_a_turn_in_flight_at_several_kills_is_counted_each_time(tmp_path: Path) -> None:
    for times in range(3):
        process = UnderWay(tmp_path / "under_way")
        assert (process.unrecorded, process.sends("conv-1", 4)) == (times, times)


def test_what_an_earlier_process_left_stays_until_it_is_recorded(tmp_path: Path) -> None:
    """A resumed process may be killed before it comes to that turn."""
    UnderWay(tmp_path / "under_way").sends("conv-1", 0)
    for _ in range(2):
        process = UnderWay(tmp_path / "under_way")
        process.sends("conv-2", 0)
        process.recorded("conv-2")
        process.close()
    assert UnderWay(tmp_path / "under_way").sends("conv-1", 0) == 1


def test_what_was_recorded_before_it_could_be_forgotten_is_not_marked(tmp_path: Path) -> None:
    one = Conversation(run_id="run-1", prompt_id="p1", arm="load", turns=("Hi?",), attempt=2)
    UnderWay(tmp_path / "under_way").sends(one.conversation_id, 0)
    process = UnderWay(tmp_path / "under_way")
    row = {"prompt_id": "p1", "arm": "load", "attempt": 2}
    for other in ({"turn": 1}, {"turn": 0, "attempt": 1}, {"turn": 0, "arm": "control"}):
        process.settle("run-1", {**row, **other})
    assert process.unrecorded == 1
    process.settle("run-1", {**row, "turn": 0})
    assert process.unrecorded == 0
    process.close()
    assert list(tmp_path.iterdir()) == []


def test_a_run_with_nothing_under_way_leaves_no_file(tmp_path: Path) -> None:
    process = UnderWay(tmp_path / "under_way")
    process.sends("conv-1", 0)
    process.recorded("conv-1")
    process.close()
    assert list(tmp_path.iterdir()) == []


@given(st.lists(st.tuples(st.booleans(), IDS, st.integers(0, 3)), max_size=1500))
def test_exactly_what_was_sent_and_not_recorded_is_known_afterwards(steps: list[tuple[bool, str, int]]) -> None:
    """More at once than the file begins with, in any order, each conversation waiting for one reply at a time."""
    with TemporaryDirectory() as folder:
        killed = UnderWay(Path(folder) / "under_way")
        waiting: dict[str, int] = {}
        for sending, name, turn in steps:
            if sending and name not in waiting:
                killed.sends(name, turn)
                waiting[name] = turn
            elif not sending and name in waiting:
                killed.recorded(name)
                del waiting[name]
        resumed = UnderWay(Path(folder) / "under_way")
        assert resumed.unrecorded == len(waiting)
        assert all(resumed.sends(name, turn) == 1 for name, turn in waiting.items())


def test_a_file_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"missing/under_way: cannot be written"):
        UnderWay(tmp_path / "missing" / "under_way")
