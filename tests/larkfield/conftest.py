"""Running instances of the example assistant, each its own process on a free port."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

import larkfield

PACKAGE_PARENT = Path(larkfield.__file__).parent.parent


def started(*options: str) -> subprocess.Popen[str]:
    """Start an instance; its standard streams are pipes."""
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE_PARENT)}
    command = [sys.executable, "-m", "larkfield", "--port", "0", "--latency-ms", "5", *options]
    return subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def url_of(process: subprocess.Popen[str]) -> str:
    """Wait until an instance is ready and return its address."""
    assert process.stdout is not None
    word, url = process.stdout.readline().split()
    assert word == "ready"
    return url


@contextmanager
def client_of(*options: str) -> Iterator[httpx.Client]:
    """Yield a client of a fresh instance, which is stopped afterwards."""
    with started(*options) as process:
        try:
            with httpx.Client(base_url=url_of(process), timeout=60) as client:
                yield client
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def good() -> Iterator[httpx.Client]:
    """A client of the good release."""
    with client_of("--release", "good") as client:
        yield client
