"""Tracers among the records: the same way through the stage, then measured and dropped."""

import datetime as dt
import pickle
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest

from extract.profiles import Profiles
from extract.records.mapping import LoggedExchange
from extract.sanitizing import SessionSanitizer
from extract.sessions import RawSession
from extract.tracing.planting import Planted, TracerCheck, TracerSample, tracer_seed
from harness.contracts import SanitizedSession, Turn
from tests.extract.finders import Finder, everything, failing

KEY = b"a-key-of-more-than-sixteen-characters"


def exchange(number: int, **values: object) -> LoggedExchange:
    made = LoggedExchange(
        user=f"customer-{number}",
        session=f"session-{number}",
        at=dt.datetime(2026, 10, 5, 8, number % 60, tzinfo=dt.UTC),
        prompt=f"How long does transfer {number} take?",
        response="Two days.",
        feedback="up",
        kept={"channel": "web"},
        source="a.jsonl",
        line=number + 1,
    )
    return replace(made, **values)  # type: ignore[arg-type]


def planted(size: int = 60, *, exchanges: Sequence[LoggedExchange] | None = None, seed: int = 5) -> Planted:
    sample = TracerSample(size, seed=seed)
    for each in exchanges or [exchange(n) for n in range(200)]:
        sample.offer(each)
    return sample.planted(KEY)


def test_as_many_tracers_are_planted_as_asked_for_also_in_a_small_log() -> None:
    assert len(planted(60).check) == 60
    assert len(planted(60, exchanges=[exchange(0)]).check) == 60
    assert len(TracerSample(60).planted(KEY).check) == 0


def test_each_tracer_is_a_user_of_its_own_so_that_nothing_remembered_helps_to_find_it() -> None:
    there = planted()
    users = {user_key for user_key, _, _ in there.exchanges}
    sessions = {session for _, session, _ in there.exchanges}
    assert len(users) == len(sessions) == 60
    assert users == set(there.check.users())
    assert not any(each.user.startswith("customer") for _, _, each in there.exchanges)


def test_a_copy_carries_no_metadata_and_no_rating() -> None:
    assert all((each.kept, each.feedback) == ({}, None) for _, _, each in planted().exchanges)


def test_copies_are_bounded() -> None:
    long = exchange(0, prompt="word " * 40_000, response="word " * 40_000)
    assert all(len(each.prompt) < 5_000 for _, _, each in planted(5, exchanges=[long]).exchanges)


def test_a_sanitizer_that_finds_nothing_leaks_every_tracer() -> None:
    """But for bare answers: what was asked for is known from the question alone."""
    outcomes = planted().sanitized_by(SessionSanitizer(Finder(), Profiles()))
    assert outcomes.total() == 60
    assert all(leaked for _, form, _, leaked in outcomes if form != "bare_answer")


def test_a_sanitizer_that_takes_everything_or_fails_leaks_none() -> None:
    for finder in (Finder(everything), Finder(failing)):
        outcomes = planted().sanitized_by(SessionSanitizer(finder, Profiles()))
        assert outcomes.total() == 60
        assert not any(leaked for *_, leaked in outcomes)


def test_words_of_the_real_message_are_no_leak() -> None:
    """The copy's own words may be the tracer's: only more of them than before is a leak."""
    there = planted(40)
    for user_key, _, _ in there.exchanges:
        kept = SanitizedSession(
            session_id="s", user_key=user_key, started_on=dt.date(2026, 1, 1), turns=[Turn(role="user", text="<ID_1>")]
        )
        assert there.check.outcome(user_key, kept)[3] is False


def test_a_part_of_a_value_that_stays_is_a_leak() -> None:
    there = planted(200, exchanges=[exchange(0, prompt="Good day.", response=None)])
    user_key, _, last = next(e for e in there.exchanges if "IBAN" not in e[2].prompt and len(e[2].prompt) > 40)
    session = SanitizedSession(
        session_id="s", user_key=user_key, started_on=dt.date(2026, 1, 1), turns=[Turn(role="user", text=last.prompt)]
    )
    assert there.check.outcome(user_key, session)[3] is True


def test_the_check_goes_to_workers_and_knows_no_real_user() -> None:
    check = pickle.loads(pickle.dumps(planted(300).check))  # noqa: S301 - our own
    assert len(check) == 300
    assert len(pickle.dumps(check)) < 200_000
    assert "0123456789abcdef" not in check
    assert "0123456789abcdef" not in TracerCheck()


def test_the_sample_is_spread_over_the_log_and_the_same_for_a_seed() -> None:
    def lines(seed: int) -> list[int]:
        sample = TracerSample(50, seed=seed)
        for number in range(5_000):
            sample.offer(exchange(number))
        return sorted(each.line for each in sample.exchanges)

    assert lines(1) == lines(1)
    assert lines(1) != lines(2)
    assert lines(1)[-1] > 4_000
    assert sum(line > 2_500 for line in lines(1)) > 10


def test_the_seed_follows_from_the_key() -> None:
    assert tracer_seed(KEY) == tracer_seed(KEY)
    assert tracer_seed(KEY) != tracer_seed(b"another-key-of-more-than-sixteen")


def test_tracers_are_found_as_real_records_would_be() -> None:
    """What becomes of a copy is what becomes of the same words in the log: the sanitizer keeps nothing between users."""
    there = planted(20)
    from harness.pii.detector import detector

    sanitizer = SessionSanitizer(detector("strict"), Profiles())
    together = there.sanitized_by(sanitizer)
    alone: Counter[tuple[str, str, str, bool]] = Counter()
    for user_key in there.check.users():
        members = tuple(each for key, _, each in there.exchanges if key == user_key)
        done = sanitizer.sanitize(RawSession("any", "any", members))
        alone[there.check.outcome(user_key, done.session)] += 1
    assert together == alone


@pytest.mark.parametrize("response", [None, "Two days."])
def test_records_without_an_answer_can_carry_tracers_too(response: str | None) -> None:
    there = planted(30, exchanges=[exchange(0, response=response)])
    assert len({key for key, _, _ in there.exchanges}) == 30
