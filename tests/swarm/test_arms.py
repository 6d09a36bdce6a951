"""The control arm, the kill switch and over-saturation, as the parent of a real sending process sees them."""

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from harness.contracts import Exchange, Pair
from harness.jsonlines import read_parts
from harness.testing.target import TargetServer
from swarm.job import EXCHANGES_FOLDER, read_end, write_end
from tests.swarm.runs import exchanges, finish, make_run, prompt, questions, run_to_end, wait_until

CLOSED = {"model": "closed", "users": 4, "duration_s": 60.0}


def pairs(first: dict[int, Any]) -> list[Pair]:
    return [Pair(prompt_id=f"p{number:04d}", first=arm) for number, arm in first.items()]


def places(rows: list[Exchange], arm: str) -> list[int]:
    """Return where an arm's exchanges stand in the order of recording."""
    return [place for place, row in enumerate(rows) if row.arm == arm]


def test_the_control_arm_is_asked_alone_before_and_after_the_load(tmp_path: Path) -> None:
    """A coin says which pairs come before; nothing of the load is under way meanwhile."""
    prompts = [prompt(number, f"First {number}?", f"Second {number}?") for number in range(6)]
    tossed = pairs({0: "load", 1: "control", 2: "load", 3: "control"})
    with TargetServer() as server:
        code, end = run_to_end(make_run(tmp_path, server, prompts, load=CLOSED, pairs=tossed))
    rows = exchanges(tmp_path)
    by_arm = {arm: [row.prompt_id for row in rows if row.arm == arm and row.turn == 0] for arm in ("control", "load")}
    assert (code, end["stopped_because"], end["done"]) == (0, "prompts_sent", 6)
    assert by_arm["control"] == ["p0001", "p0003", "p0000", "p0002"]
    assert sorted(by_arm["load"]) == [one.prompt_id for one in prompts]
    load = places(rows, "load")
    assert load == list(range(load[0], load[-1] + 1)), "the arms overlap"
    assert load[0] == 4, "two conversations of two turns come before"
    assert len({row.exchange_id for row in rows}) == len(rows) == 20


def test_the_golden_arm_comes_first_and_is_no_part_of_the_load(tmp_path: Path) -> None:
    golden, regressions = [prompt(90, "One?", "Two?")], [prompt(91), prompt(92)]
    with TargetServer() as server:
        code, end = run_to_end(
            make_run(tmp_path, server, questions(4), load=CLOSED, golden=golden, regressions=regressions)
        )
    rows = exchanges(tmp_path)
    assert (code, end["stopped_because"], end["done"]) == (0, "prompts_sent", 4)
    assert {row.prompt_id for row in rows if row.arm == "golden"} == {"p0090", "p0091", "p0092"}
    assert sorted(places(rows, "golden")) == [0, 1, 2, 3]
    assert [row.turn for row in rows if row.prompt_id == "p0090"] == [0, 1]


def test_a_killed_golden_arm_goes_on_where_it_was_and_keeps_to_the_ceiling_of_requests(tmp_path: Path) -> None:
    golden = [prompt(number) for number in range(50, 90)]
    with TargetServer(delay_s=0.02) as server:
        process = make_run(tmp_path, server, questions(2), golden=golden)
        process.start()
        wait_until(lambda: len(list(read_parts(tmp_path / EXCHANGES_FOLDER))) >= 5)
        assert process._process is not None
        os.kill(process._process.pid, signal.SIGKILL)
        process.wait(5)
        code, end = run_to_end(make_run(tmp_path, server, questions(2), golden=golden, max_requests=1000))
        again, stopped = run_to_end(make_run(tmp_path / "b", server, questions(2), golden=golden, max_requests=5))
    rows = exchanges(tmp_path)
    assert (code, again, end["stopped_because"], stopped["stopped_because"]) == (0, 0, "prompts_sent", "max_requests")
    assert Counter(row.arm for row in rows) == {"golden": 40, "semantic": 2}
    assert len({row.exchange_id for row in rows}) == 42
    assert len(exchanges(tmp_path / "b")) == 5


