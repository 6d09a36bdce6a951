"""One run sent by several processes: the same exchanges, each once, whatever becomes of the workers."""

import os
import secrets
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

from harness.contracts import Exchange, Pair, Prompt
from harness.errors import ExitCode
from harness.jsonlines import read_parts
from harness.testing.target import TargetServer
from harness.testing.target_script import Answer, Asked, ScriptedTarget
from swarm.distribution import KEY_VARIABLE, Distribution
from swarm.job import EXCHANGES_FOLDER
from swarm.pacing import PLAIN_CONCURRENCY
from swarm.process import SwarmProcess
from tests.swarm.runs import exchanges, finish, make_run, prompt, questions, run_to_end, wait_until

TWO = Distribution(processes=2)


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def master(*, expect: int = 1) -> Distribution:
    return Distribution(master=True, bind_port=free_port(), expect_workers=expect)


def worker(at: Distribution, *, key: str | None = None, before: str = "", **env: str) -> "subprocess.Popen[bytes]":
    """Start a worker as another machine would, with nothing on its standard input."""
    code = f"{before}\nimport sys\nfrom swarm.__main__ import main\nsys.exit(main())"
    command = [sys.executable, "-P", "-c", code, "--worker", "127.0.0.1", str(at.bind_port)]
    own = {**os.environ, **env, **({KEY_VARIABLE: key} if key else {})}
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, env=own)


@contextmanager
def ending(*processes: "subprocess.Popen[bytes]") -> Iterator[None]:
    """Leave no process behind, whatever a test finds."""
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.communicate()


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    chosen = secrets.token_hex(32)
    monkeypatch.setenv(KEY_VARIABLE, chosen)
    return chosen


def workers_of(process: SwarmProcess) -> list[int]:
    assert process._process is not None
    return children(process._process.pid)


def children(pid: int) -> list[int]:
    """Return the ids of a process's children."""
    stats = [stat for path in Path("/proc").glob("[0-9]*/stat") if (stat := _stat(path))]
    return [int(stat[0]) for stat in stats if int(stat[1]) == pid]


def gone(pid: int) -> bool:
    """Return whether a process has ended; one that nobody has waited for yet has ended too."""
    stat = _stat(Path(f"/proc/{pid}/stat"))
    return stat is None or stat[2] == "Z"


def _stat(path: Path) -> tuple[str, str, str] | None:
    """Return a process's id, its parent's and its state."""
    try:
        before, _, after = path.read_text().rpartition(")")
    except OSError:
        return None
    state, parent, *_ = after.split()
    return before.partition(" ")[0], parent, state


def identities(folder: Path) -> Counter[tuple[str, str, int, int]]:
    return Counter((row.arm, row.prompt_id, row.attempt, row.turn) for row in exchanges(folder))


def recorded(folder: Path) -> int:
    return len(list(read_parts(folder / EXCHANGES_FOLDER)))


def conversations(count: int) -> list[Prompt]:
    return [prompt(number, f"First {number}?", f"Second {number}?") for number in range(count)]


def test_two_workers_record_what_one_process_does(tmp_path: Path) -> None:
    """Turns of one conversation come one after the other, whichever worker sends them."""
    prompts = conversations(40)
    body = {"question": "{prompt}", "log": "{history}", "thread": "{conversation_id}"}
    texts: list[dict[str, tuple[Any, ...]]] = []
    for name, distribution in (("one", None), ("two", TWO)):
        with TargetServer() as server:
            process = make_run(
                tmp_path / name, server, prompts, path="/echo", target={"body": body}, distribution=distribution
            )
            code, end = run_to_end(process)
            assert (code, end["stopped_because"], end["done"], end["sent"]) == (0, "prompts_sent", 40, 80)
            assert len(server.requests) == 80
        rows = exchanges(tmp_path / name)
        texts.append({row.exchange_id: (row.outcome, row.request_body, row.response_text, row.status) for row in rows})
    assert end["workers"] == {"joined": 2, "lost": 0, "dealt_again": 0, "late_replies": 0, "refused": 0}
    assert texts[0] == texts[1]
    assert identities(tmp_path / "one") == identities(tmp_path / "two")
    assert set(identities(tmp_path / "two").values()) == {1}


