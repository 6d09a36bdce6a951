"""The ways in which the test target answers, by name."""

import gzip
import json
import socket
import struct
from collections.abc import Callable
from typing import TYPE_CHECKING

from harness.testing.target_bodies import (
    ANSWER,
    CONTEXTS,
    ERROR_PAGE,
    TOOL_CALL,
    WAF_PAGE,
    chunks,
    completion,
    plain_reply,
    tool_chunks,
)
from harness.testing.target_streams import STREAMS

if TYPE_CHECKING:
    from harness.testing.target import Handler


def _openai(handler: "Handler") -> None:
    if isinstance(handler.received.body, dict) and handler.received.body.get("stream"):
        handler.events(chunks())
    else:
        handler.whole(200, completion())


def _slow(handler: "Handler") -> None:
    handler.target.sleep(handler.target.slow_s)
    handler.whole(200, plain_reply())


def _dribble(handler: "Handler") -> None:
    """Send the body a byte at a time, each in time, the whole not."""
    body = plain_reply()
    handler.head(200, "application/json", content_length=str(len(body)))
    for index in range(len(body)):
        handler.wfile.write(body[index : index + 1])
        handler.target.sleep(handler.target.slow_s / 20)


def _slow_stream(handler: "Handler") -> None:
    handler.events(chunks(), pause_s=handler.target.slow_s / 5)


def _streamed(handler: "Handler") -> None:
    """Send the stream that the path names (``/streamed/lines``), a block at a time; the first one if it names none."""
    parts = handler.received.path.split("/")
    kind, blocks = STREAMS[parts[2] if len(parts) > 2 else next(iter(STREAMS))]
    handler.head(200, kind, transfer_encoding="chunked")
    for block in (*blocks, b""):
        handler.wfile.write(b"%x\r\n%s\r\n" % (len(block), block))


def _breaking(handler: "Handler") -> None:
    """Break after some requests, for some requests."""
    target = handler.target
    handler.whole(503 if target.strain.breaks(target.breaks_after, target.broken_for) else 200, plain_reply())


def _serial(handler: "Handler") -> None:
    """Answer one after the other, each ``slow_s`` after the one before, however many come."""
    target = handler.target
    target.sleep(target.strain.enter(target.slow_s))
    target.strain.leave()
    handler.whole(200, plain_reply())


def _reset(handler: "Handler") -> None:
    """Reset the connection before any byte of a reply."""
    handler.close_connection = True
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


