"""How a run stands, put together from the sender's events."""

from typing import Any

import pytest

from harness.config import LoadSection, TargetSection
from pipeline.standing import SenderView, Sending
from swarm.job import SwarmJob
from swarm.quantiles import slot_of
from swarm.telemetry import Telemetry

RAMP = {"model": "open", "stages": [{"duration_s": 100, "rate": 40.0}]}


def view(**load: Any) -> SenderView:
    section = LoadSection.model_validate(load) if load else None
    return SenderView(SwarmJob(run_id="run-1", target=TargetSection(), load=section, prompts_file="none"))


def event(at_s: float, **values: Any) -> dict[str, Any]:
    given = {
        "event": "progress",
        "phase": "load",
        "elapsed_s": at_s,
        "position_s": at_s,
        "begun": int(at_s * 20),
        "sent": int(at_s * 20),
        "in_flight": 0,
        "done": 0,
        "paused": False,
        "latencies": {},
        "services": {},
        "first_tokens": {},
        "outcomes": {"answered": int(at_s * 20)},
        "lag_ms": {"p50": 0.1, "p99": 1.0, "max": 2.0},
    }
    return given | values


def seen(one: SenderView) -> Sending:
    sending = one.sending
    assert sending is not None
    return sending


def test_nothing_is_known_before_the_first_event() -> None:
    assert view().sending is None
    assert view().phase == ""


class Collecting(Telemetry):
    """Keeps what it is told of the progress."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def progress(self, progress: Any) -> None:
        """Keep it."""
        self.told.append(progress)


def test_an_end_says_how_the_sending_ended_and_shows_nothing() -> None:
    telemetry = Collecting()
    one = SenderView(SwarmJob(run_id="run-1", target=TargetSection(), prompts_file="none"), telemetry)
    end = {"event": "end", "stopped_because": "duration"}
    for told in (event(1.0, done=7, paused=True), end, {"event": "of another kind"}):
        one.take(told)
    assert (one.done, one.paused, one.end) == (7, True, end)
    assert telemetry.told == [event(1.0, done=7, paused=True)]


def test_the_rate_is_that_of_the_last_ten_seconds_beside_the_schedule() -> None:
    one = view(model="open", rate=20.0, duration_s=60)
    begun = 0
    for half in range(1, 61):
        begun += 10 if half <= 30 else 5
        one.take(event(half / 2, begun=begun))
    assert seen(one).rate == pytest.approx(10.0)
    assert seen(one).scheduled == 20.0
    assert one.duration_s == 60.0


def test_a_ramps_schedule_is_the_level_of_the_moment() -> None:
    one = view(**RAMP)
    one.take(event(50.0))
    assert seen(one).scheduled == pytest.approx(20.0)
    one.take(event(120.0, phase="control_after"))
    assert seen(one).scheduled is None, "no arrival is due beside the control arm"


def test_a_closed_load_has_replies_and_no_schedule() -> None:
    one = view(users=4, duration_s=60)
    one.take(event(1.0, sent=10, in_flight=4, begun=10))
    one.take(event(2.0, sent=30, in_flight=4, begun=99))
    assert seen(one).rate == pytest.approx(20.0)
    assert (seen(one).scheduled, seen(one).in_flight) == (None, 4)


def test_the_control_arm_is_no_part_of_the_loads_rate() -> None:
    one = view(model="open", rate=20.0, duration_s=60)
    times = {str(slot_of(100.0)): 5}
    one.take(event(5.0, phase="control_before", begun=10, latencies=times))
    one.take(event(5.5, position_s=0.5, begun=20))
    assert seen(one).rate == pytest.approx(20.0)
    assert seen(one).latency is None


def test_latencies_older_than_ten_seconds_are_forgotten() -> None:
    one = view(model="open", rate=20.0, duration_s=60)
    slow, fast = {str(slot_of(5000.0)): 50}, {str(slot_of(100.0)): 1}
    one.take(event(0.5, latencies=slow))
    one.take(event(1.0, latencies=fast, first_tokens=fast))
    latency, first = seen(one).latency, seen(one).first_token
    assert latency is not None
    assert latency.p50_ms == pytest.approx(5000.0, rel=0.05)
    assert first is not None
    assert first.p95_ms == pytest.approx(100.0, rel=0.05)
    for half in range(3, 30):
        one.take(event(half / 2, latencies=fast))
    latency = seen(one).latency
    assert latency is not None
    assert latency.p95_ms == pytest.approx(100.0, rel=0.05)
    assert seen(one).first_token is None


@pytest.mark.parametrize(("phase", "words"), [("control_before", "control before"), ("recovery", "probing")])
def test_phases_are_said_in_words(phase: str, words: str) -> None:
    one = view(users=4)
    one.take(event(1.0, phase=phase))
    assert one.phase == words


def test_without_a_load_the_sender_just_sends() -> None:
    one = view()
    one.take(event(1.0))
    assert (one.phase, one.duration_s) == ("sending", None)


@pytest.mark.parametrize(("lag_ms", "service_ms", "behind"), [(40, 100, False), (60, 100, True), (60, 900, False)])
def test_the_generator_is_behind_by_the_reports_own_measure(lag_ms: float, service_ms: float, *, behind: bool) -> None:
    """Latencies contain the lag itself, and would forgive it."""
    one = view(model="open", rate=20.0)
    lag = {"p50": 0.0, "p99": lag_ms, "max": lag_ms}
    one.take(event(1.0, latencies={str(slot_of(2000.0)): 5}, services={str(slot_of(service_ms)): 5}, lag_ms=lag))
    assert seen(one).behind is behind
