"""Clients of local model servers, in an environment that knows no real credentials."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from harness.models import ModelClient, RetryPolicy, connect
from harness.testing.servers import BedrockServer, Fault, ModelServer, OpenAIServer
from tests.harness.models.asking import QUICK

Start = Callable[..., tuple[ModelServer, ModelClient]]


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No profile, key or proxy of whoever runs the tests has a say."""
    for name in (
        "AWS_PROFILE",
        "AWS_DEFAULT_REGION",
        "AWS_SESSION_TOKEN",
        "AWS_BEARER_TOKEN_BEDROCK",
        "AWS_ENDPOINT_URL",
    ):
        monkeypatch.delenv(name, raising=False)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    values = {
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "invented",
        "AWS_SECRET_ACCESS_KEY": "invented",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(params=[OpenAIServer, BedrockServer], ids=["openai", "bedrock"])
def start(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Start a server of either kind that meets its first requests with faults, and a client of it."""
    with ExitStack() as running:

        def begin(
            *faults: Fault,
            timeout_s: float = 20.0,
            concurrency: int = 4,
            policy: RetryPolicy = QUICK,
            **settings: object,
        ) -> tuple[ModelServer, ModelClient]:
            server = running.enter_context(request.param(faults=faults, **settings))
            monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", server.url)
            client = connect(
                server.spec, timeout_s=timeout_s, concurrency=concurrency, key="judge.model", policy=policy
            )
            return server, client

        yield begin
