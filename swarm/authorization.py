"""How a request proves who sends it: AWS signatures, and bearer tokens that are renewed."""

import base64
import threading
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote, urlencode

import orjson

from harness.config import AuthSection, resolve_secret
from harness.errors import DependencyError
from harness.signing import RequestSigner, SigV4Signer
from swarm.clock import Clock
from swarm.mapping import Request
from swarm.reply import Received

RENEW_BEFORE_S = 60.0
"""A token is renewed so long before it expires, or after four fifths of its life if that is later."""
UNKNOWN_LIFE_S = 300.0
"""How long a token is used whose server does not say."""
RETRY_AFTER_S = 1.0
"""After a failure, no token is asked for before this."""
REFUSED_EVERY_S = 10.0
"""A target that takes no token makes for one new token in so long: whoever gives them out may be production's."""
_ERROR_CODES = frozenset(
    {
        "invalid_client",
        "invalid_grant",
        "invalid_request",
        "invalid_scope",
        "unauthorized_client",
        "unsupported_grant_type",
    }
)
"""What RFC 6749, 5.2 lets a token host say; anything else could hold anything."""

Post = Callable[[Mapping[str, str], bytes], Received]
"""Sends a form to the token host, with further headers."""


class Authorization(Protocol):
    """Gives requests to the target the headers that let them in."""

    def ready(self) -> None:
        """Have what the next requests need, so that fetching it counts in no latency.

        Raises:
            DependencyError: If it is not to be had.
        """
        ...

    def headers(self, request: Request, url: str, signed: Mapping[str, str]) -> Mapping[str, str]:
        """Return the headers of one request, a retry included.

        Args:
            request: What is sent.
            url: Where to, whole.
            signed: The headers that a signature covers.

        Raises:
            DependencyError: If what they need is not to be had.
        """
        ...

    def refused(self, sent: Mapping[str, str]) -> bool:
        """Take note that the target answered 401; return whether another try with other headers may help."""
        ...


class SignedRequests:
    """AWS Signature Version 4.

    Args:
        signer: Does the signing.
    """

    def __init__(self, signer: RequestSigner) -> None:
        self._signer = signer

    def ready(self) -> None:
        """Refresh the credentials if they are due."""
        self._signer.ready()

    def headers(self, request: Request, url: str, signed: Mapping[str, str]) -> Mapping[str, str]:
        """Return the signature of a request."""
        return self._signer.signature(request.method, url, signed, request.body)

    def refused(self, sent: Mapping[str, str]) -> bool:  # noqa: ARG002 - the protocol's
        """Return false: every signature is new."""
        return False


class _Token(NamedTuple):
    header: str
    renew_at: float
    expires_at: float


class BearerTokens:
    """Bearer tokens of the OAuth 2.0 client-credentials grant (RFC 6749, 4.4), fetched when they are due.

    Args:
        auth: Who asks for what.
        post: Sends the form.
        env: Where secrets are; None takes the process's environment.

    Raises:
        ConfigurationError: If a secret is missing.
    """

    def __init__(self, auth: AuthSection, post: Post, env: Mapping[str, str] | None) -> None:
        self._post = post
        self._headers, self._form = _asking(auth, env)
        self._token: _Token | None = None
        self._failure = ""
        self._not_before = float("-inf")
        self._believed_until = float("-inf")
        """Until then a token that the target does not take is not thought to be at fault."""
        self._lock = threading.Lock()

    def ready(self) -> None:
        """Fetch or renew the token if it is due.

        One caller does; the others go on with the present token while that is valid.

        Raises:
            DependencyError: If there is no valid token, and none to be had.
        """
        now = Clock.now()
        token = self._token
        if token is not None and now < token.renew_at:
            return
        valid = token is not None and now < token.expires_at
        if not self._lock.acquire(blocking=not valid):
            return
        try:
            if self._token is token:
                self._renew(valid=valid)
        finally:
            self._lock.release()

    def headers(self, request: Request, url: str, signed: Mapping[str, str]) -> Mapping[str, str]:  # noqa: ARG002
        """Return the ``Authorization`` header."""
        self.ready()
        token = self._token
        if token is None:
            raise DependencyError(self._failure)
        return {"authorization": token.header}

    def refused(self, sent: Mapping[str, str]) -> bool:
        """Forget the token that the target did not take; return whether another is there."""
        token, now = self._token, Clock.now()
        if token is not None and token.header == sent.get("authorization"):
            if now < self._believed_until:
                return False
            self._token, self._believed_until = None, now + REFUSED_EVERY_S
        try:
            self.ready()
        except DependencyError:
            return False
        return self._token is not None

    def _renew(self, *, valid: bool) -> None:
        now = Clock.now()
        if now >= self._not_before:
            try:
                self._token, self._failure = _read(self._post(self._headers, self._form), now), ""
            except DependencyError as error:
                self._failure = str(error)
                self._not_before = Clock.now() + RETRY_AFTER_S
        if self._failure and not valid:
            self._token = None
            raise DependencyError(self._failure, hint=_HINT)


