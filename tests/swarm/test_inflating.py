"""Decompressing a reply block by block."""

import gzip
import itertools
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swarm.incoming import MAX_REPLY_BYTES, Incoming
from swarm.inflating import Inflater

TEXT = b'{"text": "The fee is 4.90 EUR. It is not refunded."}'


def bare(data: bytes) -> bytes:
    """Return deflate data without zlib's header and checksum, as some servers send it."""
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return stream.compress(data) + stream.flush()


def reply(encoding: str, body: bytes) -> Incoming:
    incoming = Incoming()
    head = f"HTTP/1.1 200 OK\r\ncontent-encoding: {encoding}\r\ncontent-length: {len(body)}\r\n\r\n"
    incoming.feed_block(head.encode() + body)
    return incoming


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(TEXT)),
        ("x-gzip", gzip.compress(TEXT[:20]) + gzip.compress(TEXT[20:])),
        ("gzip", gzip.compress(TEXT) + b"junk"),
        ("gzip", gzip.compress(TEXT) + b"\x1f"),
        ("gzip", gzip.compress(b"") + gzip.compress(TEXT) + gzip.compress(b"")),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", bare(TEXT)),
        ("deflate", gzip.compress(TEXT)),
    ],
    ids=["gzip", "two members", "junk", "half a mark", "empty members", "zlib", "bare", "misnamed"],
)
def test_what_servers_send_is_unpacked_however_it_is_cut_into_blocks(encoding: str, body: bytes) -> None:
    assert bytes(reply(encoding, body).body) == TEXT
    byte_by_byte = Inflater()
    assert b"".join(byte_by_byte.feed(body[at : at + 1], 1000) for at in range(len(body))) == TEXT
    assert byte_by_byte.whole


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=4), st.lists(st.integers(0, 400), max_size=6))
def test_members_and_blocks_may_meet_anywhere(pieces: list[bytes], cuts: list[int]) -> None:
    body = b"".join(map(gzip.compress, pieces))
    inflater = Inflater()
    bounds = sorted({0, *(min(cut, len(body)) for cut in cuts), len(body)})
    unpacked = [inflater.feed(body[start:end], 10_000) for start, end in itertools.pairwise(bounds)]
    assert b"".join(unpacked) == b"".join(pieces)
    assert inflater.whole


@pytest.mark.parametrize("lacking", [1, 8, 20])
@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_compressed_data_without_its_end_is_no_whole_reply(encoding: str, lacking: int) -> None:
    """The HTTP message is whole: half an answer would pass for all of it."""
    packed = gzip.compress(TEXT) if encoding == "gzip" else zlib.compress(TEXT)
    incoming = reply(encoding, packed[:-lacking])
    assert (incoming.whole, incoming.fault) == (True, "cut")


def test_no_data_at_all_is_whole() -> None:
    assert (reply("gzip", b"").fault, Inflater().whole) == (None, True)


def test_what_follows_the_data_takes_no_memory() -> None:
    inflater = Inflater()
    inflater.feed(gzip.compress(TEXT), 1000)
    for _ in range(50):
        assert inflater.feed(b"\0" * 65536, 1000) == b""
    assert len(inflater._stream.unused_data) <= 65536


def test_many_members_unpack_to_no_more_than_is_asked_for() -> None:
    assert len(Inflater().feed(gzip.compress(b"a" * 1000) * 20, 1500)) == 1500


@pytest.mark.parametrize(
    "flood",
    [b"x-a: " + b"b" * 1000 + b"\r\n", b"a" * 1000],
    ids=["headers", "one header"],
)
def test_headers_that_never_end_are_no_reply(flood: bytes) -> None:
    incoming = Incoming()
    incoming.feed_block(b"HTTP/1.1 200 OK\r\nx: " if flood.startswith(b"a") else b"HTTP/1.1 200 OK\r\n")
    blocks = itertools.takewhile(lambda _: incoming.feed_block(flood * 50), range(10_000))
    assert sum(50 * len(flood) for _ in blocks) < MAX_REPLY_BYTES
    assert incoming.fault == "bad_http"


def test_trailers_that_never_end_are_no_reply() -> None:
    incoming = Incoming()
    assert incoming.feed_block(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nx: ")
    blocks = itertools.takewhile(lambda _: incoming.feed_block(b"a" * 50_000), range(10_000))
    assert sum(50_000 for _ in blocks) < MAX_REPLY_BYTES
    assert incoming.fault == "bad_http"
