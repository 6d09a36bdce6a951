"""What HTTPS connections trust, and the certificate that they show."""

import ssl
from collections.abc import Mapping
from pathlib import Path

from harness.config import TlsSection, resolve_secret
from harness.errors import ConfigurationError
from swarm.awaited import awaited
from swarm.hosts import Origin

_MISMATCH = "KEY_VALUES_MISMATCH"


def tls_context(tls: TlsSection, *, env: Mapping[str, str] | None = None, certificate: bool) -> ssl.SSLContext:
    """Return a context that verifies certificates and names, which nothing switches off.

    Args:
        tls: Authorities and client certificate; absolute paths.
        env: Where secrets are; None takes the process's environment.
        certificate: Show the client certificate to servers that ask for it.

    Raises:
        ConfigurationError: If a file is missing, unreadable or not what it should be; names key and file.
    """
    context = awaited(_verifying())
    if tls.ca_file is not None:
        _readable(tls.ca_file, "ca_file")
        try:
            context.load_verify_locations(cafile=tls.ca_file)
        except ssl.SSLError:
            raise _bad("ca_file", tls.ca_file, "holds no certificate in PEM form") from None
    if certificate and tls.cert_file is not None:
        _load_certificate(context, tls, env)
    return context


class TlsContexts:
    """The contexts of one target's connections: its client certificate is shown to nobody else.

    Args:
        tls: Authorities and client certificate; absolute paths.
        origin: The target's.
        env: Where secrets are; None takes the process's environment.

    Raises:
        ConfigurationError: If a file is missing, unreadable or not what it should be.
    """

    def __init__(self, tls: TlsSection, origin: Origin, env: Mapping[str, str] | None = None) -> None:
        self._tls = tls
        self._origin = origin
        # Files are looked at now, even if only a redirect will need them.
        eager = origin.scheme == "https" or tls != TlsSection()
        self._own = tls_context(tls, env=env, certificate=True) if eager else None
        self._others: ssl.SSLContext | None = None

    def for_origin(self, origin: Origin) -> ssl.SSLContext | None:
        """Return the context of connections to an origin; None where they are not encrypted."""
        if origin.scheme != "https":
            return None
        if origin == self._origin:
            return self._own
        if self._others is None:
            self._others = tls_context(self._tls, certificate=False)
        return self._others


def _verifying() -> ssl.SSLContext:
    paths = ssl.get_default_verify_paths()
    if paths.cafile or paths.capath:
        return ssl.create_default_context()
    import certifi

    return ssl.create_default_context(cafile=certifi.where())


def _load_certificate(context: ssl.SSLContext, tls: TlsSection, env: Mapping[str, str] | None) -> None:
    cert_file = tls.cert_file or ""
    key, key_file = ("cert_file", cert_file) if tls.key_file is None else ("key_file", tls.key_file)
    _readable(cert_file, "cert_file")
    _readable(key_file, key)
    secret = tls.key_password
    password = "" if secret is None else resolve_secret(secret, key="target.tls.key_password", env=env)
    asked = False

    def give_password() -> str:
        # Without this the library would ask on the terminal.
        nonlocal asked
        asked = True
        return password

    try:
        context.load_cert_chain(cert_file, key_file, password=give_password)
    except ssl.SSLError as error:
        if error.reason == _MISMATCH:
            raise _bad(key, key_file, f"is not the key of the certificate in {cert_file}") from None
        if asked:
            what = "is not the password of" if secret else "is needed: a password protects"
            raise ConfigurationError(f"'target.tls.key_password' {what} the key in {key_file}") from None
        raise _bad(key, key_file, f"and cert_file {cert_file} hold no certificate and key in PEM form") from None


def _readable(path: str, key: str) -> None:
    try:
        with Path(path).open("rb"):
            pass
    except OSError as error:
        raise _bad(key, path, f"cannot be read: {error.strerror}") from None


def _bad(key: str, path: str, what: str) -> ConfigurationError:
    return ConfigurationError(
        f"'target.tls.{key}': {path} {what}", hint="relative paths start at the configuration file"
    )