def authorization_for(auth: AuthSection, post: Post | None, env: Mapping[str, str] | None) -> Authorization | None:
    """Return what authorizes requests; None where the configuration asks for nothing.

    Args:
        auth: What it asks for.
        post: Sends a form to the token host; needed for ``oidc``.
        env: Where secrets are; None takes the process's environment.

    Raises:
        ConfigurationError: If a secret or the AWS credentials are missing.
    """
    if auth.kind == "sigv4":
        return SignedRequests(SigV4Signer(auth.service or "", auth.region or ""))
    return BearerTokens(auth, post, env) if auth.kind == "oidc" and post is not None else None


_HINT = "see [target.auth]: token_url, client_id, client_secret, client_auth, scope"


def _asking(auth: AuthSection, env: Mapping[str, str] | None) -> tuple[dict[str, str], bytes]:
    """Return headers and form of a request for a token."""
    client_id = resolve_secret(auth.client_id or "", key="target.auth.client_id", env=env)
    secret = resolve_secret(auth.client_secret or "", key="target.auth.client_secret", env=env)
    form = {"grant_type": "client_credentials", "scope": auth.scope, "audience": auth.audience}
    headers = {"accept": "application/json", "content-type": "application/x-www-form-urlencoded"}
    if auth.client_auth == "post":
        form |= {"client_id": client_id, "client_secret": secret}
    else:
        # RFC 6749, 2.3.1: both are encoded as in a form first.
        pair = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"
        headers["authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    return headers, urlencode({name: value for name, value in form.items() if value}).encode()


def _read(received: Received, asked: float) -> _Token:
    """Return the token in a token host's reply (RFC 6749, 5.1).

    Raises:
        DependencyError: If there is none; says no more than status and code.
    """
    try:
        said: Any = orjson.loads(received.body)
    except orjson.JSONDecodeError:
        said = None
    said = said if isinstance(said, dict) else {}
    token = said.get("access_token")
    if received.status != 200 or not isinstance(token, str) or not token.isascii() or not token.isprintable():
        code = said.get("error")
        known = f" ({code})" if isinstance(code, str) and code in _ERROR_CODES else ""
        what = f"HTTP {received.status}{known}" if received.status != 200 else "a reply without a token"
        raise DependencyError(f"no token from 'target.auth.token_url': {received.fault or what}", hint=_HINT)
    life_s = said.get("expires_in")
    life_s = float(life_s) if isinstance(life_s, int | float | str) and _is_number(life_s) else UNKNOWN_LIFE_S
    return _Token(f"Bearer {token}", asked + max(life_s - RENEW_BEFORE_S, life_s * 0.8), asked + life_s)


def _is_number(value: float | str) -> bool:
    try:
        return 0 < float(value) < 1e9
    except ValueError:
        return False