def test_a_killed_run_goes_on_with_every_phase_where_it_was(tmp_path: Path) -> None:
    prompts = questions(30)
    tossed = pairs({number: ("control" if number % 2 else "load") for number in range(20)})
    wanted = Counter({("load", one.prompt_id): 1 for one in prompts})
    wanted.update({("control", pair.prompt_id): 1 for pair in tossed})
    with TargetServer(delay_s=0.01) as server:
        for goal in (5, 44):
            process = make_run(tmp_path, server, prompts, load=CLOSED, pairs=tossed)
            process.start()
            wait_until(lambda least=goal: len(list(read_parts(tmp_path / EXCHANGES_FOLDER))) >= least)  # type: ignore[misc]
            assert process._process is not None
            os.kill(process._process.pid, signal.SIGKILL)
            process.wait(5)
        code, _ = run_to_end(make_run(tmp_path, server, prompts, load=CLOSED, pairs=tossed))
    rows = exchanges(tmp_path)
    assert code == 0
    assert Counter((row.arm, row.prompt_id) for row in rows) == wanted
    first = {pair.prompt_id: pair.first for pair in tossed}
    load = places(rows, "load")
    before = [row.prompt_id for row in rows[: load[0]]]
    assert {first[prompt_id] for prompt_id in before} == {"control"}
    assert len(before) == 10


def test_enough_lets_the_load_and_then_the_control_arm_go_on(tmp_path: Path) -> None:
    load = {**CLOSED, "duration_s": 1.0}
    tossed = pairs(dict.fromkeys(range(2), "load"))
    with TargetServer(delay_s=0.02) as server:
        process = make_run(tmp_path, server, questions(3), load=load, pairs=tossed, hold_duration=True)
        process.start()
        wait_until(lambda: len(server.requests) >= 2)
        process.enough()
        code, end = finish(process)
    rows = exchanges(tmp_path)
    assert (code, end["stopped_because"]) == (0, "decided")
    assert [row.prompt_id for row in rows[-2:]] == ["p0000", "p0001"]
    assert places(rows, "control") == [len(rows) - 2, len(rows) - 1]


def test_a_stop_ends_the_control_arm_too(tmp_path: Path) -> None:
    tossed = pairs(dict.fromkeys(range(400), "control"))
    with TargetServer(delay_s=0.02) as server:
        process = make_run(tmp_path, server, questions(400), load=CLOSED, pairs=tossed)
        process.start()
        wait_until(lambda: len(server.requests) >= 3)
        process.stop()
        code, end = finish(process)
    rows = exchanges(tmp_path)
    assert (code, end["stopped_because"]) == (0, "stopped")
    assert {row.arm for row in rows} == {"control"}
    assert len(rows) == len(server.requests) < 400


def switch(**limits: Any) -> dict[str, Any]:
    return {"kill_switch": {"min_requests": 10, "window_s": 600.0, "good_replies": 3, **limits}}


@pytest.mark.parametrize("model", ["closed", "open"])
def test_a_target_that_breaks_is_left_alone_and_its_recovery_measured(tmp_path: Path, model: str) -> None:
    """The server counts: 30 good answers, 40 broken ones, then good ones again."""
    load = {"model": model, "users": 4, "rate": 100.0, "duration_s": 60.0, **switch()}
    with TargetServer(breaks_after=30, broken_for=40) as server:
        process = make_run(tmp_path, server, questions(500), load=load, path="/breaking", hold_duration=True)
        code, end = run_to_end(process)
        received = len(server.requests)
    rows = exchanges(tmp_path)
    tripped = end["kill_switch"]
    assert (code, end["stopped_because"]) == (0, "kill_switch")
    assert "broke under the load" in end["message"]
    assert tripped["error_share"] > tripped["limit"] == 0.5
    assert tripped["requests"] >= 61
    assert tripped["recovery_s"] > 0
    assert received == len(rows) < 120, "it went on sending"
    probes = [row for row in rows if row.arm == "control"]
    assert [row.outcome for row in probes[-3:]] == ["answered"] * 3
    assert min(row.attempt for row in probes) == 2, "a probe must enter no rate and no pair"
    assert read_end(tmp_path)["kill_switch"] == tripped


def test_errors_of_the_control_arm_after_the_load_do_not_trip_the_switch(tmp_path: Path) -> None:
    load = {**CLOSED, **switch(error_share=0.2)}
    tossed = pairs(dict.fromkeys(range(30), "load"))
    with TargetServer(breaks_after=30, broken_for=10_000) as server:
        code, end = run_to_end(make_run(tmp_path, server, questions(30), load=load, path="/breaking", pairs=tossed))
    control = [row.outcome for row in exchanges(tmp_path) if row.arm == "control"]
    assert (code, end["stopped_because"], end["kill_switch"]) == (0, "prompts_sent", None)
    assert control == ["http_error"] * 30