def test_what_a_turn_brings_along_reaches_whichever_worker_sends_the_next(tmp_path: Path) -> None:
    """Cookies and carried values go with the call: a worker remembers no conversation, and may die between turns."""

    def respond(asked: Asked) -> Answer:
        mine = f"of-{asked.json['talk']}"
        if asked.json.get("thread") is None:
            return Answer({"text": "new", "thread": {"id": mine}}, headers=[("set-cookie", f"seat={mine}; Path=/")])
        known = asked.json["thread"] == mine and asked.headers.get("cookie") == f"seat={mine}"
        return Answer({"text": "known" if known else "lost"})

    target = {
        "body": {"q": "{prompt}", "talk": "{conversation_id}", "thread": "{carry.thread}"},
        "carry": {"thread": "thread.id"},
        "cookies": True,
        "response": {"text": "text"},
    }
    prompts = [prompt(number, "One?", "Two?", "Three?") for number in range(40)]
    with ScriptedTarget(respond) as server:
        process = make_run(tmp_path, server, prompts, target=target, distribution=TWO)
        process.start()
        wait_until(lambda: recorded(tmp_path) >= 9)
        os.kill(workers_of(process)[0], signal.SIGKILL)
        code, _ = finish(process)
    assert code == 0
    said = Counter((row.turn, row.response_text) for row in exchanges(tmp_path))
    assert said == {(0, "new"): 40, (1, "known"): 40, (2, "known"): 40}


@pytest.mark.parametrize("model", ["closed", "open"])
def test_a_worker_that_is_killed_loses_nothing_and_doubles_nothing(tmp_path: Path, model: str) -> None:
    prompts = conversations(60)
    load = {"model": model, "users": 8, "rate": 60.0, "duration_s": 600.0}
    with TargetServer(delay_s=0.05) as server:
        process = make_run(tmp_path, server, prompts, load=load, distribution=TWO)
        process.start()
        wait_until(lambda: recorded(tmp_path) >= 20)
        os.kill(workers_of(process)[0], signal.SIGKILL)
        code, end = finish(process)
        sent = len(server.requests)
    assert (code, end["stopped_because"], end["done"]) == (0, "prompts_sent", 60)
    assert identities(tmp_path) == Counter(("load", one.prompt_id, 1, turn) for one in prompts for turn in (0, 1))
    assert end["workers"]["lost"] == 1
    assert end["workers"]["late_replies"] == 0
    assert end["sent"] == 120 + end["workers"]["dealt_again"], "what was sent again counts as sent"
    assert sum(row.resent for row in exchanges(tmp_path)) == end["workers"]["dealt_again"], "and is marked"
    assert sent <= end["sent"]


def test_a_silent_worker_s_calls_go_to_another_and_its_late_replies_are_dropped(tmp_path: Path) -> None:
    """Stopped, it sends no heartbeats; continued, it replies to what another worker has replied to long since."""
    prompts = questions(3000)
    with TargetServer(delay_s=0.05) as server:
        process = make_run(tmp_path, server, prompts, distribution=TWO)
        process.start()
        wait_until(lambda: recorded(tmp_path) >= 12)
        silent = workers_of(process)[0]
        os.kill(silent, signal.SIGSTOP)
        stuck = recorded(tmp_path)
        # Three users at most wait for the silent one; all six go on only when it is taken for lost.
        wait_until(lambda: recorded(tmp_path) >= stuck + 300)
        os.kill(silent, signal.SIGCONT)
        wait_until(lambda: recorded(tmp_path) >= stuck + 600)
        process.stop()
        code, end = finish(process)
    assert code == 0
    assert set(identities(tmp_path).values()) == {1}
    assert end["done"] == recorded(tmp_path)


