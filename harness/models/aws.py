"""Clients of Amazon Web Services, and what is said where its configuration cannot be used.

Importing this module imports boto3.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from harness.errors import ConfigurationError

_CONNECT_TIMEOUT_S = 10.0


def region_in(env: Mapping[str, str]) -> str | None:
    """Return the region that an environment names; None leaves it to AWS's own configuration."""
    return env.get("AWS_REGION") or env.get("AWS_DEFAULT_REGION")


@contextmanager
def usable(key: str) -> Iterator[None]:
    """Say which key needs AWS where its configuration is broken.

    Raises:
        ConfigurationError: If no region is configured or the AWS configuration is broken.
    """
    try:
        yield
    except (BotoCoreError, ValueError) as error:
        raise ConfigurationError(
            f"'{key}' needs a usable AWS configuration: {type(error).__name__}",
            hint="export AWS_REGION=… and credentials, or AWS_PROFILE=…",
        ) from None


def runtime_client(*, region: str | None, key: str, timeout_s: float, concurrency: int) -> Any:
    """Return a client of models on Bedrock that sends each request once: retrying is the caller's.

    Raises:
        ConfigurationError: If no region is configured or the AWS configuration is broken.
    """
    config = Config(
        read_timeout=timeout_s,
        connect_timeout=min(timeout_s, _CONNECT_TIMEOUT_S),
        max_pool_connections=concurrency,
        retries={"total_max_attempts": 1, "mode": "standard"},
    )
    with usable(key):
        # A session of its own: boto3's default one keeps the first credentials it ever saw.
        return boto3.Session().client("bedrock-runtime", region_name=region, config=config)