def test_a_run_taken_up_after_its_load_does_not_repeat_it(tmp_path: Path) -> None:
    load = {**CLOSED, "duration_s": 0.5}
    tossed = pairs(dict.fromkeys(range(20), "load"))
    with TargetServer(delay_s=0.02) as server:
        process = make_run(tmp_path, server, questions(20), load=load, pairs=tossed, hold_duration=True)
        process.start()
        wait_until(lambda: len(places(exchanges(tmp_path), "control")) >= 2)
        process.kill()
        process.wait(5)
        sent, began = len(places(exchanges(tmp_path), "load")), read_end(tmp_path)["load_began_at"]
        code, _ = run_to_end(make_run(tmp_path, server, questions(20), load=load, pairs=tossed, hold_duration=True))
    rows = exchanges(tmp_path)
    assert code == 0
    assert (len(places(rows, "load")), len(places(rows, "control"))) == (sent, 20)
    end = read_end(tmp_path)
    assert (end["load_began_at"], end["load_over"], end["stopped_because"]) == (began, True, "duration")


def test_a_conversation_is_under_way_from_its_arrival_on(tmp_path: Path) -> None:
    """Else the load could end between its last arrival and the greenlet that sends it."""
    script = (
        "from swarm.locust_user import Swarm; import gevent.pool; from swarm.monitor import Monitor\n"
        "swarm = Swarm.__new__(Swarm)\n"
        "swarm.monitor, swarm._workers, swarm.conversations = Monitor(planned=1), object(), gevent.pool.Group()\n"
        "swarm.begin(None, 0.0)\n"
        "print(swarm.monitor.begun, swarm.monitor.busy)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert done.stdout.split() == ["1", "1"]


def test_a_target_that_stays_broken_is_given_up_after_its_time(tmp_path: Path) -> None:
    load = {**CLOSED, **switch(recover_within_s=0.6)}
    tossed = pairs({0: "load"})
    with TargetServer(breaks_after=0, broken_for=10_000) as server:
        process = make_run(tmp_path, server, questions(500), load=load, path="/breaking", pairs=tossed)
        code, end = run_to_end(process)
    assert (code, end["stopped_because"]) == (0, "kill_switch")
    assert end["kill_switch"]["recovery_s"] is None
    assert "did not recover" in end["message"]
    assert all(row.attempt > 1 for row in exchanges(tmp_path) if row.arm == "control"), "the control arm must not start"


def test_without_the_switch_a_broken_target_is_sent_everything(tmp_path: Path) -> None:
    load = {**CLOSED, **switch(enabled=False)}
    with TargetServer(breaks_after=0, broken_for=10_000) as server:
        end = run_to_end(make_run(tmp_path, server, questions(40), load=load, path="/breaking"))[1]
    assert (end["stopped_because"], end["done"], end["kill_switch"]) == ("prompts_sent", 40, None)


def test_a_target_that_cannot_keep_up_ends_the_run_where_that_is_asked_for(tmp_path: Path) -> None:
    load = {"model": "open", "rate": 40.0, "duration_s": 300.0, "saturation_s": 4.0, "stop_when_saturated": True}
    load |= {"kill_switch": {"enabled": False}}
    with TargetServer(slow_s=0.1) as server:
        process = make_run(tmp_path, server, questions(12_000), load=load, path="/serial", target={"timeout_s": 60.0})
        code, end = run_to_end(process)
        assert server.strain.most_at_once > 20
    assert (code, end["stopped_because"]) == (0, "over_saturated")
    assert "cannot keep up" in end["message"]
    assert end["saturation"]["sustained_rate"] < end["saturation"]["arrival_rate"]


def test_what_the_load_did_to_the_target_outlives_the_process_that_saw_it(tmp_path: Path) -> None:
    """Else a resumed run would know nothing of it."""
    assert read_end(tmp_path) == {}
    write_end(tmp_path, {"stopped_because": "kill_switch", "kill_switch": {"limit": 0.5}, "saturation": None})
    write_end(tmp_path, {"stopped_because": "prompts_sent", "kill_switch": None, "saturation": {"since_s": 1.0}})
    end = read_end(tmp_path)
    assert (end["stopped_because"], end["kill_switch"], end["saturation"]) == (
        "prompts_sent",
        {"limit": 0.5},
        {"since_s": 1.0},
    )