def test_an_open_load_has_the_same_arrivals_from_two_workers(tmp_path: Path) -> None:
    """By its end exactly as many are due as the rate's integral says, and none is asked twice."""
    load = {"model": "open", "rate": 40.0, "duration_s": 2.5}
    with TargetServer() as server:
        process = make_run(tmp_path, server, questions(70), load=load, hold_duration=True, distribution=TWO)
        code, end = run_to_end(process)
        assert len(server.requests) == 100
    assert (code, end["stopped_because"], end["sent"]) == (0, "duration", 100)
    assert Counter(row.attempt for row in exchanges(tmp_path)) == {1: 70, 2: 30}
    assert set(identities(tmp_path).values()) == {1}
    assert all(row.latency_ms is not None and row.service_ms is not None for row in exchanges(tmp_path))
    assert all(
        row.latency_ms >= row.service_ms - 0.01
        for row in exchanges(tmp_path)
        if row.latency_ms is not None and row.service_ms
    )


def test_the_control_arm_is_asked_alone_by_workers_too(tmp_path: Path) -> None:
    tossed = [Pair(prompt_id=f"p{number:04d}", first="control" if number % 2 else "load") for number in range(8)]
    load = {"model": "closed", "users": 4, "duration_s": 60.0}
    with TargetServer(delay_s=0.01) as server:
        code, _ = run_to_end(make_run(tmp_path, server, conversations(20), load=load, pairs=tossed, distribution=TWO))
    rows: list[Exchange] = exchanges(tmp_path)
    arms = [row.arm for row in rows]
    assert code == 0
    assert arms == ["control"] * 8 + ["load"] * 40 + ["control"] * 8, "the arms overlap"
    control = [row for row in rows if row.arm == "control"]
    assert [row.turn for row in control] == [0, 1] * 8, "two control conversations overlap"


def test_the_kill_switch_leaves_the_target_alone_whoever_sends(tmp_path: Path) -> None:
    switch = {"min_requests": 10, "window_s": 600.0, "good_replies": 3}
    load = {"model": "closed", "users": 4, "duration_s": 60.0, "kill_switch": switch}
    with TargetServer(breaks_after=30, broken_for=40) as server:
        process = make_run(
            tmp_path, server, questions(500), load=load, path="/breaking", hold_duration=True, distribution=TWO
        )
        code, end = run_to_end(process)
        received = len(server.requests)
    assert (code, end["stopped_because"]) == (0, "kill_switch")
    assert end["kill_switch"]["recovery_s"] > 0
    assert received == recorded(tmp_path) < 120, "it went on sending"


def test_a_budget_of_requests_holds_for_all_workers_together(tmp_path: Path) -> None:
    with TargetServer() as server:
        process = make_run(tmp_path, server, questions(300), max_requests=77, distribution=TWO)
        code, end = run_to_end(process)
        assert len(server.requests) == recorded(tmp_path) == 77
    assert (code, end["stopped_because"]) == (0, "max_requests")


def test_sigterm_to_the_master_finishes_what_all_workers_have_in_flight(tmp_path: Path) -> None:
    with TargetServer(delay_s=0.1) as server:
        process = make_run(tmp_path, server, questions(2000), distribution=TWO)
        process.start()
        wait_until(lambda: len(server.requests) >= 20)
        workers = workers_of(process)
        process.interrupt()
        code, end = finish(process)
        assert len(server.requests) == recorded(tmp_path) == end["sent"] < 2000
    assert (code, end["stopped_because"], end["in_flight"]) == (ExitCode.TERMINATED, "terminated", 0)
    assert len(workers) == 2
    wait_until(lambda: all(map(gone, workers)))


