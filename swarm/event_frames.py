"""Amazon's binary event stream (``application/vnd.amazon.eventstream``), which Bedrock's streaming calls answer with.

A frame is a prelude (its length, its headers' length, a CRC-32 of both), headers, a payload, and a CRC-32 of all
before it; numbers are big-endian (AWS documentation: "Event stream encoding", Smithy's ``aws.protocols``).
"""

import base64
import struct
import zlib

import orjson

from swarm.streams import Event

EVENT_FRAMES_TYPE = "application/vnd.amazon.eventstream"
_PRELUDE = struct.Struct(">III")
_CRC = struct.Struct(">I")
_LENGTH = struct.Struct(">H")
_TEXT = 7
_SIZES = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}
"""Bytes of a header's value by its type; texts and bytes (6, 7) bring their length along."""
_BROKEN: Event = (b"error", b"")


class EventFrames:
    """Splits bytes into events: a frame's ``:event-type`` is the name, its payload the data.

    A payload ``{"bytes": …}``, in which InvokeModelWithResponseStream wraps the model's own event, is unwrapped. An
    exception and a frame that breaks a checksum are an event ``error``.
    """

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, block: bytes) -> list[Event]:
        """Return the events that the block completes."""
        self._rest += block
        events: list[Event] = []
        while len(self._rest) >= _PRELUDE.size:
            length, headers_length, crc = _PRELUDE.unpack_from(self._rest)
            if crc != zlib.crc32(self._rest[:8]) or length < headers_length + 16:
                self._rest = b""
                return [*events, _BROKEN]
            if len(self._rest) < length:
                break
            events.append(_event(self._rest[:length], headers_length))
            self._rest = self._rest[length:]
        return events

    def close(self) -> list[Event]:
        """Return an event ``error`` if the last frame is not whole."""
        return [_BROKEN] if self._rest else []


def _event(frame: bytes, headers_length: int) -> Event:
    if _CRC.unpack(frame[-4:])[0] != zlib.crc32(frame[:-4]):
        return _BROKEN
    start = _PRELUDE.size
    try:
        headers = _text_headers(frame[start : start + headers_length])
    except (IndexError, struct.error):
        return _BROKEN
    if headers.get(b":message-type", b"event") != b"event":
        return _BROKEN
    return headers.get(b":event-type", b""), _unwrapped(frame[start + headers_length : -4])


def _text_headers(raw: bytes) -> dict[bytes, bytes]:
    headers: dict[bytes, bytes] = {}
    at = 0
    while at < len(raw):
        name_ends = at + 1 + raw[at]
        kind = raw[name_ends]
        value_at, length = name_ends + 1, _SIZES.get(kind)
        if length is None:
            (length,) = _LENGTH.unpack_from(raw, value_at)
            value_at += _LENGTH.size
        if kind == _TEXT:
            headers[raw[at + 1 : name_ends]] = raw[value_at : value_at + length]
        at = value_at + length
    return headers


def _unwrapped(payload: bytes) -> bytes:
    if not payload.startswith(b'{"bytes"'):
        return payload
    try:
        return base64.b64decode(orjson.loads(payload)["bytes"])
    except (ValueError, TypeError):
        return payload
