"""What a conversation is called, and when."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from harness.identity import content_id
from swarm.clock import Clock
from swarm.replay import Conversation

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(TEXT, TEXT, st.integers(1, 50), st.integers(0, 50))
def test_ids_are_hashes_of_what_they_name(run_id: str, prompt_id: str, attempt: int, turn: int) -> None:
    """Older runs and other stages make the same ids of the same content."""
    one = Conversation(run_id=run_id, prompt_id=prompt_id, arm="load", turns=("Hi?",), attempt=attempt)
    identity = (run_id.encode(), prompt_id.encode(), b"load", b"%d" % attempt)
    assert one.conversation_id == content_id("conv", identity)
    assert one.exchange_id(turn) == content_id("ex", (*identity, b"%d" % turn))


@given(st.lists(st.floats(0, 1e7), min_size=1, max_size=5))
def test_moments_are_written_to_the_microsecond_in_any_order(moments: list[float]) -> None:
    clock = Clock()
    for moment in moments:
        written = datetime.fromisoformat(clock.utc(moment))
        assert len(clock.utc(moment)) == len("2026-01-31T12:00:00.000000Z")
        assert abs((written - datetime.fromtimestamp(moment + clock._offset, UTC)).total_seconds()) <= 1e-6