def _cut_json(handler: "Handler") -> None:
    """Announce a whole body, send two thirds of it, close."""
    body = plain_reply()
    handler.head(200, "application/json", content_length=str(len(body)))
    handler.wfile.write(body[: len(body) * 2 // 3])
    handler.cut()


def _half_json(handler: "Handler") -> None:
    """Send a whole HTTP message whose JSON breaks off."""
    body = plain_reply()
    handler.whole(200, body[: len(body) * 2 // 3])


def _until_close(handler: "Handler") -> None:
    """Send a body that only the end of the connection delimits."""
    handler.close_connection = True
    handler.head(200, "application/json", connection="close")
    handler.wfile.write(plain_reply())


def _chunked(handler: "Handler") -> None:
    """Send the body in chunks that end anywhere, inside a character too."""
    body = json.dumps({"message": {"text": "Die Fähre legt um neun ab – pünktlich."}}, ensure_ascii=False).encode()
    handler.head(200, "application/json", transfer_encoding="chunked")
    for start in range(0, len(body), 7):
        piece = body[start : start + 7]
        handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
    handler.wfile.write(b"0\r\n\r\n")


def _chunked_cut(handler: "Handler") -> None:
    """Send a chunk and no end."""
    handler.head(200, "application/json", transfer_encoding="chunked")
    handler.wfile.write(b'9\r\n{"message\r\n')
    handler.cut()


def _bad_http(handler: "Handler") -> None:
    handler.wfile.write(b"SSH-2.0-OpenSSH_9.6\r\n")
    handler.cut()


def _gzip_broken(handler: "Handler") -> None:
    body = gzip.compress(plain_reply())
    handler.whole(200, b"\x00\x01" + body[2:], content_encoding="gzip")


def _echo(handler: "Handler") -> None:
    handler.whole(200, plain_reply(f"You said: {handler.received.prompt}"))


def _status(status: int, **headers: str) -> "Callable[[Handler], None]":
    return lambda handler: handler.whole(status, b'{"error":"no"}', **headers)


def _html(status: int, page: bytes) -> "Callable[[Handler], None]":
    return lambda handler: handler.whole(status, page, "text/html; charset=utf-8")


def _redirect(status: int, location: str | None) -> "Callable[[Handler], None]":
    return lambda handler: handler.whole(status, b"", location=location or handler.target.redirect_to)


def _body(body: bytes, kind: str = "application/json", **headers: str) -> "Callable[[Handler], None]":
    return lambda handler: handler.whole(200, body, kind, **headers)


WAYS: "dict[str, Callable[[Handler], None]]" = {
    "ok": _body(plain_reply()),
    "echo": _echo,
    "text": _body(ANSWER.encode(), "text/plain; charset=utf-8"),
    "openai": _openai,
    "openai-tools": _body(completion(None, finish_reason="tool_calls", tool_calls=[TOOL_CALL])),
    "openai-filtered": _body(completion("", finish_reason="content_filter")),
    "openai-refusal": _body(completion(None, refusal="I cannot help with that.")),
    "openai-parts": _body(completion(None, content=[{"type": "text", "text": ANSWER}])),
    "azure-filtered": lambda h: h.whole(400, b'{"error":{"code":"content_filter","message":"filtered"}}'),
    "stream": lambda h: h.events(chunks()),
    "stream-cut": lambda h: h.events(chunks(finish_reason=None, done=False)[:5], ended=False),
    "stream-without-end": lambda h: h.events(chunks(finish_reason=None, done=False)),
    "stream-without-done": lambda h: h.events(chunks(done=False)),
    "stream-broken-event": lambda h: h.events([*chunks(finish_reason=None, done=False), "{not json", "[DONE]"]),
    "stream-error": lambda h: h.events([*chunks(finish_reason=None, done=False)[:3], '{"error":{"message":"boom"}}']),
    "stream-tools": lambda h: h.events(tool_chunks()),
    "stream-slow": _slow_stream,
    "stream-words": lambda h: h.events(ANSWER.split(" ")),
    "stream-json": lambda h: h.events([json.dumps({"delta": w + " ", "docs": CONTEXTS}) for w in ANSWER.split(" ")]),
    "streamed": _streamed,
    "breaking": _breaking,
    "serial": _serial,
    "slow": _slow,
    "dribble": _dribble,
    "close": lambda h: h.cut(),
    "reset": _reset,
    "html": _html(200, ERROR_PAGE),
    "html-403": _html(403, WAF_PAGE),
    "html-waf": _html(200, WAF_PAGE),
    "403": _status(403),
    "401": _status(401),
    "404": _status(404),
    "429": _status(429, retry_after="1"),
    "500": _status(500),
    "503": _status(503),
    "503-retry": _status(503, retry_after="2"),
    "redirect": _redirect(307, "/ok"),
    "redirect-get": _redirect(302, "/ok"),
    "redirect-loop": _redirect(307, "/redirect-loop"),
    "redirect-away": _redirect(307, None),
    "redirect-nowhere": lambda h: h.whole(302, b""),
    "not-json": _body(b"{'message': 'single quotes'}"),
    "half-json": _half_json,
    "cut-json": _cut_json,
    "until-close": _until_close,
    "chunked": _chunked,
    "chunked-cut": _chunked_cut,
    "500-html": _html(500, ERROR_PAGE),
    "other-shape": _body(b'{"reply":"here"}'),
    "text-is-object": _body(b'{"message":{"text":{"nested":true}}}'),
    "no-contexts": _body(b'{"message":{"text":"short"}}'),
    "empty-contexts": _body(b'{"message":{"text":"short","sources":[]}}'),
    "empty-text": _body(plain_reply("")),
    "empty-body": _body(b""),
    "huge": lambda h: h.whole(200, plain_reply("long answer " * 20_000)),
    "endless": lambda h: h.whole(200, plain_reply("x" * (9 * 1024 * 1024))),
    "gzip": lambda h: h.whole(200, gzip.compress(plain_reply()), content_encoding="gzip"),
    "gzip-broken": _gzip_broken,
    "brotli": _body(b"\x0b\x02\x80", content_encoding="br"),
    "latin-1": _body('{"message":{"text":"Fähre"}}'.encode("latin-1"), "application/json; charset=iso-8859-1"),
    "wrong-charset": _body('{"message":{"text":"Fähre"}}'.encode("latin-1"), "application/json; charset=utf-8"),
    "unknown-charset": _body(plain_reply(), "application/json; charset=klingon"),
    "byte-order-mark": _body(b"\xef\xbb\xbf" + plain_reply()),
    "bad-http": _bad_http,
}
"""Every way to answer, by the name that a path or a prompt gives."""
