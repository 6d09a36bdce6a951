"""What every model client keeps to, the fake and the real ones alike."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from harness.errors import ModelError, ModelOutputError, ModelThrottledError
from harness.models import ModelCall, ModelClient, RetryPolicy, Usage, connect
from harness.testing.model import FakeModel, ScriptedReply
from harness.testing.servers import BedrockServer, Fault, ModelServer, OpenAIServer
from tests.harness.models.asking import CALL, GOOD, QUICK, Grade, ask

Behaviour = str
Make = Callable[[Behaviour], ModelClient]

SCRIPT: dict[Behaviour, ScriptedReply] = {
    "good": GOOD,
    "invalid": {"verdict": "perhaps", "score": 7},
    "throttled": ModelThrottledError("fake: still throttles"),
    "broken": ModelError("fake: cannot be reached"),
}
FAULTS: dict[Behaviour, list[Fault]] = {
    "good": [],
    "invalid": [Fault.invalid()] * 40,
    "throttled": [Fault.throttle()] * 40,
    "broken": [Fault.close()] * 40,
}


@pytest.fixture(params=["fake", "openai", "bedrock"])
def make(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Return a maker of clients whose model behaves in one way for ever."""
    kinds: dict[str, type[ModelServer]] = {"openai": OpenAIServer, "bedrock": BedrockServer}
    with ExitStack() as running:

        def client(behaviour: Behaviour) -> ModelClient:
            if request.param == "fake":
                return FakeModel([SCRIPT[behaviour]] * 40)
            server = running.enter_context(kinds[request.param](lambda _: GOOD.model_dump(), faults=FAULTS[behaviour]))
            monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", server.url)
            return connect(server.spec, timeout_s=20.0, concurrency=3, key="judge.model", policy=QUICK)

        yield client


def test_an_answer_is_an_instance_of_the_asked_for_form(make: Make) -> None:
    reply = ask(make("good"), Grade)
    assert reply.output == GOOD


def test_an_answer_says_what_it_consumed(make: Make) -> None:
    usage = ask(make("good"), Grade).usage
    assert usage.requests == 1
    assert (usage.tokens_in, usage.tokens_out) == (100, 20)


def test_a_client_adds_up_what_all_its_calls_consumed(make: Make) -> None:
    client = make("good")

    async def several() -> Usage:
        replies = [await client.ask(CALL, Grade) for _ in range(3)]
        await client.close()
        return sum((reply.usage for reply in replies), Usage())

    assert asyncio.run(several()) == client.usage
    assert client.usage.tokens_in == 300


def test_answers_that_never_fit_are_an_output_error(make: Make) -> None:
    with pytest.raises(ModelOutputError):
        ask(make("invalid"), Grade)


def test_failed_calls_count_in_the_total(make: Make) -> None:
    client = make("invalid")
    with pytest.raises(ModelOutputError):
        ask(client, Grade)
    assert client.usage.requests >= 1
    assert client.usage.tokens_out >= 20


def test_a_model_that_keeps_throttling_is_a_throttled_error(make: Make) -> None:
    with pytest.raises(ModelThrottledError):
        ask(make("throttled"), Grade)


def test_a_model_that_cannot_be_reached_is_a_model_error(make: Make) -> None:
    with pytest.raises(ModelError) as caught:
        ask(make("broken"), Grade)
    assert not isinstance(caught.value, ModelThrottledError | ModelOutputError)


def test_errors_repeat_nothing_of_the_prompt(make: Make) -> None:
    for behaviour in ("invalid", "throttled", "broken"):
        with pytest.raises(ModelError) as caught:
            ask(make(behaviour), Grade)
        assert "parcel" not in f"{caught.value} {caught.value.hint}"


def test_many_calls_may_be_in_flight_at_once(make: Make) -> None:
    client = make("good")

    async def together() -> int:
        replies = await asyncio.gather(*(client.ask(CALL, Grade) for _ in range(12)))
        await client.close()
        return len(replies)

    assert asyncio.run(together()) == 12
    assert client.usage.requests == 12


def test_a_client_may_be_closed_twice(make: Make) -> None:
    async def twice() -> None:
        client = make("good")
        await client.ask(CALL, Grade)
        await client.close()
        await client.close()

    asyncio.run(twice())


def test_the_fake_answers_by_a_function_of_the_call_and_remembers_it() -> None:
    fake = FakeModel(lambda call: Grade(verdict="bad", score=1.0, reasons=[call.prompt]))
    call = ModelCall(system="s", prompt="echo")
    assert ask(fake, Grade, call).output.reasons == ["echo"]
    assert (fake.calls, fake.outputs, fake.closed) == ([call], [Grade], True)


def test_the_fake_says_when_its_script_has_ended() -> None:
    with pytest.raises(ModelError, match="no reply to call 1"):
        ask(FakeModel([]), Grade)


def test_retries_never_wait_less_than_the_server_asked_for() -> None:
    import random

    policy = RetryPolicy(base_s=0.5, cap_s=4.0)
    waits = [policy.delay_s(attempt, 3.0, random.Random(attempt)) for attempt in range(1, 60)]
    assert all(3.0 <= wait <= 7.0 for wait in waits)


def test_retries_spread_over_a_range_that_doubles_up_to_the_cap() -> None:
    import random

    policy = RetryPolicy(base_s=1.0, cap_s=8.0)
    rng = random.Random(5)
    longest = [max(policy.delay_s(attempt, None, rng) for _ in range(300)) for attempt in (1, 2, 3, 9)]
    for observed, ceiling in zip(longest, (1.0, 2.0, 4.0, 8.0), strict=True):
        assert 0.9 * ceiling < observed <= ceiling
