"""Event streams in any packaging."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.testing.target_bodies import ANSWER, CONTEXTS, chunks
from swarm.sse import ChatStream, EventLines

LINE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"))


@given(st.lists(LINE, min_size=1), st.sampled_from(["\n", "\r\n", "\r"]), st.integers(1, 9))
def test_events_are_the_same_however_the_bytes_are_cut(texts: list[str], end: str, size: int) -> None:
    wire = "".join(f": ping{end}event: x{end}data: {text}{end}{end}" for text in texts).encode()
    lines = EventLines()
    events = [event for at in range(0, len(wire), size) for event in lines.feed(wire[at : at + size])]
    events += lines.close()
    assert events == texts


def test_data_over_several_lines_is_joined() -> None:
    assert list(EventLines().feed(b"data: one\ndata: two\n\n")) == ["one\ntwo"]


def test_a_last_event_without_its_empty_line_counts_when_the_stream_ends() -> None:
    lines = EventLines()
    assert list(lines.feed(b"data: [DONE]")) == []
    assert list(lines.close()) == ["[DONE]"]


def test_chunks_add_up_to_the_whole_reply() -> None:
    stream = ChatStream()
    for data in chunks():
        stream.add(data)
    merged = stream.merged()
    assert (stream.text, stream.finished, stream.done, stream.fault) == (ANSWER + " ", True, True, None)
    assert merged["choices"][0]["message"]["content"] == ANSWER + " "
    assert (merged["sources"], merged["usage"]["prompt_tokens"]) == (CONTEXTS, 11)


def test_an_empty_first_delta_is_no_token() -> None:
    stream = ChatStream()
    stream.add('{"choices":[{"delta":{"role":"assistant","content":""}}]}')
    assert not stream.began
    stream.add('{"choices":[{"delta":{"content":"Hi"}}]}')
    assert stream.began


@pytest.mark.parametrize("data", ["[]", "3", '"text"', "null", "{", '{"error":{"message":"boom"}}'])
def test_events_that_are_no_chunks_are_a_fault(data: str) -> None:
    stream = ChatStream()
    stream.add(data)
    assert stream.fault


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner)))
def test_no_shape_of_choices_breaks_the_reader(choices: object) -> None:
    stream = ChatStream()
    stream.add(json.dumps({"choices": choices}))
    assert stream.text == ""
