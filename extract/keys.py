"""The key of the hashes that stand for users and sessions, and what is derived from it."""

from harness.config import Settings, resolve_secret
from harness.errors import ConfigurationError
from harness.pii.surrogates import Surrogates, surrogate_key

_KEY = "extract.hmac_key"
_SHORTEST_KEY = 16
_ADVICE = "make one with `openssl rand -hex 32`, and keep it: another key gives other ids"


def hmac_key(settings: Settings) -> bytes:
    """Return the key of the hashes.

    Raises:
        ConfigurationError: If it is not there, blank or too short.
    """
    secret = resolve_secret(settings.extract.hmac_key, key=_KEY)
    # Blanks around a key are part of it, but nobody has to guess them.
    length = len(secret.strip())
    if not length:
        raise ConfigurationError(f"'{_KEY}': what it refers to is blank", hint=_ADVICE)
    if length < _SHORTEST_KEY:
        raise ConfigurationError(f"'{_KEY}' has {length} characters; at least {_SHORTEST_KEY} are needed", hint=_ADVICE)
    return secret.encode()


def configured_surrogates(settings: Settings, key: bytes) -> Surrogates | None:
    """Return what makes invented values; None where placeholders are configured."""
    return Surrogates(surrogate_key(key)) if settings.extract.pii.replacement == "surrogate" else None
