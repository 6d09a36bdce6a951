"""Streams that the test target answers with, beside OpenAI's: each a media type and the blocks it is sent in."""

import json
import struct
import zlib
from collections.abc import Mapping

from harness.testing.target_bodies import ANSWER, CONTEXTS, chunks

Blocks = tuple[str, list[bytes]]
_SSE, _JSON, _LINES = "text/event-stream", "application/json", "application/x-ndjson"
_WORDS = [word + " " for word in ANSWER.split(" ")]


def named(name: str, data: object) -> bytes:
    """Return a server-sent event with a name."""
    return f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()


def frame(name: str, payload: object, *, kind: str = "event") -> bytes:
    """Return a frame of Amazon's binary event stream."""
    headers = b"".join(
        bytes([len(key)]) + key + b"\x07" + struct.pack(">H", len(value)) + value
        for key, value in ((b":message-type", kind.encode()), (b":event-type", name.encode()))
    )
    body = json.dumps(payload).encode()
    prelude = struct.pack(">II", 16 + len(headers) + len(body), len(headers))
    message = prelude + struct.pack(">I", zlib.crc32(prelude)) + headers + body
    return message + struct.pack(">I", zlib.crc32(message))


def _typed(kind: str, **fields: object) -> bytes:
    return named(kind, {"type": kind, **fields})


_BLOCKS = [
    _typed("message_start", message={"usage": {"input_tokens": 11}}),
    _typed("ping"),
    *(_typed("content_block_delta", delta={"type": "text_delta", "text": word}) for word in _WORDS),
]
_STOP = _typed("message_stop")
_OBJECTS = [json.dumps({"response": word, "done": False}).encode() for word in _WORDS]
_LAST = json.dumps({"response": "", "done": True, "docs": CONTEXTS}).encode()
_FRAMES = [frame("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": word}}) for word in _WORDS]


def _chat(*chunks_of: str) -> list[bytes]:
    return [f"data: {chunk}\n\n".encode() for chunk in chunks_of]


STREAMS: Mapping[str, Blocks] = {
    "blocks": (_SSE, [*_BLOCKS, _STOP]),
    "blocks-without-stop": (_SSE, _BLOCKS),
    "blocks-error": (_SSE, [*_BLOCKS[:4], _typed("error", error={"type": "overloaded_error"})]),
    "lines": (_LINES, [line + b"\n" for line in [*_OBJECTS, _LAST]]),
    "lines-error": (_LINES, [_OBJECTS[0] + b"\n", b'{"error":"out of memory"}\n']),
    "lines-without-end": (_LINES, [line + b"\n" for line in _OBJECTS]),
    "array": (_JSON, [b"[", *(line + b",\r\n" for line in _OBJECTS), _LAST, b"]"]),
    "array-open": (_JSON, [b"[", *(line + b",\r\n" for line in _OBJECTS)]),
    "frames": ("application/vnd.amazon.eventstream", [*_FRAMES, frame("messageStop", {"stopReason": "end_turn"})]),
    "frames-exception": (
        "application/vnd.amazon.eventstream",
        [_FRAMES[0], frame("throttlingException", {"message": "slow down"}, kind="exception")],
    ),
    "chat-length": (_SSE, _chat(*chunks(finish_reason="length"))),
    "chat-filtered": (_SSE, _chat(*chunks(finish_reason="content_filter"))),
    "chat-event-error": (_SSE, [*_chat(*chunks()[:3]), named("error", {"message": "boom"})]),
    "chat-lines": (_LINES, [chunk.encode() + b"\n" for chunk in chunks()]),
    "chat-at-once": (_SSE, [b"".join(_chat(*chunks()))]),
}
"""By the way that a path names after ``/streamed``, such as ``/streamed/lines``."""
