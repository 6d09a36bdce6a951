"""What a conversation is called, and when its turns are due."""

from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from swarm.clock import Clock
from swarm.replay import Call, Conversation, Reply, replay

NAMED = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=4)
"""Ids hold no control characters."""


@given(
    st.tuples(NAMED, NAMED, st.integers(1, 50), st.integers(0, 50)),
    st.tuples(NAMED, NAMED, st.integers(1, 50), st.integers(0, 50)),
)
def test_ids_name_one_turn_of_one_conversation(
    one: tuple[str, str, int, int], other: tuple[str, str, int, int]
) -> None:
    """Every process that goes on with a conversation makes the same ids, and no other conversation has them."""
    named = [
        Conversation(run_id=run_id, prompt_id=prompt_id, arm="load", turns=("Hi?",), attempt=attempt)
        for run_id, prompt_id, attempt, _ in (one, other)
    ]
    assert (named[0].conversation_id == named[1].conversation_id) == (one[:3] == other[:3])
    assert (named[0].exchange_id(one[3]) == named[1].exchange_id(other[3])) == (one == other)


@given(st.lists(st.floats(0, 1e7), min_size=1, max_size=5))
def test_moments_are_written_to_the_microsecond_in_any_order(moments: list[float]) -> None:
    clock = Clock()
    for moment in moments:
        written = datetime.fromisoformat(clock.utc(moment))
        assert len(clock.utc(moment)) == len("2026-01-31T12:00:00.000000Z")
        assert abs((written - datetime.fromtimestamp(moment + clock._offset, UTC)).total_seconds()) <= 1e-6


class Answering:
    """Answers everything at once, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def send(self, call: Call) -> Reply:
        """Answer."""
        self.asked.append(call.prompt)
        now = Clock.now()
        return Reply(outcome="answered", sent=now, ended=now, text="Yes.")


def test_a_turn_is_due_when_its_user_has_thought_about_the_reply() -> None:
    """The time that a user thinks is no latency: it is waited for, and the schedule knows it."""
    one = Conversation(run_id="run-1", prompt_id="p1", arm="load", turns=("One?", "Two?", "Three?"))
    pauses: list[float] = []
    exchanged = list(
        replay(one, Answering(), due=0.0, going_on=lambda: True, think_s=lambda turn: 60.0 + turn, pause=pauses.append)
    )
    assert exchanged[0].due == 0.0
    assert [after.due - before.reply.ended for before, after in pairwise(exchanged)] == [60.0, 61.0]
    assert [round(pause) for pause in pauses] == [60, 61]


def test_a_user_who_thinks_sends_nothing_more_after_a_stop() -> None:
    one = Conversation(run_id="run-1", prompt_id="p1", arm="load", turns=("One?", "Two?"))
    stopped: list[float] = []
    sender = Answering()
    sent = replay(one, sender, due=0.0, going_on=lambda: not stopped, think_s=lambda _: 60.0, pause=stopped.append)
    assert len(list(sent)) == 1
    assert sender.asked == ["One?"]


def test_without_think_time_nobody_waits() -> None:
    one = Conversation(run_id="run-1", prompt_id="p1", arm="load", turns=("One?", "Two?"))
    pauses: list[float] = []
    sent = list(replay(one, Answering(), due=0.0, going_on=lambda: True, pause=pauses.append))
    assert (len(sent), pauses) == (2, [])
    assert sent[1].due == sent[0].reply.ended