@pytest.mark.parametrize("victim", ["master", "parent"])
def test_no_worker_outlives_its_master_and_the_run_goes_on_later(tmp_path: Path, victim: str) -> None:
    prompts = questions(150)
    with TargetServer(delay_s=0.03) as server:
        make_run(tmp_path, server, prompts)._job.write(tmp_path)
        # A parent of its own, which can be killed: it starts the master, and waits.
        code = "import sys, time, pathlib; from swarm.process import SwarmProcess; from swarm.job import read_job\n"
        code += "from swarm.distribution import Distribution\nfolder = pathlib.Path(sys.argv[1])\n"
        code += "SwarmProcess(folder, read_job(folder)[0], Distribution(processes=2)).start()\ntime.sleep(600)"
        parent = subprocess.Popen([sys.executable, "-P", "-c", code, str(tmp_path)])
        with ending(parent):
            wait_until(lambda: recorded(tmp_path) >= 20)
            (leader,) = children(parent.pid)
            workers = children(leader)
            assert len(workers) == 2
            os.kill(leader if victim == "master" else parent.pid, signal.SIGKILL)
            wait_until(lambda: all(map(gone, [leader, *workers])))
        before = recorded(tmp_path)
        assert before < 150
        code_now, end = run_to_end(make_run(tmp_path, server, prompts, distribution=TWO))
        got = Counter(server.prompts)
    resent = {row.prompt: row.resent for row in exchanges(tmp_path)}
    assert all(got[text] <= 1 + resent[text] for text in got), "a turn was sent again and is not marked"
    assert sum(resent.values()) <= PLAIN_CONCURRENCY, "more than what was in flight is marked"
    assert (code_now, end["done"], end["sent"]) == (0, 150, 150 - before)
    assert identities(tmp_path) == Counter(("semantic", one.prompt_id, 1, 0) for one in prompts)


def test_workers_elsewhere_join_late_leave_early_and_bring_their_own_secrets(tmp_path: Path, key: str) -> None:
    at = master()
    target = {"headers": {"authorization": "Bearer ${STAGING_TOKEN_OF_THE_TEST}"}}
    with TargetServer(delay_s=0.03) as server:
        process = make_run(tmp_path, server, questions(20_000), target=target, distribution=at)
        process.start()
        poor = worker(at)
        with ending(poor):
            assert b"STAGING_TOKEN_OF_THE_TEST" in poor.communicate(timeout=100)[1]
            assert poor.returncode == ExitCode.USAGE
        first = worker(at, STAGING_TOKEN_OF_THE_TEST="first-machine")
        with ending(first):
            wait_until(lambda: recorded(tmp_path) >= 10)
            second = worker(at, STAGING_TOKEN_OF_THE_TEST="second-machine")
            with ending(second):
                wait_until(
                    lambda: any(one.headers["authorization"] == "Bearer second-machine" for one in server.requests)
                )
                first.terminate()
                assert first.wait(60) == 0
                left_at = recorded(tmp_path)
                wait_until(lambda: recorded(tmp_path) >= left_at + 20)
                process.stop()
                code, end = finish(process)
                assert second.wait(60) == 0
        assert len(server.requests) == recorded(tmp_path) == end["done"], "one that leaves finishes what it has begun"
    assert (code, end["stopped_because"]) == (0, "stopped")
    assert (end["workers"]["joined"], end["workers"]["lost"], end["workers"]["refused"]) == (2, 0, 1)
    assert set(identities(tmp_path).values()) == {1}
    assert b"-machine" not in b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_a_stranger_without_the_key_is_refused(tmp_path: Path, key: str) -> None:
    at = master()
    with TargetServer() as server:
        process = make_run(tmp_path, server, questions(20), distribution=at)
        process.start()
        stranger = worker(at, key=secrets.token_hex(32))
        with ending(stranger):
            _, said = stranger.communicate(timeout=100)
            assert stranger.returncode == ExitCode.USAGE
            assert b"does not take this worker's key" in said
            assert server.requests == []
        friend = worker(at)
        with ending(friend):
            code, end = finish(process)
    assert (code, end["done"], end["workers"]["joined"]) == (0, 20, 1)


