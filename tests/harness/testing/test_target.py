"""The test target itself: it answers over real HTTP and remembers what it was asked."""

import http.client
import json

import pytest

from harness.testing.target import TargetServer
from harness.testing.target_bodies import ANSWER, RELEASE
from harness.testing.target_ways import WAYS


def post(server: TargetServer, path: str, body: object) -> tuple[int, bytes, http.client.HTTPMessage]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    try:
        connection.request("POST", path, json.dumps(body), {"content-type": "application/json"})
        response = connection.getresponse()
        return response.status, response.read(), response.headers
    finally:
        connection.close()


def test_it_answers_and_remembers() -> None:
    with TargetServer() as server:
        status, body, headers = post(server, "/chat", {"message": "When?"})
        assert (status, headers["x-release"]) == (200, RELEASE)
        assert json.loads(body)["message"]["text"] == ANSWER
        assert server.prompts == ["When?"]
        assert server.requests[0].method == "POST"


def test_the_path_or_a_word_in_the_prompt_chooses_how_it_answers() -> None:
    with TargetServer() as server:
        assert post(server, "/500", {"message": "When?"})[0] == 500
        assert post(server, "/chat", {"message": "When, [429]?"})[0] == 429
        assert post(server, "/v1/chat/completions", {"messages": [{"role": "user", "content": "[404]"}]})[0] == 404


def test_it_speaks_openai_whole_and_streamed() -> None:
    messages = [{"role": "user", "content": "When?"}]
    with TargetServer() as server:
        whole = post(server, "/v1/chat/completions", {"messages": messages})[1]
        streamed = post(server, "/v1/chat/completions", {"messages": messages, "stream": True})[1]
    assert json.loads(whole)["choices"][0]["message"]["content"] == ANSWER
    assert streamed.endswith(b"data: [DONE]\n\n")


SILENT = {"bad-http", "chunked-cut", "close", "cut-json", "reset", "stream-cut"}


@pytest.mark.parametrize("way", sorted(WAYS.keys() - SILENT))
def test_every_way_is_a_whole_http_reply(way: str) -> None:
    with TargetServer(slow_s=0.01) as server:
        assert 200 <= post(server, f"/{way}", {"message": "When?"})[0] < 600


@pytest.mark.parametrize("way", sorted(SILENT))
def test_every_broken_way_breaks_off(way: str) -> None:
    with TargetServer() as server, pytest.raises((http.client.HTTPException, ConnectionError)):
        post(server, f"/{way}", {"message": "When?"})
