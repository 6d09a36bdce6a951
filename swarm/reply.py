"""What becomes of a reply: the table of outcomes, and what is read out of an answer."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypedDict

import orjson

from harness.config import TargetSection
from harness.contracts import Outcome
from swarm.paths import compiled
from swarm.streams import ChatStream, EventStream, end_of_stream
from swarm.timing import Moments, StreamTiming

BODY_CAP_BYTES = 64 * 1024
"""More of a body is not recorded, only its SHA-256."""
_CACHES_SAY = frozenset({"age", "x-cache", "cf-cache-status"})
_LEVELS_AROUND = 60
"""So many levels of nesting, more than anything puts around a reply's values, they must leave free for it."""
WAF_MARKERS = (
    "attention required! | cloudflare",
    "incapsula incident id",
    "request blocked",
    "request unsuccessful. incapsula",
    "sorry, you have been blocked",
    "the requested url was rejected. please consult with your administrator",
)
"""Words of the block pages of common web application firewalls, some of which come with status 200."""


@dataclass(slots=True, kw_only=True)
class Received:
    """What came over the wire for one request."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """By lower-case name."""
    body: bytes = b""
    fault: str | None = None
    """Why the reply is not whole: ``timeout``, ``cut``, ``bad_http``, ``bad_encoding`` or ``too_large``; over a
    WebSocket also ``not_a_websocket``, ``bad_websocket`` or ``closed_`` with the server's code."""
    stream: ChatStream | EventStream | None = None
    """Set where the body is a stream."""
    moments: Moments | None = None
    """When the pieces of a streamed answer arrived."""
    unclosed: bool = False
    """The stream's framing lacks its end."""
    arrived: float | None = None
    """When the last of it did, in the clock's seconds; None where nothing ended it but time."""


class Mapped(TypedDict, total=False):
    """The fields of a reply that its content decides."""

    outcome: Outcome
    error: str | None
    text: str | None
    contexts: list[str] | None
    tool_calls: list[dict[str, Any]]
    finish_reason: str | None
    tokens_in: int | None
    tokens_out: int | None
    timing: StreamTiming | None


class _UnmappedError(Exception):
    """The body does not map to an answer; its argument is the error's category."""


class ReplyMapping:
    """Maps replies to outcomes and answers, by DESIGN's normative table.

    Args:
        target: Protocol and JMESPath expressions.

    Raises:
        ConfigurationError: If an expression is not valid JMESPath.
    """

    def __init__(self, target: TargetSection) -> None:
        self._openai = target.protocol == "openai-chat"
        self._text = compiled(target.response.text, "target.response.text")
        self._contexts = compiled(target.response.contexts, "target.response.contexts")
        self._ends = end_of_stream(target.response.end)

    @property
    def reads_json(self) -> bool:
        """Whether the answer is taken out of JSON."""
        return self._openai or self._text is not None

    def new_stream(self) -> ChatStream | EventStream:
        """Return what collects the events of a streamed reply."""
        return ChatStream() if self._openai else EventStream(self._text, self._ends)

    def read(self, received: Received) -> Mapped:
        """Return the outcome of a reply, and the answer if there is one."""
        mapped = self._outcome(received)
        if received.stream is not None and received.moments is not None:
            tokens = _answer_tokens(received.stream, mapped)
            mapped["timing"] = received.moments.timing(received.stream.events, tokens)
        return mapped

    def _outcome(self, received: Received) -> Mapped:
        if received.fault == "timeout":
            return {"outcome": "timeout", "error": "no_whole_reply_in_time", "text": _streamed_text(received)}
        refused = _refusal(received)
        if refused is not None:
            return refused
        if received.fault:
            return {"outcome": "malformed", "error": received.fault, "text": _streamed_text(received)}
        try:
            return self._answer(received)
        except _UnmappedError as reason:
            return {"outcome": "malformed", "error": str(reason), "text": _streamed_text(received)}

    def _answer(self, received: Received) -> Mapped:
        if received.stream is not None:
            return self._streamed(received.stream, unclosed=received.unclosed)
        if self.reads_json:
            return self._mapped(_parsed(received), None)
        text = decoded(received)
        return {"outcome": "answered", "text": text, "contexts": self._contexts_in_text(text)}

    def _streamed(self, stream: ChatStream | EventStream, *, unclosed: bool) -> Mapped:
        if stream.fault:
            raise _UnmappedError(stream.fault)
        if unclosed or not stream.finished:
            raise _UnmappedError("stream_without_end")
        if isinstance(stream, EventStream) and not stream.matched:
            raise _UnmappedError("no_text")
        return self._mapped(stream.merged(), stream.text)

    def _mapped(self, value: Any, streamed: str | None) -> Mapped:
        mapped: Mapped = {"outcome": "answered"}
        if self._openai:
            mapped = _completion(value, needed=self._text is None)
        if streamed is not None:
            mapped["text"] = streamed
        elif self._text is not None:
            mapped["text"] = _as_text(self._text(value))
        mapped["contexts"] = _as_contexts(self._contexts(value)) if self._contexts else None
        return mapped

    def _contexts_in_text(self, text: str) -> list[str] | None:
        if self._contexts is None:
            return None
        try:
            return _as_contexts(self._contexts(orjson.loads(text)))
        except orjson.JSONDecodeError:
            return None


