"""Credentials, prices, and what connecting must not do."""

import asyncio
import gc
import subprocess
import sys
from collections.abc import Callable

import boto3
import pytest
from pydantic import BaseModel
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.models.test import TestModel

from harness.errors import ModelError
from harness.models import connect, parse_spec
from harness.models.answers import tool_for
from harness.models.once import fitted_once, registering_once
from harness.models.pricing import TokenCount, cost_usd
from harness.testing.servers import BedrockServer, OpenAIServer
from tests.harness.models.asking import QUICK, Grade, ask

MILLION = TokenCount(input_tokens=1_000_000, output_tokens=1_000_000)


def run_python(program: str) -> str:
    """Run a program in a fresh interpreter and return what it prints."""
    return subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=120
    ).stdout.strip()


def test_the_openai_key_is_sent_as_a_bearer_token() -> None:
    with OpenAIServer() as server:
        env = {"OPENAI_API_KEY": "invented-key"}
        ask(connect(server.spec, timeout_s=10.0, concurrency=1, key="judge.model", env=env), Grade)
        assert server.calls[0].headers["authorization"] == "Bearer invented-key"


def test_a_key_never_stands_in_an_error() -> None:
    with OpenAIServer() as server:
        url = server.spec
    client = connect(
        url, timeout_s=2.0, concurrency=1, key="judge.model", policy=QUICK, env={"OPENAI_API_KEY": "invented-key"}
    )
    with pytest.raises(ModelError) as caught:
        ask(client, Grade)
    assert "invented-key" not in f"{caught.value!r} {caught.value.hint}"


def test_a_proxy_of_the_environment_is_not_asked_for_this_machines_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with OpenAIServer() as server:
        ask(connect(server.spec, timeout_s=10.0, concurrency=1, key="judge.model"), Grade)
        assert server.requests == 1


def test_bedrock_signs_with_the_environments_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    with BedrockServer() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", server.url)
        ask(connect(server.spec, timeout_s=10.0, concurrency=1, key="judge.model"), Grade)
        header = server.calls[0].headers["authorization"]
    assert header.startswith("AWS4-HMAC-SHA256 Credential=invented/")
    assert "/us-east-1/bedrock/aws4_request" in header


def test_bedrock_without_credentials_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with BedrockServer() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", server.url)
        client = connect(server.spec, timeout_s=10.0, concurrency=1, key="judge.model", policy=QUICK)
        with pytest.raises(ModelError, match="cannot be asked: NoCredentialsError") as caught:
            ask(client, Grade)
        assert server.requests == 0
    assert "credentials" in caught.value.hint


def test_a_known_model_has_its_list_price() -> None:
    """Amazon Nova Lite: $0.06 for a million tokens in, $0.24 for a million out."""
    spec = parse_spec("bedrock:amazon.nova-lite-v1:0", key="k", env={})
    assert cost_usd(spec, MILLION) == pytest.approx(0.30)


def test_a_regional_inference_profile_is_priced_as_its_model() -> None:
    spec = parse_spec("bedrock:eu.amazon.nova-lite-v1:0", key="k", env={})
    assert cost_usd(spec, MILLION) == pytest.approx(0.30)


def test_a_server_of_ones_own_is_not_priced_by_its_models_name() -> None:
    at_openai = parse_spec("openai:gpt-4o-mini", key="k", env={})
    at_home = parse_spec("openai:gpt-4o-mini@http://127.0.0.1:8000/v1", key="k", env={})
    assert cost_usd(at_openai, MILLION) == pytest.approx(0.75)
    assert cost_usd(at_home, MILLION) is None


def test_an_unknown_model_has_no_price_and_offline_costs_nothing() -> None:
    assert cost_usd(parse_spec("bedrock:nobody.knows-v1:0", key="k", env={}), MILLION) is None
    assert cost_usd(parse_spec("offline", key="k", env={}), MILLION) == 0.0


