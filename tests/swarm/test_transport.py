"""What comes over the wire before it is understood."""

import gzip
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swarm.incoming import MAX_REPLY_BYTES, Incoming

REPLY = (
    b"HTTP/1.1 100 Continue\r\nx-interim: 1\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nx-empty:\r\n"
    b"X-Twice: one\r\nx-twice: two\r\ntransfer-encoding: chunked\r\n\r\n5\r\nHello\r\n0\r\nx-twice: trailer\r\n\r\n"
)


def test_a_compressed_reply_is_unpacked_only_as_far_as_it_may_go() -> None:
    """Half a megabyte of zeros unpacks to half a gigabyte; what is kept of it stays near the limit."""
    bomb = gzip.compress(b"\0" * 64 * MAX_REPLY_BYTES, 9)
    incoming = Incoming()
    head = f"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {len(bomb)}\r\n\r\n"
    incoming.feed(head.encode() + bomb)
    assert incoming.fault == "too_large"
    assert len(incoming.body) == MAX_REPLY_BYTES + 1


@given(st.lists(st.integers(0, len(REPLY)), max_size=8))
def test_a_reply_is_the_same_however_it_is_cut_into_blocks(cuts: list[int]) -> None:
    """Interim replies leave nothing behind, trailers overrule nothing, and the last of repeated headers stands."""
    incoming = Incoming()
    bounds = sorted({0, *cuts, len(REPLY)})
    for start, end in itertools.pairwise(bounds):
        assert incoming.feed_block(REPLY[start:end])
    assert incoming.whole
    assert not incoming.should_close()
    assert (incoming.get_code(), bytes(incoming.body)) == (200, b"Hello")
    assert incoming.headers == {
        "content-type": "text/plain",
        "x-empty": "",
        "x-twice": "two",
        "transfer-encoding": "chunked",
    }


def test_an_interim_reply_is_not_the_end() -> None:
    incoming = Incoming()
    incoming.feed_block(b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n")
    assert not incoming.whole


@pytest.mark.parametrize("head", [b"content-length: 10\r\n", b"transfer-encoding: chunked\r\n"])
def test_a_reply_that_ends_early_is_cut(head: bytes) -> None:
    incoming = Incoming()
    assert incoming.feed_block(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n4\r\nabcd\r\n")
    assert not incoming.feed_block(b"")
    assert (incoming.fault, incoming.whole) == ("cut", False)
