"""A WebSocket target through the command line: the example assistant behind a chat back end."""

import json
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from tests.e2e.conftest import Project, configure
from tests.swarm.websocket_server import Chat, WebSocketTarget


def test_a_gate_converses_over_websockets(project: Project, logs: Path, assistant: str) -> None:
    """The doctor reaches it, the gate decides on its answers, and a prompt can be sent again byte for byte."""

    def forward(chat: Chat, message: Any) -> None:
        connection = HTTPConnection(assistant.removeprefix("http://"))
        connection.request("POST", "/chat", json.dumps(message), {"content-type": "application/json"})
        chat.say(connection.getresponse().read().decode())
        connection.close()

    with WebSocketTarget(forward) as server:
        over_websocket = configure(project.folder, logs, server.url(""))
        examined = over_websocket.run("doctor")
        assert examined.returncode == 0, examined.stderr
        done = over_websocket.run("gate", "--tier", "main", "--json")
        assert done.returncode == 0, done.stderr
        gate = json.loads(done.stdout)
        assert (gate["decision"], gate["ledgers"]["infrastructure"]) == ("pass", 0)
        run = project.folder / "out" / "runs" / gate["run_id"]
        lines = [line for part in run.glob("exchanges/part-*.jsonl") for line in part.read_text().splitlines()]
        repeated = over_websocket.run("replay", json.loads(lines[0])["prompt_id"], "--json")
        assert repeated.returncode == 0, repeated.stderr
        assert all(turn["identical_request"] for turn in json.loads(repeated.stdout)["turns"])
    assert len(server.handshakes) <= len(server.messages)
    assert {seen["x-reverse-rag-run"] for seen in server.handshakes} >= {gate["run_id"]}
