"""Budgets and tokens a minute: checked before each request, whatever is in flight."""

import asyncio
import time

import pytest

from harness.errors import BudgetSpentError, ModelThrottledError
from harness.models import Budget, ModelClient, RetryPolicy, TokenRate, Usage, connect
from harness.models.limits import most_tokens
from harness.models.pricing import TokenCount, cost_usd
from harness.models.spec import parse_spec
from harness.testing.servers import BedrockServer, Fault, OpenAIServer
from tests.harness.models.asking import CALL, QUICK, Grade

PRICED = "bedrock:amazon.nova-lite-v1:0"


async def _outcomes(client: ModelClient, count: int) -> list[bool]:
    """Return which of so many calls at once were answered; the others were refused for want of money."""

    async def ask() -> bool:
        try:
            await client.ask(CALL, Grade)
        except BudgetSpentError:
            return False
        return True

    try:
        return await asyncio.gather(*(ask() for _ in range(count)))
    finally:
        await client.close()


def test_calls_in_flight_cannot_overshoot_a_cap_in_dollars(monkeypatch: pytest.MonkeyPatch) -> None:
    each = cost_usd(parse_spec(PRICED, key="k"), TokenCount(input_tokens=100, output_tokens=20))
    assert each
    with BedrockServer(latency_s=0.05) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", server.url)
        dear = cost_usd(parse_spec(PRICED, key="k"), TokenCount(output_tokens=CALL.max_tokens))
        assert dear
        budget = Budget(usd=dear + 10 * each)
        client = connect(PRICED, timeout_s=20, concurrency=25, key="k", policy=QUICK, limits=[budget])
        answered = asyncio.run(_outcomes(client, 60))
    assert 0 < sum(answered) < 60
    assert client.usage.cost_usd == pytest.approx(sum(answered) * each)
    assert client.usage.cost_usd <= dear + 10 * each
    assert server.requests == sum(answered), "what cannot be paid is not sent"


def test_a_cap_in_tokens_holds_for_a_model_without_a_price() -> None:
    with OpenAIServer(latency_s=0.02) as server:
        client = connect(
            server.spec, timeout_s=20, concurrency=10, key="k", policy=QUICK, limits=[Budget(tokens=6_000)]
        )
        answered = asyncio.run(_outcomes(client, 100))
    assert 20 < sum(answered) < 100
    assert client.usage.tokens <= 6_000


def test_what_was_paid_before_counts() -> None:
    budget = Budget(tokens=10_000)
    budget.paid_before(Usage(tokens_in=9_990))
    with OpenAIServer() as server:
        client = connect(server.spec, timeout_s=20, concurrency=2, key="k", policy=QUICK, limits=[budget])
        assert asyncio.run(_outcomes(client, 3)) == [False] * 3
    assert server.requests == 0


def test_a_request_that_may_be_billed_counts_as_its_worst() -> None:
    budget = Budget(tokens=100_000)
    with OpenAIServer(faults=[Fault.close()]) as server:
        client = connect(server.spec, timeout_s=20, concurrency=1, key="k", policy=QUICK, limits=[budget])
        assert asyncio.run(_outcomes(client, 1)) == [True]
    assert budget.spent.tokens > client.usage.tokens == 120


def test_refused_requests_consume_nothing() -> None:
    budget = Budget(tokens=100_000)
    with OpenAIServer(faults=[Fault.throttle()] * 3) as server:
        client = connect(server.spec, timeout_s=20, concurrency=1, key="k", policy=QUICK, limits=[budget])
        assert asyncio.run(_outcomes(client, 1)) == [True]
    assert budget.spent.tokens == client.usage.tokens == 120


def test_the_window_holds_what_was_sent_in_it() -> None:
    async def run() -> None:
        rate = TokenRate(1_000)
        expected = [Usage(tokens_in=400) for _ in range(3)]
        await rate.take(expected[0])
        await rate.take(expected[1])
        now = time.monotonic()
        assert 50.0 < rate.wait_s(400, now) <= 60.0
        rate.settle(expected[0], Usage(tokens_in=100))
        assert rate.wait_s(400, now) == 0.0, "what was not consumed is free again"
        assert rate.wait_s(600, now) > 0.0
        assert rate.wait_s(600, now + 61.0) == 0.0, "a minute later all of it is"

    asyncio.run(run())


def test_a_request_larger_than_the_cap_goes_alone() -> None:
    async def run() -> None:
        rate = TokenRate(1_000)
        await rate.take(Usage(tokens_in=5_000))
        assert rate.wait_s(1, time.monotonic()) > 0.0

    asyncio.run(run())


def test_requests_wait_for_the_window_in_their_order() -> None:
    order: list[int] = []

    async def ask(rate: TokenRate, number: int) -> None:
        await rate.take(Usage(tokens_in=60))
        order.append(number)

    async def run() -> float:
        rate = TokenRate(100, window_s=0.05)
        began = time.monotonic()
        await asyncio.gather(*(ask(rate, number) for number in range(4)))
        return time.monotonic() - began

    assert asyncio.run(run()) >= 0.15, "one in each window"
    assert order == [0, 1, 2, 3]


def test_a_patient_caller_outlasts_a_model_that_throttles_most_requests() -> None:
    """Four of five requests are refused; without patience a quarter of the calls would be given up."""
    patient = RetryPolicy(attempts=3, base_s=0.001, cap_s=0.002, patience_s=60.0)
    faults = [fault for _ in range(40) for fault in [Fault.throttle()] * 4 + [Fault.slow(0.0)]]
    with OpenAIServer(faults=faults) as server:
        client = connect(server.spec, timeout_s=20, concurrency=8, key="k", policy=patient, adaptive=True)
        assert all(asyncio.run(_outcomes(client, 40)))
        assert server.requests == 200


def test_patience_ends_with_a_model_that_only_throttles() -> None:
    policy = RetryPolicy(attempts=2, base_s=0.001, cap_s=0.002, patience_s=0.05)
    with OpenAIServer(faults=[Fault.throttle()] * 10_000) as server:
        client = connect(server.spec, timeout_s=20, concurrency=1, key="k", policy=policy)
        with pytest.raises(ModelThrottledError):
            asyncio.run(_outcomes(client, 1))
        assert 2 <= server.requests < 10_000


@pytest.mark.parametrize(("marked", "points"), [("yes", [{"cachePoint": {"type": "default"}}]), ("no", [])])
def test_a_stable_system_text_is_marked_for_the_models_that_keep_one(
    marked: str, points: list[dict[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    with BedrockServer() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", server.url)
        client = connect(PRICED, timeout_s=20, concurrency=1, key="k", policy=QUICK, stable_system=marked == "yes")
        asyncio.run(_outcomes(client, 1))
    assert [block for block in server.calls[0].body["system"] if "cachePoint" in block] == points


@pytest.mark.parametrize(
    ("text", "least"), [("plain English words", 3), ("营业时间是什么时候", 9), ("Zażółć gęślą jaźń", 8)]
)
def test_what_a_request_takes_at_most_is_not_underrated_in_any_script(text: str, least: int) -> None:
    """A Chinese character is about a token of its own; an English word of five letters is one or two."""
    tokens_in, tokens_out = most_tokens([text], 300)
    assert least <= tokens_in <= 3 * least
    assert tokens_out == 300
    assert most_tokens([text, text], 300)[0] >= 2 * tokens_in - 1
