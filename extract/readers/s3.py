"""Objects in S3 as paths."""

import os
from functools import lru_cache
from typing import Any


def s3_path(uri: str) -> Any:
    """Return a path of cloudpathlib for an ``s3://`` URI; ``AWS_ENDPOINT_URL`` points it to a local S3.

    What it downloads to read is removed when the file is closed: raw logs do not stay behind.
    """
    from cloudpathlib import S3Path

    return S3Path(uri, client=_client(os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")))


@lru_cache(maxsize=4)
def _client(endpoint: str | None) -> Any:
    from cloudpathlib import S3Client
    from cloudpathlib.enums import FileCacheMode

    return S3Client(endpoint_url=endpoint, file_cache_mode=FileCacheMode.close_file)
