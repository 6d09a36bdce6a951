"""Server-sent events, read as they arrive, and the chat completion they add up to."""

from collections.abc import Iterator
from typing import Any

import orjson

DONE = "[DONE]"


class EventLines:
    """Splits bytes into the data of server-sent events (HTML Living Standard, 9.2.6)."""

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[str] = []

    def feed(self, block: bytes) -> Iterator[str]:
        """Yield the data of every event that the block completes."""
        text = self._rest + block
        # A lone CR may be half of a CRLF whose LF has not arrived yet.
        end = max(text.rfind(b"\n"), text.rfind(b"\r", 0, len(text) - 1)) + 1
        self._rest = text[end:]
        for line in text[:end].replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")[:-1]:
            if (data := self._take(line)) is not None:
                yield data

    def close(self) -> Iterator[str]:
        """Yield what a stream that ended without its last empty line still holds."""
        for line in (self._rest.rstrip(b"\r"), b""):
            if (data := self._take(line)) is not None:
                yield data
        self._rest = b""

    def _take(self, line: bytes) -> str | None:
        if line.startswith(b"data:"):
            value = line[5:]
            self._data.append(value.removeprefix(b" ").decode("utf-8", "replace"))
        elif not line and self._data:
            data = "\n".join(self._data)
            self._data.clear()
            return data
        return None


class ChatStream:
    """An OpenAI chat completion put together from its chunks.

    Attributes:
        finished: A ``finish_reason`` or ``[DONE]`` came.
        done: ``[DONE]`` came: nothing follows.
        fault: What is wrong with the stream; None while nothing is.
    """

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._tools: dict[int, dict[str, Any]] = {}
        self._message: dict[str, Any] = {"role": "assistant"}
        self._whole: dict[str, Any] = {}
        self._finish_reason: str | None = None
        self.finished = False
        self.done = False
        self.fault: str | None = None

    @property
    def text(self) -> str:
        """The answer's text so far."""
        return "".join(self._pieces)

    @property
    def began(self) -> bool:
        """Whether any token has come."""
        return bool(self._pieces or self._tools)

    def add(self, data: str) -> None:
        """Take in the data of one event."""
        if data == DONE:
            self.finished = self.done = True
            return
        try:
            chunk = orjson.loads(data)
        except orjson.JSONDecodeError:
            self.fault = self.fault or "event_not_json"
            return
        if not isinstance(chunk, dict):
            self.fault = self.fault or "event_not_an_object"
        elif "error" in chunk and not chunk.get("choices"):
            self.fault = self.fault or "error_in_stream"
        else:
            self._add_chunk(chunk)

    def merged(self) -> dict[str, Any]:
        """Return the chunks as the one reply that a request without streaming would have got."""
        message = {**self._message, "content": self.text}
        if self._tools:
            message["tool_calls"] = [self._tools[index] for index in sorted(self._tools)]
        choice = {"index": 0, "message": message, "finish_reason": self._finish_reason}
        return {**self._whole, "choices": [choice]}

    def _add_chunk(self, chunk: dict[str, Any]) -> None:
        choices = chunk.pop("choices", None)
        self._whole.update((key, value) for key, value in chunk.items() if value is not None)
        choice = choices[0] if isinstance(choices, list) and choices else None
        if not isinstance(choice, dict):
            return
        if reason := choice.get("finish_reason"):
            self._finish_reason = str(reason)
            self.finished = True
        delta = choice.get("delta")
        if isinstance(delta, dict):
            self._add_delta(delta)

    def _add_delta(self, delta: dict[str, Any]) -> None:
        content = delta.pop("content", None) or delta.pop("refusal", None)
        if isinstance(content, str) and content:
            self._pieces.append(content)
        for call in delta.pop("tool_calls", None) or ():
            if isinstance(call, dict):
                self._add_tool_call(call)
        self._message.update((key, value) for key, value in delta.items() if value is not None)

    def _add_tool_call(self, call: dict[str, Any]) -> None:
        index = call.get("index")
        known = self._tools.setdefault(index if isinstance(index, int) else len(self._tools), {})
        function = call.get("function")
        known.update((key, value) for key, value in call.items() if key not in {"index", "function"} and value)
        if isinstance(function, dict):
            merged = known.setdefault("function", {"name": "", "arguments": ""})
            merged["name"] = merged["name"] or function.get("name") or ""
            merged["arguments"] += function.get("arguments") or ""


class EventStream:
    """Any other event stream: each event adds a piece of text, and a clean end of the body ends it.

    Args:
        read_text: Gives the text in an event's JSON; None takes the event's data as it is.
    """

    def __init__(self, read_text: Any = None) -> None:
        self._read_text = read_text
        self._pieces: list[str] = []
        self._whole: dict[str, Any] = {}
        self.finished = True
        self.done = False
        self.fault: str | None = None

    @property
    def text(self) -> str:
        """The answer's text so far."""
        return "".join(self._pieces)

    @property
    def began(self) -> bool:
        """Whether any token has come."""
        return bool(self._pieces)

    def add(self, data: str) -> None:
        """Take in the data of one event."""
        if data == DONE:
            self.done = True
            return
        if self._read_text is None:
            self._pieces.append(data)
            return
        try:
            value = orjson.loads(data)
        except orjson.JSONDecodeError:
            self.fault = self.fault or "event_not_json"
            return
        if isinstance(value, dict):
            self._whole.update(value)
        piece = self._read_text(value)
        if isinstance(piece, str) and piece:
            self._pieces.append(piece)

    def merged(self) -> dict[str, Any]:
        """Return the events' fields, later ones over earlier ones."""
        return self._whole
