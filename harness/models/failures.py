"""What went wrong at a model, in the project's own errors.

Importing this module imports pydantic-ai. Nothing of a provider's message is repeated: it may quote the prompt.
"""

import re
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from pydantic_ai import exceptions as ai

from harness.errors import (
    ModelError,
    ModelLateError,
    ModelRefusedError,
    ModelThrottledError,
    ModelUnreachableError,
)
from harness.models.retry import RetryPolicy
from harness.models.spec import ModelSpec

_NEVER_SENT = {"ConnectError", "ConnectTimeout", "EndpointConnectionError", "ConnectTimeoutError"}
"""What httpx and botocore raise where there was no connection."""
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")


@dataclass(slots=True)
class Contact:
    """Whether a model ever answered anything, an error included: who never did may not be there at all."""

    made: bool = False
    answered_at: float = field(default_factory=time.monotonic)
    """When it last gave an answer, by ``time.monotonic``; at first, when it was first to be asked."""

    def answered(self) -> None:
        """Note an answer."""
        self.made = True
        self.answered_at = time.monotonic()


class Tries:
    """Counts the failed requests of one call against a policy.

    Args:
        policy: How many there may be.
        contact: With the model, as all its calls know it.
    """

    def __init__(self, policy: RetryPolicy, contact: Contact) -> None:
        self.failed = 0
        self._timeouts = 0
        self._policy = policy
        self._contact = contact

    def may_go_on(self, error: ai.ModelAPIError) -> bool:
        """Count a failure; return whether the call may be sent again."""
        self.failed += 1
        self._timeouts += is_timeout(error)
        self._contact.made |= not is_unreached(error)
        attempts = self._policy.attempts if self._contact.made else min(self._policy.unreached, self._policy.attempts)
        return (
            is_transient(error)
            and (self.failed < attempts or self._is_awaited(error))
            and self._timeouts < self._policy.timeouts
            and (retry_after_s(error) or 0.0) <= self._policy.max_retry_after_s
        )

    def _is_awaited(self, error: ai.ModelAPIError) -> bool:
        """Return whether others are being answered, so that this call's turn will come."""
        silent_s = time.monotonic() - self._contact.answered_at
        return is_throttling(error) and silent_s < self._policy.patience_s


def is_transient(error: ai.ModelAPIError) -> bool:
    """Return whether the same request may succeed a little later."""
    if isinstance(error, ai.ModelQuotaExceededError | ai.ModelRequestRejectedError):
        return False
    status = _status(error)
    return status is None or status >= 500 or status in {408, 409, 425, 429}


def is_throttling(error: ai.ModelAPIError) -> bool:
    """Return whether the server has too much to do at present."""
    if isinstance(error, ai.ModelRateLimitError | ai.ModelOverloadedError):
        return True
    return isinstance(error, ai.ModelUnavailableError) and retry_after_s(error) is not None


def may_be_billed(error: ai.ModelAPIError) -> bool:
    """Return whether a request that failed was perhaps worked on: nobody said that it was refused."""
    return _status(error) is None and not is_unreached(error)


