"""What master and workers tell each other arrives as it was sent."""

from http.cookiejar import CookieJar
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from swarm.carrying import Carried
from swarm.cookies import cookie_header, keep_cookies
from swarm.distributed.offset import SAMPLES, ClockOffset
from swarm.distributed.wire import call_of, call_row, packed, reply_of, reply_row, unpacked
from swarm.replay import Call, Message, Reply
from swarm.timing import Gaps, StreamTiming


def timing_of(fields: Any) -> StreamTiming:
    return StreamTiming(*fields)


def made_of(**fields: Any) -> Reply:
    return Reply(**fields)


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
KEYS = st.sampled_from(["id", "__datetime__", "__ObjectId__", "as_str"])
JSON = st.none() | st.booleans() | st.integers(-(2**63), 2**63) | TEXT | st.dictionaries(KEYS, TEXT, max_size=2)
TIMINGS = st.tuples(
    st.integers(0, 99),
    st.none() | st.lists(st.floats(0, 1e4), max_size=3).map(lambda each: Gaps(1.0, 2.0, 3.5, each)),
    st.none() | st.just(12.5),
    st.sampled_from([None, "usage", "events"]),
).map(timing_of)
REPLIES = st.fixed_dictionaries(
    {
        "outcome": st.sampled_from(["answered", "http_error", "timeout"]),
        "sent": st.floats(0, 1e6),
        "ended": st.floats(0, 1e6),
        "first_token": st.none() | st.floats(0, 1e6),
        "text": st.none() | TEXT,
        "contexts": st.none() | st.lists(TEXT, max_size=2),
        "tool_calls": st.lists(st.dictionaries(KEYS, JSON, max_size=2), max_size=2),
        "response_body": st.none() | TEXT,
        "timing": st.none() | TIMINGS,
    }
).map(lambda fields: made_of(**fields))
CALLS = st.tuples(
    TEXT,
    st.lists(TEXT.map(lambda text: Message(role="user", content=text)), max_size=2).map(tuple),
    TEXT,
    st.integers(0, 9),
    st.none() | st.dictionaries(KEYS, JSON, max_size=2).map(lambda values: Carried(values, None)),
    st.none() | TEXT,
).map(lambda fields: Call(*fields))


def travelled(value: Any) -> Any:
    return unpacked(packed(value))


@given(st.integers(1, 10**9), CALLS)
def test_a_call_arrives_as_it_was_dealt(number: int, call: Call) -> None:
    assert call_of(travelled(call_row(number, call))) == (number, call)


@given(REPLIES)
def test_a_reply_arrives_as_it_was_whatever_keys_the_target_chose(reply: Reply) -> None:
    assert reply_of(travelled(reply_row(reply, 0.0))) == reply


@given(REPLIES, st.floats(-1e6, 1e6))
def test_a_reply_s_moments_are_the_master_s(reply: Reply, offset_s: float) -> None:
    arrived = reply_of(travelled(reply_row(reply, offset_s)))
    assert (arrived.sent, arrived.ended) == (reply.sent + offset_s, reply.ended + offset_s)
    assert (arrived.first_token is None) == (reply.first_token is None)


def test_cookies_travel_with_the_rules_their_host_gave_them() -> None:
    jar = CookieJar()
    keep_cookies(jar, "http://127.0.0.1/chat/a", "seat=7; Path=/chat\nlocked=1; Secure\nold=1; Max-Age=0")
    reply = Reply("answered", 1.0, 2.0, carried=Carried({"thread": "t"}, jar))
    carried = reply_of(travelled(reply_row(reply, 0.0))).carried
    assert isinstance(carried, Carried)
    assert carried.values == {"thread": "t"}
    assert carried.jar is not None
    for path in ("/chat", "/other"):
        assert cookie_header(carried.jar, f"http://127.0.0.1{path}") == cookie_header(jar, f"http://127.0.0.1{path}")
    assert cookie_header(carried.jar, "http://127.0.0.1/chat") == "seat=7"


@given(st.floats(-1e5, 1e5), st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=3 * SAMPLES))
def test_a_clock_s_offset_is_wrong_by_half_the_quickest_round_trip_at_most(
    true_s: float, ways: list[tuple[float, float]]
) -> None:
    """However unlike the way there is to the way back."""
    clock, now = ClockOffset(), 1000.0
    for there, back in ways:
        clock.add(now, now + there + true_s, now + there + back)
        now += 2.0
    quickest = min(there + back for there, back in ways[-SAMPLES:])
    assert abs(clock.seconds - true_s) <= quickest / 2 + 1e-6


def test_without_a_round_trip_no_offset_is_claimed() -> None:
    assert (ClockOffset().seconds, ClockOffset().count) == (0.0, 0)
