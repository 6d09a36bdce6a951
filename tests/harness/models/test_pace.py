"""How many requests are in flight while a server throttles and when it stops."""

import asyncio
import time

import pytest

from harness.models import ModelClient, connect
from harness.models.pace import OPENING_S, Pace
from harness.testing.servers import BedrockServer, Fault, OpenAIServer
from tests.harness.models.asking import CALL, QUICK, Grade


def _asked(client: ModelClient, count: int) -> None:
    async def session() -> None:
        try:
            await asyncio.gather(*(client.ask(CALL, Grade) for _ in range(count)))
        finally:
            await client.close()

    asyncio.run(session())


async def _hold(pace: Pace, ends: asyncio.Event) -> None:
    async with pace.turn():
        await ends.wait()


async def _opened(pace: Pace) -> None:
    """Have as many wait for turns as may ever have one, until all have."""
    ends = asyncio.Event()
    waiting = [asyncio.create_task(_hold(pace, ends)) for _ in range(64)]
    while pace.limit < 64:
        await asyncio.sleep(0)
    ends.set()
    await asyncio.gather(*waiting)


def test_the_pace_begins_low_and_opens_without_waiting_for_an_answer() -> None:
    async def session() -> None:
        pace = Pace(64)
        assert pace.limit == 2
        await _opened(pace)
        pace.went_well()
        assert pace.limit == 64

    asyncio.run(session())


def test_the_pace_stays_low_while_nobody_waits() -> None:
    async def session() -> int:
        pace = Pace(64)
        for _ in range(5):
            async with pace.turn():
                await asyncio.sleep(2 * OPENING_S)
            pace.went_well()
        return pace.limit

    assert asyncio.run(session()) == 2


def test_the_first_throttle_ends_the_opening_and_the_pace_creeps_from_then_on() -> None:
    async def session() -> Pace:
        pace = Pace(64)
        await _opened(pace)
        for expected in (32, 16):
            pace.throttled(time.monotonic())
            assert pace.limit == expected
        ends = asyncio.Event()
        waiting = [asyncio.create_task(_hold(pace, ends)) for _ in range(64)]
        await asyncio.sleep(5 * OPENING_S)
        assert pace.limit == 16, "time alone opens it no more"
        ends.set()
        await asyncio.gather(*waiting)
        return pace

    pace = asyncio.run(session())
    for _ in range(17):
        pace.went_well()
    assert pace.limit == 17, "one more a round trip"


def test_requests_that_were_throttled_together_lower_the_pace_once() -> None:
    async def session() -> Pace:
        pace = Pace(64)
        await _opened(pace)
        return pace

    pace = asyncio.run(session())
    sent_at = time.monotonic()
    for _ in range(10):
        pace.throttled(sent_at)
    assert pace.limit == 32


def test_the_pace_stays_between_one_and_the_most() -> None:
    pace = Pace(1)
    assert pace.limit == 1
    for _ in range(50):
        pace.went_well()
    assert pace.limit == 1
    pace = Pace(4)
    for _ in range(50):
        pace.throttled(time.monotonic())
    assert pace.limit == 1
    for _ in range(50):
        pace.went_well()
    assert pace.limit == 4


@pytest.mark.parametrize("kind", [OpenAIServer, BedrockServer])
def test_an_adaptive_client_reaches_its_concurrency_where_nothing_throttles(
    kind: type[OpenAIServer] | type[BedrockServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    with kind(latency_s=0.05) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", server.url)
        client = connect(server.spec, timeout_s=20, concurrency=6, key="personas.model", policy=QUICK, adaptive=True)
        _asked(client, 40)
    assert 2 < server.most_in_flight <= 6


def test_a_request_that_waits_to_be_retried_holds_no_turn() -> None:
    """A throttled server sees fewer requests at once, and each call still gets its answer."""
    with OpenAIServer(faults=[Fault.throttle()] * 12) as server:
        client = connect(server.spec, timeout_s=20, concurrency=6, key="personas.model", policy=QUICK, adaptive=True)
        _asked(client, 12)
    assert server.most_in_flight <= 6
    assert client.usage.requests == server.requests == 24
    assert client.usage.unmetered == 0, "what is refused is not billed"
