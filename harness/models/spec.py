"""Which model a configuration value means: ``offline``, ``bedrock:…`` or ``openai:…``."""

import hashlib
import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from harness.config.secrets import resolve_secret
from harness.errors import ConfigurationError

OFFLINE = "offline"
OPENAI_BASE_URL = "https://api.openai.com/v1"
_FORMS = "use 'offline', 'bedrock:<model-id>' or 'openai:<model>@<base-url>'"
_OPENAI = re.compile(r"(?P<model>.+?)(?:@(?P<url>(?:https?://|\$\{).*))?", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpec:
    """A parsed model configuration value."""

    text: str
    """As configured."""
    kind: Literal["offline", "bedrock", "openai"]
    model: str = ""
    """The provider's own name of the model."""
    base_url: str = ""
    """Of an OpenAI-compatible server, without a trailing slash."""

    @property
    def model_id(self) -> str:
        """What manifests, cached judgements and judge ids call the model.

        As configured; where the environment names the server, with a hash of its address, which may be a secret:
        the same name at another server is another model.
        """
        if self.base_url == OPENAI_BASE_URL or self.base_url in self.text:
            return self.text
        return f"{self.text}#{hashlib.sha256(self.base_url.encode()).hexdigest()[:8]}"

    @property
    def is_loopback(self) -> bool:
        """Whether the server runs on this machine."""
        host = urlsplit(self.base_url).hostname or ""
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"


def parse_spec(text: str, *, key: str, env: Mapping[str, str] | None = None) -> ModelSpec:
    """Return the model that a configuration value means.

    ``openai:<model>`` without a base URL means ``OPENAI_BASE_URL``, else OpenAI's own API. The base URL may be
    a ``${NAME}`` reference.

    Args:
        text: The value.
        key: The dotted key it stands at, for the error.
        env: The environment; None takes the process's own.

    Raises:
        ConfigurationError: If the value has none of the three forms, or its base URL is none; names the key and
            the forms.
    """
    source = os.environ if env is None else env
    kind, _, rest = text.partition(":")
    if text == OFFLINE:
        return ModelSpec(text=text, kind="offline")
    if rest.strip() != rest or not rest or any(mark in rest for mark in "\n\r\t"):
        raise _unusable(text, key)
    if kind == "bedrock":
        return ModelSpec(text=text, kind="bedrock", model=rest)
    if kind == "openai":
        match = _OPENAI.fullmatch(rest)
        if match is None or "@" in match["model"][1:]:
            raise _unusable(text, key)
        url = match["url"] or source.get("OPENAI_BASE_URL") or OPENAI_BASE_URL
        return ModelSpec(text=text, kind="openai", model=match["model"], base_url=_base_url(url, key, source))
    raise _unusable(text, key)


def _base_url(url: str, key: str, env: Mapping[str, str]) -> str:
    resolved = resolve_secret(url, key=key, env=env).rstrip("/")
    try:
        parts = urlsplit(resolved)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable:
        raise ConfigurationError(
            f"'{key}': the base URL after '@' is not a whole http:// or https:// URL",
            hint="for instance openai:my-model@http://127.0.0.1:8080/v1",
        )
    if parts.username or parts.password:
        raise ConfigurationError(
            f"'{key}': the base URL must not hold a user name or password", hint="set OPENAI_API_KEY instead"
        )
    return resolved


def _unusable(text: str, key: str) -> ConfigurationError:
    # A value with a colon could be a mistyped key or URL with a password: only its first word is shown.
    shown = text.partition(":")[0][:40]
    return ConfigurationError(f"'{key}' names no model that is known here (it begins with '{shown}')", hint=_FORMS)
