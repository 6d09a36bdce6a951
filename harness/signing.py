"""AWS Signature Version 4 for requests that are not made by AWS's SDK."""

from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from harness.errors import ConfigurationError, DependencyError


class RequestSigner(Protocol):
    """Proves who sends a request."""

    def ready(self) -> None:
        """Have credentials that are valid now.

        Raises:
            DependencyError: If they have expired and no new ones are to be had.
        """
        ...

    def signature(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> dict[str, str]:
        """Return the headers that a request needs besides those given.

        Args:
            method: HTTP method.
            url: The whole URL as it is sent.
            headers: What the signature covers; ``host`` among them.
            body: The body, byte for byte.

        Raises:
            DependencyError: If the credentials have expired and no new ones are to be had.
        """
        ...


class SigV4Signer:
    """Signs with the credentials that AWS's SDK finds: environment, profile, SSO, container or instance role.

    Credentials that expire are refreshed. Nothing of them is kept elsewhere.

    Args:
        service: The service's signing name, e.g. ``execute-api``.
        region: E.g. ``eu-west-1``.

    Raises:
        ConfigurationError: If there are no credentials.
    """

    def __init__(self, service: str, region: str) -> None:
        try:
            import botocore.session
            from botocore.exceptions import BotoCoreError
        except ImportError:
            raise ConfigurationError(
                "AWS signatures need boto3, which is not installed", hint="pip install 'reverse-rag[swarm]'"
            ) from None

        self._service, self._region = service, region
        try:
            self._credentials: Any = botocore.session.get_session().get_credentials()
        except BotoCoreError as error:
            raise ConfigurationError(f"AWS credentials cannot be loaded: {type(error).__name__}", hint=_HINT) from None
        if self._credentials is None:
            raise ConfigurationError("no AWS credentials were found to sign requests with", hint=_HINT)

    def ready(self) -> None:
        """Refresh the credentials if they are due."""
        self._frozen()

    def signature(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> dict[str, str]:
        """Return ``Authorization``, ``X-Amz-Date`` and, for temporary credentials, ``X-Amz-Security-Token``."""
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest

        parts = urlsplit(url)
        # Given as pairs, the query is brought into the canonical form that the service computes, too.
        query = parse_qsl(parts.query, keep_blank_values=True)
        request = AWSRequest(method, parts._replace(query="").geturl(), headers=dict(headers), data=body, params=query)
        SigV4Auth(self._frozen(), self._service, self._region).add_auth(request)
        return {name: value for name, value in request.headers.items() if name not in headers}

    def _frozen(self) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return self._credentials.get_frozen_credentials()
        except (BotoCoreError, ClientError, RuntimeError) as error:
            # The SDK raises a plain RuntimeError for new credentials that have expired already.
            raise DependencyError(f"AWS credentials cannot be refreshed: {type(error).__name__}", hint=_HINT) from None


_HINT = "`aws sts get-caller-identity` says whose credentials this machine finds"
