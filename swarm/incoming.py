"""A reply while it comes in: geventhttpclient's C parser, and what is kept of what it finds."""

import zlib
from collections.abc import Callable
from http.client import HTTPException

from geventhttpclient.response import HTTPResponseParser

from swarm.inflating import Inflater

MAX_REPLY_BYTES = 8 * 1024 * 1024
MAX_HEAD_BYTES = 1024 * 1024
"""Headers that never end are no reply; common servers and clients draw the line at a tenth of it."""
_JOINTS = {"content-encoding": ", ", "set-cookie": "\n"}
"""What stands between the values of headers that count as often as they come."""


class Incoming(HTTPResponseParser):  # type: ignore[misc]  # geventhttpclient is not followed by the type checker
    """One reply. The parser calls the methods that begin with ``_on_``.

    It is geventhttpclient's ``HTTPResponse`` without what only its own client
    needs: one is made for every request.

    Attributes:
        headers: By lower-case name; the last of repeated ones, but all of ``content-encoding``, with commas between, and
            all of ``set-cookie``, a line each.
        arrived: When the last block did, in the clock's seconds.
        body: What has come so far, decompressed.
        fault: Why it will not become whole; None while it may.
        headers_complete: The headers have come.
        message_complete: The message has ended; an interim one (1xx) may be followed by another.
    """

    headers_complete = False
    message_complete = False
    fault: str | None = None
    arrived = 0.0
    _begun = False
    _code: int | None = None
    """Of the final reply, once its headers have come."""
    _surplus = False
    _name = ""
    _value: str | None = None
    _decode: Callable[[bytes, int], bytes] | None = None
    _inflater: Inflater | None = None
    _head_bytes = 0

    def __init__(self) -> None:
        super().__init__()
        self.headers: dict[str, str] = {}
        self.body = bytearray()

    def feed_block(self, block: bytes) -> bool:
        """Parse a block (empty: the connection has ended); return whether to go on."""
        try:
            self.feed(block)
        except HTTPException:
            if self.whole:
                self._surplus = True  # what follows a whole reply is no part of it
            else:
                self.fault = self.fault or ("bad_http" if block else "cut")
        if not self.headers_complete or self._name:
            self._head_bytes += len(block)
            if self._head_bytes > MAX_HEAD_BYTES:
                self.fault = self.fault or "bad_http"
        return bool(block) and self.fault is None

    @property
    def whole(self) -> bool:
        """Whether the final response (not an interim one) has ended."""
        return self.message_complete and self._code is not None

    def should_close(self) -> bool:
        """Return whether the connection cannot be used again."""
        return self._surplus or not self.message_complete or self.parser_failed() or not self.should_keep_alive()

    def _on_status(self, reason: str) -> None:
        """Pass over the reason phrase."""

    def _on_message_begin(self) -> None:
        if not self._begun:
            self._begun = True
            return
        if not self.message_complete:
            raise HTTPException("a reply began within another")
        if self.whole:
            raise HTTPException("a second reply follows, which nothing asked for")
        # What was complete was an interim reply.
        self.headers_complete = self.message_complete = False
        self.headers.clear()

    def _on_header_field(self, piece: str) -> None:
        if self._value is not None:
            self._keep_header()
        self._name += piece

    def _on_header_value(self, piece: str) -> None:
        self._value = piece if self._value is None else self._value + piece

    def _keep_header(self) -> None:
        name, value = self._name.lower(), self._value or ""
        self._name, self._value = "", None
        if self.headers_complete:
            return  # a trailer, which must not overrule what was acted upon
        headers = self.headers
        if name in headers and (joint := _JOINTS.get(name)) is not None:
            value = f"{headers[name]}{joint}{value}"
        headers[name] = value

    def _on_headers_complete(self) -> bool:
        if self._name:
            self._keep_header()
        self.headers_complete = True
        code = self.get_code()
        self._code = code if code >= 200 else None
        encoding = self.headers.get("content-encoding", "").strip().lower()
        if encoding in {"gzip", "x-gzip", "deflate"}:
            self._inflater = Inflater()
            self._decode = self._inflater.feed
        elif encoding not in {"", "identity"}:
            self._decode = _undecodable
        return False

    def _on_body(self, block: bytes) -> None:
        if self.fault is not None:
            return
        if self._decode is not None:
            try:
                # No more than is needed to see that it is too much: one block can hold a thousand times its size.
                block = self._decode(bytes(block), MAX_REPLY_BYTES + 1 - len(self.body))
            except zlib.error:
                self.fault = "bad_encoding"
                return
        self.body += block
        if len(self.body) > MAX_REPLY_BYTES:
            self.fault = "too_large"

    def _on_message_complete(self) -> None:
        self.message_complete = True
        if self._inflater is not None and not self._inflater.whole:
            self.fault = self.fault or "cut"


def _undecodable(_block: bytes, _at_most: int) -> bytes:
    raise zlib.error("an encoding that was not asked for")
