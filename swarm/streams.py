"""What the events of a stream add up to: a chat completion, or any other answer."""

from collections.abc import Callable
from typing import Any

import orjson

from harness.errors import ConfigurationError
from swarm.paths import compiled, is_truth

Event = tuple[bytes, bytes]
"""An event's name, empty where it has none, and its data."""

DONE = b"[DONE]"
_ERROR = b"error"


class ChatStream:
    """An OpenAI chat completion put together from its chunks.

    Attributes:
        events: So many events brought a piece of the answer: its text, or a call of a tool.
        finished: A ``finish_reason`` or ``[DONE]`` came.
        done: ``[DONE]`` came: nothing follows.
        fault: What is wrong with the stream; None while nothing is.
        reasoned: The model's thinking came along, which is no part of the answer.
    """

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._tools: dict[int, dict[str, Any]] = {}
        self._message: dict[str, Any] = {"role": "assistant"}
        self._whole: dict[str, Any] = {}
        self._finish_reason: str | None = None
        self.events = 0
        self.finished = False
        self.done = False
        self.fault: str | None = None
        self.reasoned = False

    @property
    def text(self) -> str:
        """The answer's text so far."""
        return "".join(self._pieces)

    def add(self, data: bytes, name: bytes = b"") -> None:
        """Take in one event."""
        if data == DONE:
            self.finished = self.done = True
            return
        try:
            chunk = _loaded(data)
        except orjson.JSONDecodeError:
            if name == _ERROR:
                self.fault = self.fault or "error_in_stream"
            elif data:  # empty data keeps a connection alive
                self.fault = self.fault or "event_not_json"
            return
        if not isinstance(chunk, dict):
            self.fault = self.fault or "event_not_an_object"
        elif name == _ERROR or (chunk.get("error") and not chunk.get("choices")):
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
        if None in chunk.values():
            chunk = {key: value for key, value in chunk.items() if value is not None}
        # Some servers repeat a member in every chunk, and fill it in one: an empty list takes nothing back.
        self._whole.update((key, value) for key, value in chunk.items() if value != [] or not self._whole.get(key))
        choice = choices[0] if isinstance(choices, list) and choices else None
        if not isinstance(choice, dict):
            return
        if reason := choice.get("finish_reason"):
            self._finish_reason = reason if isinstance(reason, str) else self._finish_reason
            self.finished = True
        delta = choice.get("delta")
        if isinstance(delta, dict):
            self._add_delta(delta)

    def _add_delta(self, delta: dict[str, Any]) -> None:
        content = delta.pop("content", None) or delta.pop("refusal", None)
        if isinstance(content, str) and content:
            self._pieces.append(content)
            self.events += 1
            if not delta:
                return
        calls = delta.pop("tool_calls", None)
        if isinstance(calls, list) and calls:
            self.events += not content
            for call in calls:
                if isinstance(call, dict):
                    self._add_tool_call(call)
        for thought in ("reasoning_content", "reasoning"):
            self.reasoned = bool(delta.pop(thought, None)) or self.reasoned
        self._message.update((key, value) for key, value in delta.items() if value is not None)

    def _add_tool_call(self, call: dict[str, Any]) -> None:
        index = call.get("index")
        known = self._tools.setdefault(index if isinstance(index, int) else len(self._tools), {})
        function = call.get("function")
        known.update((key, value) for key, value in call.items() if key not in {"index", "function"} and value)
        if isinstance(function, dict):
            merged = known.setdefault("function", {"name": "", "arguments": ""})
            merged["name"] = merged["name"] or function.get("name") or ""
            merged["arguments"] += self._arguments(function.get("arguments"))

    def _arguments(self, piece: Any) -> str:
        """Return a piece of a tool call's arguments, which some servers send as an object and not as its JSON."""
        if not piece or isinstance(piece, str):
            return piece or ""
        try:
            return orjson.dumps(piece).decode()
        except orjson.JSONEncodeError:
            self.fault = self.fault or "too_deep"
            return ""


class EventStream:
    """Any other stream: each event may add a piece of text.

    Args:
        read_text: Gives the text in an event's JSON; None takes the event's data as it is.
        ends: Says of an event (its name, its data, its JSON if that is read) whether it is the last; None where
            nothing but the end of the HTTP message says so.

    Attributes:
        events: So many events brought a piece of text.
        finished: Nothing is missing if the stream ends here.
        done: The last event came.
        fault: What is wrong with the stream; None while nothing is.
        matched: An event held what ``read_text`` looks for, if only an empty text.
    """

    reasoned = False

    def __init__(
        self,
        read_text: Callable[[Any], Any] | None = None,
        ends: Callable[[bytes, bytes, Any], bool] | None = None,
    ) -> None:
        self._read_text = read_text
        self._ends = ends
        self._pieces: list[str] = []
        self._whole: dict[str, Any] = {}
        self.events = 0
        self.finished = ends is None
        self.matched = read_text is None
        self.done = False
        self.fault: str | None = None

    @property
    def text(self) -> str:
        """The answer's text so far."""
        return "".join(self._pieces)

    def add(self, data: bytes, name: bytes = b"") -> None:
        """Take in one event."""
        value: Any = None
        literal_end = data == DONE or (self._ends is not None and self._ends(name, data, None))
        if name == _ERROR and not literal_end:
            self.fault = self.fault or "error_in_stream"
        elif not literal_end and data:
            value = self._take(data)
        if literal_end or (self._ends is not None and value is not None and self._ends(name, data, value)):
            self.finished = self.done = True

    def merged(self) -> dict[str, Any]:
        """Return the events' fields, later ones over earlier ones."""
        return self._whole

    def _take(self, data: bytes) -> Any:
        """Add an event's text; return its JSON, None where that is not read."""
        if self._read_text is None:
            self._pieces.append(data.decode("utf-8", "replace"))
            self.events += 1
            return None
        try:
            value = _loaded(data)
        except orjson.JSONDecodeError:
            self.fault = self.fault or "event_not_json"
            return None
        piece = self._read_text(value)
        if isinstance(piece, str):
            self.matched = True
            if piece:
                self._pieces.append(piece)
                self.events += 1
        if isinstance(value, dict):
            if value.get("error") and not piece:
                self.fault = self.fault or "error_in_stream"
            self._whole.update(value)
        return value


def end_of_stream(end: str | None) -> Callable[[bytes, bytes, Any], bool] | None:
    """Return what recognizes a stream's last event; None where the configuration names none.

    Args:
        end: The event's whole data, its name, or a JMESPath expression that is true of its JSON. What begins with a
            bracket, such as ``[DONE]``, is data only: as an expression it would be true of every object.
    """
    if end is None:
        return None
    literal = end.encode()
    is_true = None if end.startswith("[") else _condition(end)

    def ends(name: bytes, data: bytes, value: Any) -> bool:
        if literal in (name, data):
            return True
        return is_true is not None and value is not None and is_truth(is_true(value))

    return ends


def _condition(end: str) -> Callable[[Any], Any] | None:
    """Return an expression as a function; None if it is none and so can only be data or a name."""
    try:
        return compiled(end, "target.response.end")
    except ConfigurationError:
        return None


def _loaded(data: bytes) -> Any:
    """Return the JSON in an event's data; bytes that are no UTF-8 become replacement characters, as the standard says."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return orjson.loads(data.decode("utf-8", "replace"))
