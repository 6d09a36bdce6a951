"""Keeping secrets out of what is recorded: a target may echo the headers that it was sent."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

import orjson

from harness.config import TargetSection, secret_values
from swarm.reply import Mapped

SHORTEST = 8
"""A shorter secret is left alone: it may well be a word of an answer."""
REPLACEMENT = "[secret]"
_CREDENTIALS = ("authorization", "x-amz-security-token")
"""The headers of single requests that are secrets."""


class Redaction:
    """Replaces secrets by ``[secret]``.

    Args:
        secrets: What must not be recorded.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        spelled = {one for secret in secrets if len(secret) >= SHORTEST for one in _spellings(secret)}
        # A secret that holds another goes first: nothing of it may be left over.
        self._texts = sorted(spelled, key=len, reverse=True)
        self._bytes = [text.encode() for text in self._texts]

    def along(self, headers: Mapping[str, str] | None) -> "Redaction":
        """Return what also replaces the credentials that one request carried.

        Args:
            headers: Its own headers, by lower-case name.
        """
        sent = [headers[name] for name in _CREDENTIALS if name in headers] if headers else []
        if not sent:
            return self
        return Redaction((*self._texts, *(value.removeprefix("Bearer ") for value in sent)))

    def text(self, text: str) -> str:
        """Return a text without secrets."""
        for secret in self._texts:
            if secret in text:
                text = text.replace(secret, REPLACEMENT)
        return text

    def body(self, body: bytes) -> bytes:
        """Return a body without secrets."""
        for secret in self._bytes:
            if secret in body:
                body = body.replace(secret, REPLACEMENT.encode())
        return body

    def answer(self, mapped: Mapped) -> Mapped:
        """Return what was read out of a reply without secrets."""
        if not self._texts:
            return mapped
        clean = mapped.copy()
        if (text := mapped.get("text")) is not None:
            clean["text"] = self.text(text)
        if (reason := mapped.get("finish_reason")) is not None:
            clean["finish_reason"] = self.text(reason)
        if (contexts := mapped.get("contexts")) is not None:
            clean["contexts"] = [self.text(passage) for passage in contexts]
        if calls := mapped.get("tool_calls"):
            clean["tool_calls"] = [self._value(call) for call in calls]
        return clean

    def _value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(name): self._value(member) for name, member in value.items()}
        return [self._value(member) for member in value] if isinstance(value, list) else value


def redaction_for(target: TargetSection, env: Mapping[str, str] | None) -> Redaction:
    """Return what replaces the secrets that the configuration refers to.

    A reference that holds a whole URL is an address, which answers may well name, and no secret.

    Args:
        target: The target with its references.
        env: Where secrets are; None takes the process's environment.

    Raises:
        ConfigurationError: If one is missing.
    """
    auth = target.auth
    values = {f"target.headers.{name}": value for name, value in target.headers.items()}
    values |= {
        "target.url": target.url,
        "target.auth.token_url": auth.token_url or "",
        "target.auth.client_id": auth.client_id or "",
        "target.auth.client_secret": auth.client_secret or "",
        "target.tls.key_password": target.tls.key_password or "",
    }
    secrets = [one for key, value in values.items() for one in secret_values(value, key=key, env=env)]
    return Redaction(one for one in secrets if "://" not in one)


def _spellings(secret: str) -> set[str]:
    """Return a secret as it stands in a text, in JSON and in a URL."""
    return {secret, orjson.dumps(secret).decode()[1:-1], quote(secret, safe="")}
