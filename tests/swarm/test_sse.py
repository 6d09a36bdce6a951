"""Streams split into events, however their bytes are cut."""

import json
from typing import Protocol

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.testing.target_streams import frame
from swarm.event_frames import EventFrames
from swarm.json_events import JsonLines, JsonMembers
from swarm.sse import EventLines
from swarm.streams import Event

LINE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), min_size=1)
JSON = st.recursive(
    st.text() | st.booleans() | st.integers() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
BOM = b"\xef\xbb\xbf"
SIZES = st.integers(1, 9)


class Splitter(Protocol):
    """What all of them are."""

    def feed(self, block: bytes) -> list[Event]:
        """Take a block."""
        ...

    def close(self) -> list[Event]:
        """Take the end."""
        ...


def split(splitter: Splitter, wire: bytes, size: int = 4096) -> list[Event]:
    events = [event for at in range(0, len(wire), size) for event in splitter.feed(wire[at : at + size])]
    return events + splitter.close()


@given(st.lists(LINE, min_size=1), st.sampled_from(["\n", "\r\n", "\r"]), SIZES, st.sampled_from([b"", BOM]))
def test_events_are_the_same_however_the_bytes_are_cut(texts: list[str], end: str, size: int, mark: bytes) -> None:
    wire = "".join(f": ping{end}event: x{end}id: 7{end}retry: 3{end}data: {text}{end}{end}" for text in texts)
    events = split(EventLines(), mark + wire.encode(), size)
    assert events == [(b"x", text.encode()) for text in texts]


@given(st.lists(st.sampled_from(["\n", "\r\n", "\r"]), min_size=8, max_size=8), SIZES)
def test_ends_of_lines_may_be_mixed(ends: list[str], size: int) -> None:
    """A CR before an LF would be one end together with it, so those of a pair are the same."""
    pairs = [ends[n] * 2 for n in range(4)]
    wire = "".join(f"data:{n}{pair}: {n}\n" for n, pair in enumerate(pairs)).encode()
    assert [data for _, data in split(EventLines(), wire, size)] == [b"0", b"1", b"2", b"3"]


@pytest.mark.parametrize(
    ("wire", "events"),
    [
        (b"data: one\ndata: two\n\n", [(b"", b"one\ntwo")]),
        (b"data:no blank\n\n", [(b"", b"no blank")]),
        (b"data:  two blanks\n\n", [(b"", b" two blanks")]),
        (b"data\n\n", [(b"", b"")]),
        (b"data:\ndata:\n\n", [(b"", b"\n")]),
        (b"datas: other\nDATA: other\n: data: comment\n\n", []),
        (b"event: stop\n\n", [(b"stop", b"")]),
        (b"event: a\ndata: 1\n\ndata: 2\n\n", [(b"a", b"1"), (b"", b"2")]),
        (b"data: [DONE]", [(b"", b"[DONE]")]),
        (b"\n\n\n", []),
    ],
)
def test_fields_are_read_as_the_standard_says(wire: bytes, events: list[Event]) -> None:
    assert split(EventLines(), wire) == events


def test_a_carriage_return_ends_its_line_at_once() -> None:
    """An event that ends with CR CR is not held back until the next one, or every moment would be late."""
    lines = EventLines()
    assert lines.feed(b"data: now\r\r") == [(b"", b"now")]
    assert lines.feed(b"\ndata: then\r\n") == []
    assert lines.feed(b"\r\n") == [(b"", b"then")]


@given(st.lists(st.dictionaries(st.text(), JSON, max_size=3), min_size=1), SIZES, st.sampled_from(["\n", "\r\n"]))
def test_lines_of_json_are_the_same_however_they_are_cut(objects: list[object], size: int, end: str) -> None:
    wire = end.join(json.dumps(one) for one in objects).encode() + end.encode() * 2
    assert [json.loads(data) for _, data in split(JsonLines(), wire, size)] == objects


def test_a_last_line_without_its_end_and_record_separators_count() -> None:
    assert split(JsonLines(), b'\x1e{"a":1}\n\x1e{"b":2}') == [(b"", b'{"a":1}'), (b"", b'{"b":2}')]


@given(
    st.lists(st.dictionaries(st.text(), JSON, max_size=3) | st.text() | st.lists(JSON, max_size=3)),
    SIZES,
    st.sampled_from([None, 2]),
    st.sampled_from(["ascii", "utf-8"]),
)
def test_members_of_an_array_are_the_same_however_they_are_cut(
    members: list[object], size: int, indent: int | None, charset: str
) -> None:
    splitter = JsonMembers()
    wire = json.dumps(members, indent=indent, ensure_ascii=charset == "ascii").encode("utf-8", "surrogatepass")
    assert [json.loads(data) for _, data in split(splitter, wire, size)] == members
    assert splitter.closed


def test_a_member_counts_as_soon_as_it_is_whole() -> None:
    splitter = JsonMembers()
    assert splitter.feed(b'[{"a":"}"}') == [(b"", b'{"a":"}"}')]
    assert splitter.feed(b',{"b":') == []
    assert not splitter.closed


@given(st.lists(st.dictionaries(st.text(max_size=5), st.text(max_size=5)), min_size=1, max_size=5), SIZES)
def test_frames_are_the_same_however_they_are_cut(payloads: list[object], size: int) -> None:
    wire = b"".join(frame("chunk", payload) for payload in payloads)
    events = split(EventFrames(), wire, size)
    assert [(name, json.loads(data)) for name, data in events] == [(b"chunk", payload) for payload in payloads]


def test_what_a_model_s_own_event_is_wrapped_in_is_taken_off() -> None:
    assert split(EventFrames(), frame("chunk", {"bytes": "eyJhIjoxfQ=="})) == [(b"chunk", b'{"a":1}')]


@pytest.mark.parametrize("at", [0, 5, 9, 20, -6, -1])
def test_a_frame_that_breaks_a_checksum_is_an_error(at: int) -> None:
    wire = bytearray(frame("chunk", {"text": "hello"}))
    wire[at] ^= 0x55
    assert split(EventFrames(), bytes(wire)) == [(b"error", b"")]


def test_a_frame_that_breaks_off_and_an_exception_are_errors() -> None:
    whole = frame("chunk", {"text": "hello"})
    assert split(EventFrames(), whole[:-3]) == [(b"error", b"")]
    assert split(EventFrames(), frame("throttled", {}, kind="exception")) == [(b"error", b"")]
