"""The key of the hashes that stand for users and sessions, and what is derived from it."""

from harness.config import Settings, resolve_secret
from harness.errors import ConfigurationError
from harness.pii.surrogates import Surrogates, surrogate_key

_SHORTEST_KEY = 16


def hmac_key(settings: Settings) -> bytes:
    """Return the key of the hashes.

    Raises:
        ConfigurationError: If it is not there or too short.
    """
    secret = resolve_secret(settings.extract.hmac_key, key="extract.hmac_key")
    if len(secret) < _SHORTEST_KEY:
        raise ConfigurationError(
            f"'extract.hmac_key' has {len(secret)} characters; at least {_SHORTEST_KEY} are needed",
            hint="make one with `openssl rand -hex 32`, and keep it: another key gives other ids",
        )
    return secret.encode()


def configured_surrogates(settings: Settings, key: bytes) -> Surrogates | None:
    """Return what makes invented values; None where placeholders are configured."""
    return Surrogates(surrogate_key(key)) if settings.extract.pii.replacement == "surrogate" else None
