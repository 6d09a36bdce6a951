"""Counts, the target's health, and the generator's lag."""

from harness.contracts import Outcome
from swarm.monitor import LOST_AFTER, LOST_AFTER_S, UNREACHABLE_AFTER, LagMeter, Monitor, stop_grace_s
from swarm.replay import Reply


def reply(outcome: Outcome = "answered", at: float = 0.0) -> Reply:
    return Reply(outcome=outcome, sent=at, ended=at, error="refused" if outcome == "connection_error" else None)


def test_a_target_that_never_answers_is_unreachable() -> None:
    monitor = Monitor(planned=100)
    for _ in range(UNREACHABLE_AFTER - 1):
        monitor.received(reply("connection_error"))
    assert monitor.stopped_because is None
    monitor.received(reply("connection_error"))
    assert monitor.stopped_because == "target_unreachable"


def test_a_target_that_answered_is_lost_only_after_many_errors_and_some_time() -> None:
    monitor = Monitor(planned=100)
    monitor.received(reply("http_error"))
    for _ in range(LOST_AFTER * 2):
        monitor.received(reply("connection_error", at=1.0))
    assert monitor.stopped_because is None, "a restart of a second is no loss"
    monitor.received(reply("connection_error", at=1.0 + LOST_AFTER_S))
    assert monitor.stopped_because == "target_lost"


def test_one_reply_makes_the_target_well_again() -> None:
    monitor = Monitor(planned=100)
    for _ in range(12):
        monitor.received(reply("connection_error"))
    assert monitor.back_off_s() > 1.0
    monitor.received(reply())
    assert monitor.back_off_s() == 0.0


def test_back_off_grows_and_is_bounded() -> None:
    monitor = Monitor(planned=100)
    pauses = []
    for _ in range(40):
        monitor.received(reply("connection_error"))
        pauses.append(monitor.back_off_s())
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (0.0, 5.0)


def test_the_ceiling_counts_what_was_recorded_before() -> None:
    monitor = Monitor(planned=100, requested=8, max_requests=10)
    monitor.sending()
    assert monitor.stopped_because is None
    monitor.sending()
    assert monitor.stopped_because == "max_requests"
    assert Monitor(planned=100, requested=10, max_requests=10).stopped_because == "max_requests"


def test_a_retry_after_is_waited_for_up_to_a_minute() -> None:
    monitor = Monitor(planned=1)
    throttled = Reply(outcome="throttled", sent=0.0, ended=1.0, retry_after_s=7.0)
    assert [monitor.pause_s(reply) for reply in (None, throttled, throttled._replace(retry_after_s=3600.0))] == [
        0,
        7,
        60,
    ]


def test_the_last_requests_of_a_budget_have_all_the_time_that_a_request_may_take() -> None:
    assert stop_grace_s("max_requests", 29.0) == 29.0
    assert [stop_grace_s("stopped", timeout_s) for timeout_s in (29.0, 4.0)] == [10.0, 4.0]


def test_the_first_reason_to_stop_stands() -> None:
    monitor = Monitor(planned=1)
    monitor.stop("interrupted")
    monitor.stop("storage", "later")
    assert (monitor.stopped_because, monitor.message) == ("interrupted", "")


def test_events_tell_what_is_in_flight_and_what_went_wrong() -> None:
    monitor = Monitor(planned=10, done=2)
    for _ in range(4):
        monitor.sending()
    for outcome in ("answered", "throttled", "http_error"):
        monitor.received(reply(outcome))
    event = monitor.progress()
    assert (event["sent"], event["in_flight"], event["done"]) == (4, 1, 2)
    assert (event["errors"], event["infrastructure"]) == (2, 1)
    assert monitor.end()["outcomes"] == {"answered": 1, "throttled": 1, "http_error": 1}


def test_lag_quantiles_are_never_too_low_and_at_most_a_fifth_too_high() -> None:
    meter = LagMeter()
    lags_ms = [0.5 + number * 0.37 for number in range(1000)]
    for lag_ms in lags_ms:
        meter.add(lag_ms / 1000)
    for share in (0.5, 0.9, 0.99):
        exact = lags_ms[int(share * 1000) - 1]
        assert exact <= meter.quantile_ms(share) <= exact * 1.2 + 1e-9
    assert meter.summary()["max"] == round(lags_ms[-1], 3)
    assert LagMeter().summary() == {"p50": 0.0, "p99": 0.0, "max": 0.0}