def decoded(received: Received) -> str:
    """Return a body as text: UTF-8 if it is that, else by its declared charset; never fails."""
    try:
        return received.body.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    charset = received.headers.get("content-type", "").lower().partition("charset=")[2].partition(";")[0].strip(" \"'")
    try:
        text = received.body.decode(charset or "utf-8", "replace")
        return text.encode("utf-8", "replace").decode()  # some codecs give halves of surrogate pairs
    except (LookupError, ValueError):  # some codecs know no replacing
        return received.body.decode("utf-8", "replace")


def capped(text: str | bytes) -> str:
    """Return a body as it is recorded: its first 64 KiB, and the SHA-256 of the whole if there is more."""
    if isinstance(text, str):
        if len(text) <= BODY_CAP_BYTES // 4:
            return text  # no character takes more than four bytes
        data = text.encode()
    else:
        data = text
    if len(data) <= BODY_CAP_BYTES:
        return data.decode("utf-8", "replace")
    head = data[:BODY_CAP_BYTES].decode("utf-8", "ignore")
    return f"{head}\n[cut: {len(data)} bytes in all, SHA-256 {hashlib.sha256(data).hexdigest()}]"


def is_from_cache(headers: Mapping[str, str]) -> bool:
    """Return whether a reply's headers say that a cache on the way gave it (RFC 9111, and what CDNs add)."""
    if _CACHES_SAY.isdisjoint(headers):  # nearly always
        return False
    age = headers.get("age", "").strip()
    said = f"{headers.get('x-cache', '')} {headers.get('cf-cache-status', '')}".lower()
    return (age.isdigit() and int(age) > 0) or "hit" in said


def writable(value: Any) -> bool:
    """Return whether a value out of a reply can be written as JSON again: reading takes deeper nesting than writing."""
    for _ in range(_LEVELS_AROUND):
        value = [value]
    try:
        orjson.dumps(value)
    except orjson.JSONEncodeError:
        return False
    return True


class _Kind(NamedTuple):
    html: bool
    head: str


def _refusal(received: Received) -> Mapped | None:
    """Return the outcome of a reply whose status or page says that there is no answer; None where there may be one."""
    status = received.status
    if status is None:
        return None
    if status == 403 or _is_waf_page(received, status):
        return {"outcome": "blocked", "error": f"status_{status}"}
    if status == 429 or (status == 503 and "retry-after" in received.headers):
        return {"outcome": "throttled", "error": f"status_{status}"}
    if 200 <= status < 300:
        return None
    if status == 400 and _is_filtered(received):
        return {"outcome": "blocked", "error": "content_filter", "finish_reason": "content_filter"}
    return {"outcome": "http_error", "error": f"status_{status}"}


