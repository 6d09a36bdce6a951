"""The few calls to AWS that every stage may need."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from harness.errors import ConfigurationError, StorageError


def read_secret(arn: str, *, key: str) -> str:
    """Return the text of a secret in AWS Secrets Manager.

    Raises:
        ConfigurationError: If it cannot be read; names the configuration key, not the secret.
    """
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    region = arn.split(":")[3]
    try:
        reply = boto3.client("secretsmanager", region_name=region).get_secret_value(SecretId=arn)
    except (BotoCoreError, ClientError) as error:
        raise ConfigurationError(
            f"'{key}' names a secret in AWS Secrets Manager that cannot be read: {type(error).__name__}",
            hint="check the ARN, the region and the permission secretsmanager:GetSecretValue",
        ) from None
    return str(reply["SecretString"])


def read_object(uri: str, *, limit: int) -> bytes:
    """Return an object's first bytes in one request, without a copy on disk.

    Args:
        uri: ``s3://bucket/key``.
        limit: Bytes to read at most; a longer object comes cut off.

    Raises:
        StorageError: If it cannot be read; its message is S3's error code, such as ``NoSuchKey``.
    """
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    with _s3_errors():
        return bytes(_client().get_object(Bucket=bucket, Key=key)["Body"].read(limit))


def list_objects(prefix: str) -> Iterator[str]:
    """Yield the URIs of all objects below a prefix, in one request per thousand; not those that stand for folders.

    Args:
        prefix: ``s3://bucket/start-of-keys``.

    Raises:
        StorageError: If they cannot be listed; its message is S3's error code, such as ``NoSuchBucket``.
    """
    bucket, _, start = prefix.removeprefix("s3://").partition("/")
    with _s3_errors():
        for page in _client().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=start):
            for item in page.get("Contents", ()):
                if not item["Key"].endswith("/"):
                    yield f"s3://{bucket}/{item['Key']}"


@contextmanager
def _s3_errors() -> Iterator[None]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        raise StorageError(str(error.response.get("Error", {}).get("Code", "ClientError"))) from None
    except BotoCoreError as error:
        raise StorageError(type(error).__name__) from None


def _client() -> Any:
    return _s3(os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL"))


@lru_cache(maxsize=4)
def _s3(endpoint: str | None) -> Any:
    import boto3

    return boto3.client("s3", endpoint_url=endpoint)
