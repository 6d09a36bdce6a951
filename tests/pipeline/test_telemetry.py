"""A run's telemetry, from the configuration to a collector."""

from pathlib import Path

import pytest

from harness.config import load_settings
from harness.contracts import Exchange
from harness.storage import Storage
from harness.testing.target import TargetServer
from pipeline.artifacts import read_records
from pipeline.console import Console
from pipeline.runs import run_gate, run_swarm
from tests.pipeline.test_suites import publish
from tests.swarm.collector import Collector, points
from tests.swarm.test_telemetry import dead_url


def run(tmp_path: Path, server: TargetServer, endpoint: str | None, *, command: str = "gate") -> list[Exchange]:
    """Run the gate, or only the sending, on a suite of sixty prompts; return what was recorded."""
    storage = Storage(str(tmp_path / "out"))
    publish(storage, {"loan": 0.5, "room": 0.5}, each=30)
    file = tmp_path / "reverse-rag.toml"
    telemetry = f'[telemetry]\notlp_endpoint = "{endpoint}"\n' if endpoint else ""
    file.write_text(
        f'[target]\nurl = "{server.url()}"\nresponse = {{ text = "message.text" }}\n'
        f"[load]\nusers = 3\nduration_s = 0.5\ncontrol = 4\n[tiers.pr]\nprompts = 40\nrun_all = true\n{telemetry}",
        encoding="utf-8",
    )
    settings = load_settings(file, env={})
    console = Console(progress=False)
    if command == "gate":
        run_gate(settings, storage, console, suite="latest", tier="pr")
    else:
        run_swarm(settings, storage, console, suite="latest", tier="pr", resume=None)
    return list(read_records(storage.fetch("runs", "latest") / "exchanges", Exchange))


@pytest.mark.parametrize("command", ["gate", "swarm"])
def test_a_collector_sees_every_exchange_in_the_trace_that_the_target_saw(tmp_path: Path, command: str) -> None:
    with TargetServer() as server, Collector() as collector:
        recorded = run(tmp_path, server, collector.url, command=command)
        parents = {request.headers["traceparent"] for request in server.requests}
        spans, requests = collector.spans, points(collector.metrics["reverse_rag.requests"])
    assert len(spans) == len(recorded) == sum(int(point["asInt"]) for point in requests)
    assert {f"00-{span['traceId']}-{span['spanId']}-01" for span in spans} == parents
    assert {span["attributes"]["reverse_rag.exchange_id"] for span in spans} == {e.exchange_id for e in recorded}
    assert {span["attributes"]["reverse_rag.arm"] for span in spans} == {"control", "load"}
    whole = b"".join(body for _, body in collector.bodies).decode()
    texts = {text for e in recorded for text in (e.prompt, e.response_text) if text}
    assert not [text for text in texts if text in whole]


def test_a_dead_collector_changes_nothing_but_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = dead_url()
    with TargetServer() as server:
        recorded = run(tmp_path, server, url)
    said = [line for line in capsys.readouterr().err.splitlines() if "telemetry" in line]
    count = len(recorded)
    assert said == [f"telemetry: {count} of {count} spans and the last metrics did not reach {url} (refused)"]


def test_nothing_is_sent_unless_it_is_configured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with TargetServer() as server, Collector() as collector:
        assert run(tmp_path, server, None)
    assert collector.bodies == []
    assert "telemetry" not in capsys.readouterr().err