def test_a_worker_of_another_version_is_refused(tmp_path: Path, key: str) -> None:
    at = master()
    with TargetServer() as server:
        process = make_run(tmp_path, server, questions(20), distribution=at)
        process.start()
        other = worker(at, before="import locust\nimport swarm.distributed.worker as w\nw.VERSION = '0.0.1'")
        with ending(other):
            _, said = other.communicate(timeout=100)
            assert other.returncode == ExitCode.USAGE
            assert b"the worker is reverse-rag 0.0.1" in said
        friend = worker(at)
        with ending(friend):
            code, end = finish(process)
    assert (code, end["workers"]["refused"], end["workers"]["joined"]) == (0, 1, 1)


def test_a_worker_elsewhere_gives_up_a_master_that_is_gone(tmp_path: Path, key: str) -> None:
    at = master()
    with TargetServer(delay_s=0.03) as server:
        process = make_run(tmp_path, server, questions(20_000), distribution=at)
        process.start()
        lonely = worker(at, before="import locust.runners\nlocust.runners.MASTER_HEARTBEAT_TIMEOUT = 2")
        with ending(lonely):
            wait_until(lambda: recorded(tmp_path) >= 5)
            process.kill()
            _, said = lonely.communicate(timeout=100)
    assert lonely.returncode == ExitCode.DEPENDENCY
    assert b"the master went away" in said


def test_a_master_without_a_key_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "short")
    with TargetServer() as server:
        code, end = run_to_end(make_run(tmp_path, server, questions(2), distribution=master()))
    assert code == ExitCode.USAGE
    assert "at least 32" in end["message"]
    assert "short" not in orjson.dumps(end).decode()


def test_a_run_that_lost_all_its_workers_ends_and_says_so(tmp_path: Path) -> None:
    with TargetServer(delay_s=0.05) as server:
        process = make_run(tmp_path, server, questions(2000), distribution=TWO)
        process.start()
        wait_until(lambda: recorded(tmp_path) >= 10)
        for one in workers_of(process):
            os.kill(one, signal.SIGKILL)
        code, end = finish(process)
        assert recorded(tmp_path) <= len(server.requests)
    assert (code, end["stopped_because"], end["workers"]["lost"]) == (0, "workers_lost", 2)
    assert end["done"] == recorded(tmp_path) > 0


def test_silent_workers_of_this_machine_are_waited_for_while_their_processes_live(tmp_path: Path) -> None:
    with TargetServer(delay_s=0.05) as server:
        process = make_run(tmp_path, server, questions(200), distribution=TWO)
        process.start()
        wait_until(lambda: recorded(tmp_path) >= 10)
        silent = workers_of(process)
        for one in silent:
            os.kill(one, signal.SIGSTOP)
        # Stopped all at once, they are lost after about four seconds.
        wait_until(lambda: "a worker was lost" in process.talk)
        for one in silent:
            os.kill(one, signal.SIGCONT)
        code, end = finish(process)
    assert (code, end["stopped_because"], end["done"]) == (0, "prompts_sent", 200)
    assert set(identities(tmp_path).values()) == {1}


def test_workers_that_cannot_begin_end_the_run_with_their_reason(tmp_path: Path) -> None:
    """A secret that is missing is missing in every worker of this machine."""
    with TargetServer() as server:
        target = {"headers": {"authorization": "Bearer ${A_SECRET_THAT_NOBODY_SET}"}}
        code, end = run_to_end(make_run(tmp_path, server, questions(5), target=target, distribution=TWO))
        assert server.requests == []
    assert (code, end["stopped_because"]) == (ExitCode.DEPENDENCY, "workers_lost")
    assert "A_SECRET_THAT_NOBODY_SET" in end["message"]
