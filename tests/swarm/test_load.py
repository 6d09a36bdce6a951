"""Loads as a swarm process sends them: what is counted is the schedule, never how fast this machine is."""

from datetime import datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from harness.contracts import Exchange
from harness.testing.target import TargetServer
from tests.swarm.runs import exchanges, make_run, prompt, questions, run_to_end, wait_until

SPIKE = [
    {"duration_s": 0, "rate": 20},
    {"duration_s": 0.5, "rate": 20},
    {"duration_s": 0, "rate": 100},
    {"duration_s": 0.4, "rate": 100},
    {"duration_s": 0.5, "rate": 0},
]
"""10 arrivals, then 40, then 25 on the way down."""


def due_s(rows: list[Exchange]) -> list[float]:
    """Return when first turns were due, in seconds since the first of them."""
    moments = sorted(datetime.fromisoformat(r.scheduled_at).timestamp() for r in rows if r.scheduled_at and not r.turn)
    return [moment - moments[0] for moment in moments]


def test_stages_bring_as_many_arrivals_as_their_rates_say_when_they_say(tmp_path: Path) -> None:
    """The profile ends at rate 0, with prompts left over."""
    with TargetServer(delay_s=0.02) as server:
        code, end = run_to_end(make_run(tmp_path, server, questions(200), load={"model": "open", "stages": SPIKE}))
    due = due_s(exchanges(tmp_path))
    assert (code, end["stopped_because"], end["done"]) == (0, "duration", 75)
    # The first arrival of a rate of 20 a second is due after 50 ms.
    assert [sum(moment + 0.05 <= limit + 1e-4 for moment in due) for limit in (0.5, 0.9, 1.4)] == [10, 50, 75]


def test_prompts_go_round_until_the_profile_has_begun_all_it_has_to(tmp_path: Path) -> None:
    load = {"model": "open", "rate": 50.0, "duration_s": 1.0, "arrivals": "poisson"}
    with TargetServer() as server:
        code, end = run_to_end(make_run(tmp_path / "one", server, questions(7), load=load, hold_duration=True))
        run_to_end(make_run(tmp_path / "two", server, questions(7), load=load, hold_duration=True))
    one, two = (due_s(exchanges(tmp_path / name)) for name in ("one", "two"))
    assert (code, end["stopped_because"]) == (0, "duration")
    assert len(one) == len(two) > 20
    assert all(abs(a - b) < 1e-4 for a, b in zip(one, two, strict=True)), "the seed decides"


def holds(folder: Path, goal: int) -> bool:
    return len(exchanges(folder)) >= goal


def test_a_profile_that_was_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    stages = [{"duration_s": 0, "rate": 40}, {"duration_s": 2, "rate": 40}, {"duration_s": 0, "rate": 0}]
    prompts = [prompt(number, "One?", "Two?") for number in range(200)]
    load = {"model": "open", "stages": stages}
    with TargetServer() as server:
        process = make_run(tmp_path, server, prompts, load=load)
        process.start()
        wait_until(partial(holds, tmp_path, 30))
        process.kill()
        process.wait(5)
        code, end = run_to_end(make_run(tmp_path, server, prompts, load=load))
    rows = exchanges(tmp_path)
    assert (code, end["stopped_because"]) == (0, "duration")
    assert (len({row.prompt_id for row in rows}), len(rows)) == (80, 160), "torn conversations are ended, not lost"


def test_users_come_one_after_another_and_go_again(tmp_path: Path) -> None:
    stages = [{"duration_s": 0.4, "users": 4}, {"duration_s": 0.4, "users": 4}, {"duration_s": 0.4, "users": 0}]
    with TargetServer(delay_s=0.05) as server:
        load = {"model": "closed", "stages": stages}
        code, end = run_to_end(make_run(tmp_path, server, questions(2000), load=load))
    assert (code, end["stopped_because"]) == (0, "duration")
    assert 4 <= end["done"] < 2000


def moment(written: str | None) -> float:
    assert written is not None
    return datetime.fromisoformat(written).timestamp()


def test_users_think_between_turns_and_conversations(tmp_path: Path) -> None:
    """What a user thinks is no latency: a turn is due when the reply before it was thought about."""
    prompts = [prompt(number, "One?", "Two?") for number in range(3)]
    load = {"model": "closed", "users": 1, "think_time_s": 0.2}
    with TargetServer() as server:
        code, _ = run_to_end(make_run(tmp_path, server, prompts, load=load))
    rows = sorted(exchanges(tmp_path), key=lambda row: moment(row.sent_at))
    assert (code, len(rows)) == (0, 6)
    for before, after in pairwise(rows):
        thought_s = moment(after.scheduled_at) - moment(before.sent_at) - (before.service_ms or 0) / 1000
        # A turn is due to the microsecond; the next conversation when this one was written, too.
        assert abs(thought_s - 0.2) < 1e-4 or (not after.turn and thought_s > 0.2 - 1e-4)


def test_a_stop_wakes_users_who_think(tmp_path: Path) -> None:
    load = {"model": "closed", "users": 2, "think_time_s": 3600}
    with TargetServer() as server:
        process = make_run(tmp_path, server, [prompt(n, "One?", "Two?") for n in range(9)], load=load)
        process.start()
        wait_until(lambda: len(server.requests) == 2)
        process.stop()
        assert process.wait(30) == 0
        assert len(server.requests) == 2


def test_production_s_stages_in_the_job_are_what_is_sent(tmp_path: Path) -> None:
    production: list[dict[str, Any]] = [
        {"duration_s": 0, "rate": 40},
        {"duration_s": 0.5, "rate": 40},
        {"duration_s": 0, "rate": 20},
        {"duration_s": 0.5, "rate": 20},
    ]
    with TargetServer() as server:
        process = make_run(tmp_path, server, questions(30), load={"model": "replay"}, production=production)
        code, end = run_to_end(process)
    due = due_s(exchanges(tmp_path))
    assert (code, end["done"]) == (0, 30)
    assert sum(moment + 0.025 <= 0.5 + 1e-4 for moment in due) == 20
