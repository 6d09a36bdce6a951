"""Locust's web UI on request: it shows the run's statistics, and steers nothing."""

import http.client
import json
from pathlib import Path

import pytest

from harness.errors import ExitCode
from harness.testing.target import TargetServer
from swarm.distribution import Distribution
from tests.swarm.runs import finish, make_run, questions, run_to_end, wait_until
from tests.swarm.test_distributed import free_port, recorded


def ask(port: int, method: str, path: str, **headers: str) -> tuple[int, str, dict[str, str]]:
    """Return status, body and headers of a reply; a status of 0 where nobody listens yet."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, headers=headers)
        reply = connection.getresponse()
        return reply.status, reply.read().decode("utf-8", "replace"), {k.lower(): v for k, v in reply.getheaders()}
    except ConnectionError:
        return 0, "", {}
    finally:
        connection.close()


@pytest.mark.parametrize("processes", [1, 2])
def test_the_ui_shows_merged_statistics_and_can_only_end_the_run(tmp_path: Path, processes: int) -> None:
    port = free_port()
    with TargetServer(delay_s=0.03) as server:
        process = make_run(
            tmp_path,
            server,
            questions(20_000),
            distribution=Distribution(processes=processes, web_port=port),
        )
        process.start()
        wait_until(lambda: recorded(tmp_path) >= 40)
        wait_until(lambda: json.loads(ask(port, "GET", "/stats/requests")[1])["stats"][-1]["num_requests"] >= 40)
        shown = {
            path: ask(port, "GET", path) for path in ("/", "/stats/requests", "/stats/requests/csv", "/exceptions")
        }
        assert {status for status, _, _ in shown.values()} == {200}
        assert not any("Question number" in body for _, body, _ in shown.values()), "prompts must not be shown"
        assert not any(name.startswith("access-control") for _, _, headers in shown.values() for name in headers)
        for method, path in (("POST", "/swarm"), ("POST", "/user"), ("POST", "/stats/reset"), ("GET", "/stats/reset")):
            assert ask(port, method, path)[0] == 403, path
        assert ask(port, "GET", "/stats/requests", Host="evil.test")[0] == 403, "a name that points here is refused"
        assert ask(port, "POST", "/stop")[0] == 403
        assert ask(port, "POST", "/stop", Origin="http://evil.test")[0] == 403
        assert process.running
        assert ask(port, "POST", "/stop", Origin=f"http://127.0.0.1:{port}")[0] == 200
        code, end = finish(process)
        assert len(server.requests) == recorded(tmp_path) == end["done"]
    assert (code, end["stopped_because"]) == (0, "stopped")


def test_a_port_that_is_taken_is_said_before_anything_is_sent(tmp_path: Path) -> None:
    with TargetServer() as server:
        taken = Distribution(web_port=server.port)
        code, end = run_to_end(make_run(tmp_path, server, questions(3), distribution=taken))
        assert server.requests == []
    assert code == ExitCode.DEPENDENCY
    assert "--web-port" in end["hint"]
