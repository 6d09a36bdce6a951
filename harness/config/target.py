"""``[target]``: the assistant under test, how requests to it look, and how its answers are read."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from harness.config.secrets import refuse_literal
from harness.config.sections import PositiveFloat, Section

CarryName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
_SECRET_HEADER = re.compile(r"authorization|cookie|token|secret|password|api-?key", re.IGNORECASE)
_SECRET_REFERENCE = re.compile(r"\$\{\w+\}|\{carry\.|^arn:aws:secretsmanager:")


_WEBSOCKET_SCHEMES = ("ws", "wss")
_HTTP_ONLY: Mapping[str, Any] = {"protocol": "json", "method": "POST", "poll": None}
"""What a WebSocket target leaves as it is."""


class ResponseMap(Section):
    """JMESPath expressions into the target's reply."""

    text: str | None = None
    """None: the reply is plain text (``json``) or follows the protocol (``openai-chat``)."""
    contexts: str | None = None
    """Passages the answer rests on; needed for groundedness."""
    end: str | None = None
    """What the last event of a ``json`` target's stream, or the last message of a reply over a WebSocket, is known by: a JMESPath expression that is true of its JSON, its name, or its whole data, such as ``[DONE]``. A stream without it is malformed; absent: a stream may end with any event, and one message is a whole reply; see docs/latency.md."""


class TlsSection(Section):
    """What HTTPS connections trust and show. Certificates are always verified."""

    ca_file: str | None = None
    """PEM file of authorities that are trusted beside the system's."""
    cert_file: str | None = None
    """PEM file of the client certificate that the target asks for, with those between it and its authority."""
    key_file: str | None = None
    """PEM file of its private key; absent: the key stands in ``cert_file``."""
    key_password: str | None = None
    """Of the private key, as a ``${NAME}`` reference."""

    @field_validator("key_password")
    @classmethod
    def _is_reference(cls, text: str | None) -> str | None:
        return None if text is None else refuse_literal(text, example="CLIENT_KEY_PASSWORD")

    @model_validator(mode="after")
    def _has_certificate(self) -> Self:
        if self.cert_file is None and (self.key_file is not None or self.key_password is not None):
            raise ValueError("key_file and key_password need cert_file, the certificate that the key belongs to")
        return self


class AuthSection(Section):
    """How requests prove who sends them, where a header that never changes is not enough."""

    kind: Literal["none", "sigv4", "oidc"] = "none"
    """``sigv4`` signs each request with AWS credentials; ``oidc`` sends a bearer token of the client-credentials grant."""
    service: str | None = None
    """``sigv4``: the service's signing name, such as ``execute-api``, ``lambda``, ``bedrock`` or ``bedrock-agentcore``."""
    region: str | None = None
    """``sigv4``: the region that signatures are for."""
    token_url: str | None = None
    """``oidc``: where tokens are asked for; its host has to be in ``allow_hosts``."""
    client_id: str | None = None
    """``oidc``: who asks; may be a ``${NAME}`` reference."""
    client_secret: str | None = None
    """``oidc``: as a ``${NAME}`` reference."""
    client_auth: Literal["basic", "post"] = "basic"
    """``oidc``: id and secret go to the token host as HTTP Basic, which every server has to support, or in the form."""
    scope: str | None = None
    """``oidc``: what the token is to allow, words with blanks between."""
    audience: str | None = None
    """``oidc``: whom the token is for, where the server asks for it."""

    @field_validator("client_secret")
    @classmethod
    def _is_reference(cls, text: str | None) -> str | None:
        return None if text is None else refuse_literal(text, example="STAGING_CLIENT_SECRET")

    @field_validator("token_url")
    @classmethod
    def _is_safe(cls, url: str | None) -> str | None:
        return None if url is None else _http_url(url)

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        needed, optional = _AUTH_KEYS[self.kind]
        if missing := [key for key in needed if getattr(self, key) is None]:
            raise ValueError(f"kind '{self.kind}' also needs {', '.join(missing)}")
        for name, field in type(self).model_fields.items():
            if name not in {"kind", *needed, *optional} and getattr(self, name) != field.default:
                raise ValueError(f"kind '{self.kind}' does not use {name}")
        return self


_AUTH_KEYS: Mapping[str, tuple[Sequence[str], Sequence[str]]] = {
    "none": ((), ()),
    "sigv4": (("service", "region"), ()),
    "oidc": (("token_url", "client_id", "client_secret"), ("client_auth", "scope", "audience")),
}
"""What each kind needs, and what it may have."""


class PollSection(Section):
    """An asynchronous API: the target takes a prompt on, and its answer is asked for until it is there."""

    url: str | None = None
    """Where to ask, ``{JMESPath}`` into the reply to the prompt filled in, such as ``/jobs/{job.id}`` or ``{links.status}``; absent: that reply's ``Location`` header."""
    until: str
    """JMESPath into a reply that is true, or not empty, once the answer is there."""
    failed: str | None = None
    """JMESPath into a reply that is true, or not empty, when there will be no answer; such a prompt is an ``http_error``."""
    result: str | None = None
    """Where the answer is fetched then, filled in from the last reply; absent: that reply is the answer."""
    every_s: PositiveFloat = 1.0
    """Between two questions, in seconds; longer where the target's ``Retry-After`` says so."""


