"""The scripted model servers speak the wire formats of the real ones: seen by clients that are not ours."""

import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from harness.testing.servers import BedrockServer, Fault, OpenAIServer

SCHEMA = {"type": "object", "properties": {"n": {"type": "integer", "minimum": 3}}, "required": ["n"]}
CHAT = {
    "model": "m",
    "messages": [{"role": "system", "content": "s"}, {"role": "user", "content": [{"type": "text", "text": "p"}]}],
}
TOOL = {"type": "function", "function": {"name": "t", "parameters": SCHEMA}}
CONVERSE = {
    "messages": [{"role": "user", "content": [{"text": "p"}]}],
    "system": [{"text": "s"}],
    "toolConfig": {"tools": [{"toolSpec": {"name": "t", "inputSchema": {"json": SCHEMA}}}]},
}


def fetch(url: str, body: dict[str, Any] | None = None) -> tuple[int, dict[str, str], Any]:
    """Send JSON with the standard library; return status, headers and parsed body, of errors too."""
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url, data, {"content-type": "application/json"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:  # noqa: S310
            return reply.status, dict(reply.headers), json.load(reply)
    except urllib.error.HTTPError as error:
        return error.code, {name.lower(): value for name, value in error.headers.items()}, json.load(error)


def test_a_chat_completion_calls_the_offered_tool() -> None:
    with OpenAIServer() as server:
        status, _, reply = fetch(f"{server.url}/chat/completions", {**CHAT, "tools": [TOOL], "tool_choice": "required"})
    (choice,) = reply["choices"]
    function = choice["message"]["tool_calls"][0]["function"]
    assert (status, reply["object"], choice["finish_reason"]) == (200, "chat.completion", "tool_calls")
    assert (function["name"], json.loads(function["arguments"])) == ("t", {"n": 3})
    assert reply["usage"] == {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}


def test_a_chat_completion_follows_the_response_format() -> None:
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA}}
    with OpenAIServer() as server:
        _, _, reply = fetch(f"{server.url}/chat/completions", {**CHAT, "response_format": form})
    assert json.loads(reply["choices"][0]["message"]["content"]) == {"n": 3}
    assert reply["choices"][0]["finish_reason"] == "stop"


def test_a_chat_completion_without_a_form_is_text() -> None:
    with OpenAIServer() as server:
        _, _, reply = fetch(f"{server.url}/chat/completions", {**CHAT, "tools": [TOOL], "tool_choice": "none"})
        (received,) = server.calls
    assert reply["choices"][0]["message"]["content"] == "some text"
    assert (received.model, received.system, received.prompt, received.tool) == ("m", "s", "p", None)


def test_models_are_listed() -> None:
    with OpenAIServer() as server:
        status, _, reply = fetch(f"{server.url}/models")
    assert (status, [model["id"] for model in reply["data"]]) == (200, ["scripted-model"])


def test_converse_calls_the_offered_tool() -> None:
    with BedrockServer() as server:
        status, _, reply = fetch(f"{server.url}/model/amazon.nova%3A0/converse", CONVERSE)
        (received,) = server.calls
    (block,) = reply["output"]["message"]["content"]
    assert (status, reply["stopReason"]) == (200, "tool_use")
    assert (block["toolUse"]["name"], block["toolUse"]["input"]) == ("t", {"n": 3})
    assert reply["usage"] == {"inputTokens": 100, "outputTokens": 20, "totalTokens": 120}
    assert (received.model, received.system, received.prompt) == ("amazon.nova:0", "s", "p")


def test_converse_throttles_in_awss_error_shape() -> None:
    with BedrockServer(faults=[Fault.throttle(retry_after_s=2)]) as server:
        status, headers, reply = fetch(f"{server.url}/model/m/converse", CONVERSE)
    assert (status, headers["retry-after"], reply) == (429, "2", {"message": "scripted"})
    assert headers["x-amzn-errortype"].startswith("ThrottlingException:")


def test_chat_throttles_in_openais_error_shape() -> None:
    with OpenAIServer(faults=[Fault.throttle()]) as server:
        status, headers, reply = fetch(f"{server.url}/chat/completions", CHAT)
    assert (status, reply["error"]["code"]) == (429, "rate_limit_exceeded")
    assert "retry-after" not in headers


def test_the_answer_is_a_function_of_the_call() -> None:
    with OpenAIServer(lambda call: {"n": len(call.prompt) + 9}) as server:
        _, _, reply = fetch(f"{server.url}/chat/completions", {**CHAT, "tools": [TOOL]})
    arguments = reply["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"]
    assert json.loads(arguments) == {"n": 10}


def test_faults_meet_the_first_requests_in_order() -> None:
    with OpenAIServer(faults=[Fault.error(500), Fault.error(503)]) as server:
        statuses = [fetch(f"{server.url}/chat/completions", CHAT)[0] for _ in range(3)]
    assert statuses == [500, 503, 200]
    assert server.requests == len(server.calls) == 3


@pytest.mark.parametrize("path", ["/v1/completions", "/model/m/invoke"])
def test_other_paths_are_not_found(path: str) -> None:
    for kind in (OpenAIServer, BedrockServer):
        with kind() as server:
            assert fetch(server.origin + path, CHAT)[0] == 404
            assert fetch(server.origin + path)[0] == 404


def test_a_stopped_server_frees_its_port_and_ends_waiting_replies() -> None:
    with OpenAIServer() as server:
        url = server.url
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(f"{url}/models", timeout=2)  # noqa: S310
