"""When the target counts as hurt, as gone, and as recovered."""

from typing import Any

import pytest

from harness.config import KillSwitchSection
from harness.contracts import Outcome
from swarm.killswitch import FIRST_PAUSE_S, MAX_PAUSE_S, KillSwitch
from swarm.monitor import LOST_AFTER, LOST_AFTER_S, Monitor
from swarm.replay import Reply


def reply(outcome: Outcome = "answered", at: float = 0.0, status: int | None = None) -> Reply:
    return Reply(outcome=outcome, sent=at, ended=at, status=status)


def switch(**limits: Any) -> KillSwitch:
    return KillSwitch(KillSwitchSection(**{"min_requests": 10, "good_replies": 3, **limits}))


def feed(watched: KillSwitch, outcome: Outcome, count: int, *, at: float = 1.0, status: int | None = None) -> None:
    for _ in range(count):
        watched.received(reply(outcome, at, status))


@pytest.mark.parametrize(
    ("outcome", "status"), [("http_error", 500), ("http_error", 502), ("timeout", None), ("throttled", 429)]
)
def test_it_trips_over_what_a_healthy_target_does_not_reply(outcome: Outcome, status: int | None) -> None:
    watched = switch()
    feed(watched, outcome, 9, status=status)
    assert watched.tripped_at is None, "too few to say"
    feed(watched, outcome, 1, status=status)
    assert watched.tripped_at == 1.0


@pytest.mark.parametrize(("outcome", "status"), [("http_error", 404), ("malformed", 200), ("blocked", 403)])
def test_wrong_answers_are_no_sign_of_a_broken_target(outcome: Outcome, status: int) -> None:
    watched = switch()
    feed(watched, outcome, 100, status=status)
    assert watched.tripped_at is None


def test_a_share_at_the_limit_does_not_trip_and_one_more_error_does() -> None:
    watched = switch(error_share=0.5)
    feed(watched, "answered", 20)
    feed(watched, "timeout", 20)
    assert watched.tripped_at is None
    feed(watched, "timeout", 1)
    assert watched.tripped_at == 1.0
    summary = watched.summary(began=0.25)
    assert summary is not None
    assert (summary["tripped_after_s"], summary["requests"], summary["limit"]) == (0.75, 41, 0.5)
    assert summary["error_share"] == pytest.approx(21 / 41)


def test_errors_that_left_the_window_are_forgotten() -> None:
    watched = switch(window_s=10.0, min_requests=20)
    for second in range(200):
        feed(watched, "timeout", 1, at=float(second))
    assert watched.tripped_at is None, "ten in ten seconds are too few"
    feed(watched, "answered", 60, at=201.0)
    feed(watched, "timeout", 25, at=202.0)
    assert watched.tripped_at is None, "the good ones are in the window as well"
    feed(watched, "timeout", 25, at=300.0)
    assert watched.tripped_at == 300.0, "and now they are not"


def test_a_target_that_never_replied_is_not_hurt() -> None:
    watched = switch()
    feed(watched, "connection_error", 100)
    assert watched.tripped_at is None


def test_lost_connections_alone_trip_and_nobody_can_tell_whose_fault_they_are() -> None:
    watched = switch()
    feed(watched, "answered", 5)
    feed(watched, "connection_error", 6)
    assert watched.tripped_at is not None
    assert watched.gone
    watched.probed(reply("connection_error", 2.0))
    assert watched.gone
    watched.probed(reply("http_error", 3.0, 503))
    assert not watched.gone, "it is there, and not well"


def test_lost_connections_among_other_errors_are_the_load_s_doing() -> None:
    watched = switch()
    feed(watched, "http_error", 6, status=503)
    feed(watched, "connection_error", 6)
    assert watched.tripped_at is not None
    assert not watched.gone


def test_recovery_is_counted_from_the_trip_to_the_first_of_the_good_replies_in_a_row() -> None:
    watched = switch(good_replies=2)
    feed(watched, "timeout", 10, at=10.0)
    for outcome, at in (("answered", 11.0), ("throttled", 12.0), ("answered", 15.5)):
        watched.probed(reply(outcome, at))  # type: ignore[arg-type]
        assert not watched.recovered
        assert watched.recovery_s is None
    watched.probed(reply("answered", 16.0))
    assert (watched.recovered, watched.recovery_s) == (True, 5.5)
    assert "after 5.5 s" in watched.sentence()


def test_pauses_between_probes_grow_and_are_bounded_and_short_again_after_a_good_reply() -> None:
    watched = switch()
    feed(watched, "timeout", 10)
    pauses = []
    for _ in range(12):
        pauses.append(watched.pause_s)
        watched.probed(reply("timeout"))
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (FIRST_PAUSE_S, MAX_PAUSE_S)
    watched.probed(reply())
    assert watched.pause_s == FIRST_PAUSE_S


def test_it_gives_up_when_the_time_to_recover_is_over() -> None:
    watched = switch(recover_within_s=60.0)
    assert not watched.gives_up(1000.0), "it has not tripped"
    feed(watched, "timeout", 10, at=10.0)
    assert not watched.gives_up(69.0)
    assert watched.gives_up(70.0)
    assert "did not recover" in watched.sentence()


def test_a_target_that_is_probed_is_not_given_up_as_lost_meanwhile() -> None:
    monitor = Monitor(planned=100)
    monitor.kill_switch = switch()
    monitor.received(reply())
    for _ in range(LOST_AFTER):
        monitor.received(reply("connection_error", at=1.0))
    monitor.received(reply("connection_error", at=1.0 + 2 * LOST_AFTER_S))
    assert monitor.paused
    assert monitor.stopped_because is None
