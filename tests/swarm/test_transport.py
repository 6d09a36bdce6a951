"""What comes over the wire before it is understood."""

import gzip

from swarm.transport import MAX_REPLY_BYTES, Incoming


def test_a_compressed_reply_is_unpacked_only_as_far_as_it_may_go() -> None:
    """Half a megabyte of zeros unpacks to half a gigabyte; what is kept of it stays near the limit."""
    bomb = gzip.compress(b"\0" * 64 * MAX_REPLY_BYTES, 9)
    incoming = Incoming("GET")
    head = f"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {len(bomb)}\r\n\r\n"
    incoming.feed(head.encode() + bomb)
    assert incoming.fault == "too_large"
    assert len(incoming.body) == MAX_REPLY_BYTES + 1
