"""What a scripted model server does to a request, and what it remembers of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

FaultKind = Literal[
    "throttle",
    "error",
    "malformed",
    "invalid",
    "plain_text",
    "fenced",
    "truncated",
    "no_usage",
    "slow",
    "close",
    "garbage",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One way in which a model server lets its caller down."""

    kind: FaultKind
    status: int = 0
    code: str = ""
    """The provider's own error code."""
    retry_after_s: float | None = None
    delay_s: float = 0.0
    text: str = ""
    keep: float = 1.0
    """Share of the answer that arrives."""

    @classmethod
    def throttle(cls, *, retry_after_s: float | None = None) -> "Fault":
        """Return 429: ``rate_limit_exceeded`` or ``ThrottlingException``."""
        return cls(kind="throttle", status=429, retry_after_s=retry_after_s)

    @classmethod
    def error(cls, status: int = 500, *, code: str = "", text: str = "", retry_after_s: float | None = None) -> "Fault":
        """Return an HTTP error of any other kind; ``text`` becomes its message."""
        return cls(kind="error", status=status, code=code, text=text, retry_after_s=retry_after_s)

    @classmethod
    def malformed(cls) -> "Fault":
        """Return a tool call whose arguments are no JSON (Bedrock: stop reason ``malformed_tool_use``)."""
        return cls(kind="malformed")

    @classmethod
    def invalid(cls) -> "Fault":
        """Return a tool call whose arguments do not fit the schema."""
        return cls(kind="invalid")

    @classmethod
    def plain_text(cls, text: str = "I would rather talk than call a tool.") -> "Fault":
        """Return text instead of the tool call."""
        return cls(kind="plain_text", text=text)

    @classmethod
    def fenced(cls, keep: float = 1.0) -> "Fault":
        """Return the answer as talk with fenced JSON in it instead of the tool call; below 1, cut off."""
        return cls(kind="fenced", keep=keep)

    @classmethod
    def truncated(cls) -> "Fault":
        """Return an answer that the limit on its length cut off."""
        return cls(kind="truncated")

    @classmethod
    def no_usage(cls) -> "Fault":
        """Return a good answer without the token counts."""
        return cls(kind="no_usage")

    @classmethod
    def slow(cls, delay_s: float) -> "Fault":
        """Answer well, but late; the wait ends early when the server stops."""
        return cls(kind="slow", delay_s=delay_s)

    @classmethod
    def close(cls) -> "Fault":
        """Close the connection without a reply."""
        return cls(kind="close")

    @classmethod
    def garbage(cls, text: str = "", *, status: int = 200) -> "Fault":
        """Return a body that is not the protocol's: by default a page, as some proxies do."""
        return cls(kind="garbage", text=text, status=status)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedCall:
    """A request as the model server understood it."""

    model: str
    system: str
    prompt: str
    """The last user message."""
    messages: list[dict[str, Any]]
    """The conversation in the wire format, the system message left out on Bedrock."""
    tool: str | None
    """Name of the tool the answer goes to; None where none is offered."""
    schema: dict[str, Any] | None
    """Of the tool's arguments, or of the asked-for response format."""
    body: dict[str, Any]
    headers: Mapping[str, str] = field(repr=False)
    """Names in lower case."""