def test_a_reply_carries_its_price(monkeypatch: pytest.MonkeyPatch) -> None:
    with BedrockServer() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", server.url)
        usage = ask(connect(server.spec, timeout_s=10.0, concurrency=1, key="judge.model"), Grade).usage
    assert usage.cost_usd == pytest.approx(100 * 0.06e-6 + 20 * 0.24e-6)
    assert usage.priced


def test_nothing_heavy_is_imported_before_a_model_is_wanted() -> None:
    heavy = ("pydantic_ai", "openai", "boto3", "botocore", "genai_prices", "httpx2", "anyio")
    program = f"import sys, harness.models; print([name for name in {heavy!r} if name in sys.modules])"
    assert run_python(program) == "[]"


@pytest.fixture
def watched() -> Callable[[str], str]:
    """Run a program that prints every address it opens a connection to, other than this machine's."""
    watch = (
        "import sys\n"
        "def hook(event, args):\n"
        "    if event in ('socket.connect', 'socket.getaddrinfo'):\n"
        "        host = args[1][0] if event == 'socket.connect' and isinstance(args[1], tuple) else str(args[0])\n"
        "        if host not in ('127.0.0.1', 'localhost'): print('went to', host)\n"
        "sys.addaudithook(hook)\n"
    )
    return lambda program: run_python(watch + program)


def test_nothing_but_the_named_server_is_ever_contacted(watched: Callable[[str], str]) -> None:
    """Prices, telemetry and update checks included: the interpreter's own audit hook sees every connection."""
    program = (
        "import asyncio, time\n"
        "from harness.models import connect, parse_spec\n"
        "from harness.models.pricing import TokenCount, cost_usd\n"
        "from harness.testing.servers import OpenAIServer\n"
        "from tests.harness.models.asking import Grade, ask\n"
        "with OpenAIServer() as server:\n"
        "    ask(connect(server.spec, timeout_s=10.0, concurrency=1, key='judge.model'), Grade)\n"
        "spec = parse_spec('openai:gpt-4o-mini', key='k', env={})\n"
        "print(cost_usd(spec, TokenCount(input_tokens=1_000_000)))\n"
    )
    assert watched(program) == "0.15"


def test_the_audit_hook_would_see_a_stray_connection(watched: Callable[[str], str]) -> None:
    program = "import socket\ntry: socket.create_connection(('host.invalid', 80), 0.1)\nexcept OSError: pass\n"
    assert "went to host.invalid" in watched(program)


class Judged(BaseModel):
    """Another form than a grade."""

    passed: bool


def test_a_tools_schema_is_fitted_to_the_model_once() -> None:
    fitted = []

    class Fitting(TestModel):
        def customize_request_parameters(
            self, model_request_parameters: ModelRequestParameters
        ) -> ModelRequestParameters:
            fitted.append(model_request_parameters)
            return super().customize_request_parameters(model_request_parameters)

    model = fitted_once(Fitting())
    grade, call = tool_for(Grade), tool_for(Judged)
    first = model.customize_request_parameters(grade)
    assert model.customize_request_parameters(grade) is first
    assert model.customize_request_parameters(call) is not first
    assert fitted == [grade, call]


def test_a_handler_with_a_name_is_registered_once() -> None:
    client = registering_once(boto3.Session().client("bedrock-runtime", region_name="us-east-1"))
    heard: list[str] = []
    for _ in range(3):
        client.meta.events.register_first("invented-event.*", lambda **_: heard.append("named"), unique_id="one")
    client.meta.events.register_first("invented-event.*", lambda **_: heard.append("nameless"))
    client.meta.events.emit("invented-event.here")
    assert sorted(heard) == ["named", "nameless"]


def test_what_a_connection_loads_is_not_walked_again_and_again() -> None:
    before = gc.get_freeze_count()
    client = connect("openai:m@http://127.0.0.1:9/v1", timeout_s=1, concurrency=1, key="judge.model")
    asyncio.run(client.close())
    assert gc.get_freeze_count() > before