def _is_waf_page(received: Received, status: int) -> bool:
    if status >= 500:
        return False
    if "x-amzn-waf-action" in received.headers:
        return True
    if received.body.startswith((b"{", b"[")):
        return False
    kind = _kind(received)
    return kind.html and any(marker in kind.head for marker in WAF_MARKERS)


def _kind(received: Received) -> _Kind:
    head = bytes(received.body[:4096]).decode("utf-8", "replace").lstrip("\ufeff \t\r\n").lower()
    declared = received.headers.get("content-type", "").lower()
    return _Kind("text/html" in declared or head.startswith(("<!doctype html", "<html")), head)


def _is_filtered(received: Received) -> bool:
    """Return whether a 400 is Azure OpenAI's content filter speaking."""
    try:
        error = orjson.loads(received.body)["error"]
        return bool(error["code"] == "content_filter")
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return False


def json_or_none(body: bytes | str) -> Any:
    """Return what a body holds as JSON; None where it is none."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def _parsed(received: Received) -> Any:
    try:
        return orjson.loads(received.body)
    except orjson.JSONDecodeError:
        pass
    try:
        return orjson.loads(decoded(received))
    except orjson.JSONDecodeError:
        if not received.body.strip():
            raise _UnmappedError("empty_body") from None
        raise _UnmappedError("html_instead_of_json" if _kind(received).html else "not_json") from None


def _completion(value: Any, *, needed: bool) -> Mapped:
    """Return what an OpenAI chat completion says.

    Args:
        value: The parsed reply.
        needed: There has to be a text; False where the configuration names another place for it.
    """
    choices = value.get("choices") if isinstance(value, dict) else None
    choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
    message = choice.get("message")
    if not isinstance(message, dict):
        if needed:
            raise _UnmappedError("no_message")
        message = {}
    usage = value.get("usage") if isinstance(value, dict) else None
    tools = message.get("tool_calls")
    if tools and not writable(tools):
        raise _UnmappedError("too_deep")
    reason = choice.get("finish_reason")
    mapped: Mapped = {
        "outcome": "blocked" if reason == "content_filter" else "answered",
        "error": "content_filter" if reason == "content_filter" else None,
        "text": _message_text(message) if needed else None,
        "tool_calls": [call for call in tools if isinstance(call, dict)] if isinstance(tools, list) else [],
        "finish_reason": str(reason) if isinstance(reason, str | int) and reason else None,
    }
    if isinstance(usage, dict):
        mapped["tokens_in"] = _count(usage.get("prompt_tokens"))
        mapped["tokens_out"] = _count(usage.get("completion_tokens"))
    return mapped


def _message_text(message: Mapping[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, list):
        texts = [part.get("text") for part in content if isinstance(part, dict)]
        return "".join(text for text in texts if isinstance(text, str))
    if content is None:
        content = message.get("refusal") or ("" if "content" in message or message.get("tool_calls") else None)
    return _as_text(content)


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        raise _UnmappedError("no_text")
    if isinstance(value, list) and all(isinstance(piece, str) for piece in value):
        return "".join(value)
    if isinstance(value, bool | int | float):
        return _json(value)
    raise _UnmappedError("text_is_not_text")


def _as_contexts(value: Any) -> list[str] | None:
    if value is None:
        return None
    passages = value if isinstance(value, list) else [value]
    return [p if isinstance(p, str) else _json(p) for p in passages if p is not None]


def _json(value: Any) -> str:
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:
        raise _UnmappedError("too_deep") from None


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _answer_tokens(stream: ChatStream | EventStream, mapped: Mapped) -> int | None:
    """Return the tokens of the answer itself, its thinking left out; None where the target does not tell them."""
    tokens = mapped.get("tokens_out")
    usage = stream.merged().get("usage")
    details = usage.get("completion_tokens_details") if isinstance(usage, dict) else None
    thinking = _count(details.get("reasoning_tokens")) if isinstance(details, dict) else None
    if tokens is None or (thinking is None and stream.reasoned):
        return None
    return tokens - (thinking or 0)


def _streamed_text(received: Received) -> str | None:
    return (received.stream.text or None) if received.stream is not None else None