def is_unreached(error: BaseException) -> bool:
    """Return whether there was no connection over which anything could be sent."""
    return any(type(cause).__name__ in _NEVER_SENT for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def is_timeout(error: ai.ModelAPIError) -> bool:
    """Return whether no whole answer came in time."""
    return isinstance(error, ai.ModelTimeoutError | ai.ModelRequestTimeout)


def retry_after_s(error: ai.ModelAPIError) -> float | None:
    """Return how many seconds the server asks to wait; None where it does not say.

    pydantic-ai reads whole seconds and dates, as RFC 9110 has them; gateways also send fractions.
    """
    if error.retry_after is not None:
        return error.retry_after
    headers = error.headers if isinstance(error, ai.ModelHTTPError) else None
    try:
        seconds = float((headers or {}).get("retry-after", ""))
    except ValueError:
        return None
    return seconds if 0.0 <= seconds < float("inf") else None


def failure(
    spec: ModelSpec, error: Exception, *, requests: int, timeout_s: float, max_retry_after_s: float
) -> ModelError:
    """Return the project's error for what ended a call.

    Args:
        spec: The model.
        error: What pydantic-ai, or the library below it, raised last.
        requests: How many requests the call took.
        timeout_s: The time that each had.
        max_retry_after_s: The longest wait that a server may ask for.
    """
    if isinstance(error, ai.ModelAPIError):
        return _api_failure(spec, error, requests, timeout_s, max_retry_after_s)
    return ModelError(
        f"{spec.text}: cannot be asked: {type(error).__name__}",
        hint="check the credentials, the region and the endpoint",
    )


def _api_failure(
    spec: ModelSpec, error: ai.ModelAPIError, requests: int, timeout_s: float, max_retry_after_s: float
) -> ModelError:
    seen = _observed(error)
    if is_throttling(error):
        asked = retry_after_s(error) or 0.0
        waits = (
            f" and asks to wait {asked:.0f} s (allowed: {max_retry_after_s:.0f} s)" if asked > max_retry_after_s else ""
        )
        return ModelThrottledError(
            f"{spec.text}: still throttles after {_count(requests)}{waits}{seen}",
            hint="lower the concurrency or tokens_per_minute, or ask the provider for a higher quota",
        )
    if is_timeout(error):
        return ModelLateError(
            f"{spec.text}: no whole answer within {timeout_s:g} s, in {_count(requests)}",
            hint="raise timeout_s, or use a faster model",
        )
    if is_unreached(error):
        return ModelUnreachableError(
            f"{spec.text}: cannot be reached, in {_count(requests)}{_seen_of_network(error)}", hint=_ADDRESS[spec.kind]
        )
    if isinstance(error, ai.ModelConnectionError):
        return ModelError(
            f"{spec.text}: cannot be reached, in {_count(requests)}", hint="check the address, and that the server runs"
        )
    if isinstance(error, ai.ModelAuthenticationError):
        return ModelRefusedError(f"{spec.text}: the credentials are refused{seen}", hint=_CREDENTIALS[spec.kind])
    for kind, what, hint in _REFUSALS:
        if isinstance(error, kind):
            return ModelError(f"{spec.text}: {what}{seen}", hint=hint)
    return ModelError(f"{spec.text}: no usable reply to {_count(requests)}{seen}", hint="check the server's own log")


_ADDRESS = {
    "openai": "check the address, that the server runs, and the network between (proxy, firewall, certificate)",
    "bedrock": "check the region (AWS_REGION), AWS_ENDPOINT_URL_BEDROCK_RUNTIME if it is set, and the network",
}
_NETWORK: tuple[tuple[type[BaseException], str], ...] = (
    (ConnectionRefusedError, "connection refused"),
    (socket.gaierror, "no such host"),
    (ssl.SSLError, "TLS failed"),
)
_CREDENTIALS = {
    "openai": "check OPENAI_API_KEY",
    "bedrock": "check the AWS credentials, and that the account may use the model in this region",
}
_REFUSALS: tuple[tuple[type[Exception], str, str], ...] = (
    (ai.ModelNotFoundError, "there is no such model or address", "check the model's name, the base URL and the region"),
    (
        ai.ModelContextWindowExceededError,
        "the request is longer than the model's context",
        "use a model with a longer one",
    ),
    (ai.ModelQuotaExceededError, "the account's quota or credit is used up", "waiting does not help: raise it"),
    (ai.ModelRequestRejectedError, "the request is refused", "check that the model supports tool calls"),
)


def _count(requests: int) -> str:
    return "1 request" if requests == 1 else f"{requests} requests"


def _observed(error: ai.ModelAPIError) -> str:
    status = _status(error)
    code = error.provider_error_code or ""
    parts = [f"HTTP {status}" if status else "", code if _CODE.fullmatch(code) else ""]
    text = " ".join(part for part in parts if part)
    return f" ({text})" if text else ""


def _seen_of_network(error: BaseException) -> str:
    causes = list(_causes(error))
    return next((f" ({what})" for kind, what in _NETWORK if any(isinstance(cause, kind) for cause in causes)), "")


def _status(error: ai.ModelAPIError) -> int | None:
    # A redirect is no error to pydantic-ai: its status stands with the cause only.
    for source in (error, error.__cause__):
        status = getattr(source, "status_code", None)
        if isinstance(status, int):
            return status
    return None