class TargetSection(Section):
    """The assistant under test; see docs/targets.md."""

    url: str = "http://127.0.0.1:8000/chat"
    """Where prompts are sent; its host has to be in ``allow_hosts``. Its path may hold ``{conversation_id}``, ``{turn}``, ``{uuid}`` and ``{carry.NAME}``. With ``ws://`` or ``wss://`` each conversation has a WebSocket, and each turn is a message made of ``body``; see docs/targets.md."""
    production: bool = False
    """Send although the URL looks like production's; see docs/targets.md."""
    protocol: Literal["json", "openai-chat"] = "json"
    """Any JSON API mapped by ``body`` and ``response``, or OpenAI chat completions."""
    stream: bool = False
    """Ask for a stream, and measure the time to the first token and the pauses after it; see docs/latency.md."""
    method: Literal["POST", "PUT", "GET"] = "POST"
    """HTTP method of the ``json`` protocol."""
    headers: dict[str, str] = Field(default_factory=dict)
    """Sent with every request; secrets as ``${NAME}`` references; placeholders as in ``url``."""
    body: dict[str, Any] = Field(default_factory=lambda: {"message": "{prompt}"})
    """Request body of the ``json`` protocol; ``{prompt}``, ``{history}`` and the placeholders of ``url`` are filled in."""
    model: str = "default"
    """``model`` of the ``openai-chat`` protocol's request."""
    timeout_s: PositiveFloat = 29.0
    """The default is API Gateway's own limit."""
    allow_hosts: list[str] = Field(default_factory=lambda: ["127.0.0.1", "localhost"])
    """Nothing else is ever contacted."""
    version_header: str | None = None
    """The reply header that names the release under test."""
    injection_per_minute: PositiveFloat | None = None
    """Pace of injection prompts: a WAF may ban the sender after a few."""
    cookies: bool = False
    """Cookies that the target sets go back to it with the later turns of the same conversation."""
    carry: dict[CarryName, str] = Field(default_factory=dict)
    """Values of a turn's reply that the next turn of its conversation sends as ``{carry.NAME}``: a JMESPath for each."""
    carry_first: dict[CarryName, str] = Field(default_factory=dict)
    """What ``{carry.NAME}`` is in a first turn; where it is nothing, the members and headers that hold it are left out."""
    response: ResponseMap = ResponseMap()
    tls: TlsSection = TlsSection()
    auth: AuthSection = AuthSection()
    poll: PollSection | None = None

    @property
    def over_websocket(self) -> bool:
        """Whether the URL is a WebSocket's."""
        return urlsplit(self.url).scheme in _WEBSOCKET_SCHEMES

    @field_validator("headers")
    @classmethod
    def _holds_no_secret(cls, headers: dict[str, str]) -> dict[str, str]:
        for name, value in headers.items():
            if _SECRET_HEADER.search(name) and not _SECRET_REFERENCE.search(value):
                raise ValueError(
                    f"'{name}' must take its secret from a ${{NAME}} reference: the configuration is written into every run"
                )
        return headers

    @field_validator("url")
    @classmethod
    def _is_contactable(cls, url: str) -> str:
        if urlsplit(url).scheme in _WEBSOCKET_SCHEMES and "#" in url:
            raise ValueError("must not hold a fragment: a WebSocket's URL has none")
        return _http_url(url, *_WEBSOCKET_SCHEMES)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.poll is not None and self.stream:
            raise ValueError("[target.poll] and stream = true exclude each other: an answer that is fetched is whole")
        if strange := self.carry_first.keys() - self.carry.keys():
            raise ValueError(f"carry_first holds '{min(strange)}', which [target.carry] does not")
        if self.auth.kind != "none" and any(name.lower() == "authorization" for name in self.headers):
            raise ValueError(f"the header 'authorization' and auth kind '{self.auth.kind}' exclude each other")
        if self.over_websocket:
            self._require_no_http()
        return self

    def _require_no_http(self) -> None:
        for key, usual in _HTTP_ONLY.items():
            if getattr(self, key) != usual:
                raise ValueError(f"{key} is not for WebSockets: remove it, or name an http:// or https:// URL")


def _http_url(url: str, *more: str) -> str:
    """Return a URL that may be contacted, by HTTP or one of the other schemes."""
    parts = urlsplit(url)
    # Reading the port is what checks it.
    if parts.scheme not in {"http", "https", *more} or not parts.hostname or parts.port == 0:
        also = f", or {':// or '.join(more)}://" if more else ""
        raise ValueError(f"must be a whole http:// or https:// URL{also}")
    if parts.username or parts.password:
        raise ValueError("must not hold a user name or password; put a ${NAME} reference into headers")
    return url
