"""What becomes of each way in which a model server lets its caller down, over real HTTP on both wire formats."""

import asyncio
import json
import threading
import time

import pytest
from botocore.exceptions import EndpointConnectionError
from pydantic_ai.exceptions import ModelAPIError

from harness.errors import ExitCode, ModelError, ModelOutputError, ModelThrottledError, ModelUnreachableError
from harness.models import ModelCall, RetryPolicy
from harness.models.failures import Contact, Tries
from harness.testing.servers import BedrockServer, Fault, ReceivedCall
from tests.harness.models.asking import CALL, GOOD, QUICK, Grade, ask
from tests.harness.models.conftest import Start

TRANSIENT = {
    "throttled": Fault.throttle(),
    "throttled with Retry-After": Fault.throttle(retry_after_s=0.01),
    "500": Fault.error(500),
    "503": Fault.error(503),
    "529": Fault.error(529),
    "connection closed": Fault.close(),
    "a proxy's page": Fault.garbage(),
}
UNUSABLE = {
    "malformed arguments": Fault.malformed(),
    "arguments of the wrong form": Fault.invalid(),
    "text instead of a call": Fault.plain_text(),
    "empty text": Fault.plain_text(""),
    "cut off": Fault.truncated(),
}


@pytest.mark.parametrize("fault", TRANSIENT.values(), ids=TRANSIENT)
def test_a_passing_fault_is_retried_until_the_answer_comes(start: Start, fault: Fault) -> None:
    server, client = start(fault, fault)
    reply = ask(client, Grade)
    assert isinstance(reply.output, Grade)
    assert reply.usage.requests == server.requests == 3
    assert reply.usage.tokens_in == 100, "only the answer consumed tokens"


@pytest.mark.parametrize("fault", TRANSIENT.values(), ids=TRANSIENT)
def test_a_lasting_fault_ends_after_the_allowed_attempts(start: Start, fault: Fault) -> None:
    server, client = start(*[fault] * 40)
    with pytest.raises(ModelError) as caught:
        ask(client, Grade)
    assert server.requests == client.usage.requests == QUICK.attempts
    assert caught.value.hint
    assert caught.value.exit_code == ExitCode.DEPENDENCY


@pytest.mark.parametrize("fault", [Fault.throttle(), Fault.error(529), Fault.error(503, retry_after_s=0.001)])
def test_lasting_overload_is_called_throttling(start: Start, fault: Fault) -> None:
    _, client = start(*[fault] * 40)
    with pytest.raises(ModelThrottledError, match=f"HTTP {fault.status}"):
        ask(client, Grade)


def test_a_wait_the_server_asks_for_is_kept(start: Start) -> None:
    _, client = start(Fault.throttle(retry_after_s=0.3))
    began = time.monotonic()
    ask(client, Grade)
    assert time.monotonic() - began >= 0.3


def test_a_wait_beyond_the_allowed_one_is_not_begun(start: Start) -> None:
    server, client = start(Fault.throttle(retry_after_s=3600))
    with pytest.raises(ModelThrottledError, match=r"asks to wait 3600 s \(allowed: 60 s\)"):
        ask(client, Grade)
    assert server.requests == 1


@pytest.mark.parametrize("fault", UNUSABLE.values(), ids=UNUSABLE)
def test_an_unusable_answer_is_asked_for_again_with_its_error(start: Start, fault: Fault) -> None:
    server, client = start(fault)
    reply = ask(client, Grade)
    assert isinstance(reply.output, Grade)
    assert reply.usage.tokens_out == 40, "the unusable answer was paid for, too"
    first, second = server.calls
    assert first.prompt == CALL.prompt
    assert second.prompt.startswith(CALL.prompt)
    assert "could not be used" in second.prompt


def test_the_remark_names_the_fields_and_the_rules_they_break(start: Start) -> None:
    server, client = start(Fault.invalid())
    ask(client, Grade)
    remark = server.calls[1].prompt.removeprefix(CALL.prompt)
    assert "- verdict: Field required" in remark
    assert "- score: Field required" in remark
    assert "not what was asked for" not in remark, "the answer itself is not repeated"


@pytest.mark.parametrize("fault", UNUSABLE.values(), ids=UNUSABLE)
def test_answers_that_stay_unusable_are_an_output_error(start: Start, fault: Fault) -> None:
    server, client = start(*[fault] * 40)
    with pytest.raises(ModelOutputError, match="none of 3 answers"):
        ask(client, Grade)
    assert server.requests == QUICK.output_attempts
    assert client.usage.tokens_out == 60


def test_an_answer_that_stays_cut_off_is_told_apart(start: Start) -> None:
    _, client = start(*[Fault.truncated()] * 40)
    with pytest.raises(ModelOutputError) as caught:
        ask(client, Grade)
    assert caught.value.hint == "raise max_tokens (300)"


@pytest.mark.parametrize("fence", ["{}", "```json\n{}\n```", "  {}\n"])
def test_an_answer_as_plain_json_text_counts_as_the_call(start: Start, fence: str) -> None:
    text = json.dumps({"verdict": "bad", "score": 0.5, "reasons": ["no source"]})
    server, client = start(Fault.plain_text(fence.replace("{}", text)))
    assert ask(client, Grade).output.reasons == ["no source"]
    assert server.requests == 1


def test_plain_json_text_is_validated_like_any_answer(start: Start) -> None:
    server, client = start(Fault.plain_text('{"verdict": "superb"}'))
    ask(client, Grade)
    assert server.requests == 2


def test_a_late_answer_is_a_timeout_and_asked_for_once_more(start: Start) -> None:
    server, client = start(Fault.slow(30), timeout_s=2.0)
    assert isinstance(ask(client, Grade).output, Grade)
    assert server.requests == 2


def test_a_second_timeout_ends_the_call(start: Start) -> None:
    _, client = start(*[Fault.slow(30)] * 40, timeout_s=0.2)
    with pytest.raises(ModelError, match=r"no whole answer within 0\.2 s, in 2 requests"):
        ask(client, Grade)
    assert client.usage.requests == 2


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (400, "the request is refused"),
        (401, "the credentials are refused"),
        (403, "the credentials are refused"),
        (404, "there is no such model or address"),
    ],
)
def test_a_refusal_is_not_retried_and_repeats_nothing_of_the_message(start: Start, status: int, words: str) -> None:
    server, client = start(Fault.error(status, text="you said: the parcel fee"))
    with pytest.raises(ModelError, match=words) as caught:
        ask(client, Grade)
    assert server.requests == 1
    assert f"HTTP {status}" in str(caught.value)
    assert "parcel" not in f"{caught.value} {caught.value.hint}"
    assert caught.value.__suppress_context__, "a traceback would show the provider's message"


def test_a_redirect_is_not_followed(start: Start) -> None:
    server, client = start(*[Fault.error(307)] * 40)
    with pytest.raises(ModelError, match="HTTP 307"):
        ask(client, Grade)
    assert server.requests == 1


def test_a_code_that_is_no_code_is_not_repeated(start: Start) -> None:
    _, client = start(Fault.error(400, code="the prompt was 'parcel fee'"))
    with pytest.raises(ModelError) as caught:
        ask(client, Grade)
    assert "parcel" not in str(caught.value)


def test_used_up_credit_is_not_waited_for(start: Start) -> None:
    server, client = start()
    code = "ServiceQuotaExceededException" if isinstance(server, BedrockServer) else "insufficient_quota"
    server, client = start(Fault.error(429, code=code))
    with pytest.raises(ModelError, match="quota or credit is used up") as caught:
        ask(client, Grade)
    assert not isinstance(caught.value, ModelThrottledError)
    assert server.requests == 1


def test_an_answer_without_token_counts_is_unpriced_or_retried(start: Start) -> None:
    """Converse always counts, so a reply without counts is none; elsewhere it is one of unknown price."""
    server, client = start(Fault.no_usage())
    reply = ask(client, Grade)
    if isinstance(server, BedrockServer):
        assert reply.usage.requests == 2
    else:
        assert (reply.usage.tokens_in, reply.usage.priced) == (0, False)


def test_a_server_that_is_not_there_cannot_be_reached(start: Start) -> None:
    server, client = start()
    server.stop()
    with pytest.raises(
        ModelUnreachableError, match=f"cannot be reached, in {QUICK.unreached} requests .*refused"
    ) as met:
        ask(client, Grade)
    assert met.value.hint.startswith("check the ")


@pytest.mark.parametrize(("answered", "attempts"), [(False, QUICK.unreached), (True, QUICK.attempts)])
def test_who_answered_before_is_waited_for_longer(answered: bool, attempts: int) -> None:  # noqa: FBT001
    """It was there, so that it may come back; who never answered has a wrong address or does not run."""
    error = ModelAPIError("a-model", "no connection")
    error.__cause__ = EndpointConnectionError(endpoint_url="http://127.0.0.1:9")
    tries = Tries(QUICK, Contact(made=answered))
    assert [tries.may_go_on(error) for _ in range(attempts)] == [True] * (attempts - 1) + [False]


def test_a_cancelled_call_frees_its_turn(start: Start) -> None:
    server, client = start(Fault.slow(30), concurrency=1)

    async def cancel_and_go_on() -> Grade:
        first = asyncio.create_task(client.ask(CALL, Grade))
        while not server.requests:
            await asyncio.sleep(0.01)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        try:
            return (await client.ask(CALL, Grade)).output
        finally:
            await client.close()

    assert isinstance(asyncio.run(cancel_and_go_on()), Grade)
    assert client.usage.requests == 2


def test_no_more_calls_are_in_flight_than_the_concurrency_allows(start: Start) -> None:
    server, client = start(concurrency=3, latency_s=0.02)

    async def rush() -> None:
        await asyncio.gather(*(client.ask(CALL, Grade) for _ in range(15)))
        await client.close()

    asyncio.run(rush())
    assert server.requests == 15
    assert server.most_in_flight <= 3


def test_as_many_calls_are_in_flight_as_the_concurrency_allows(start: Start) -> None:
    """Neither the connection pools nor anyio's 40 threads hold calls up: nobody is answered before all have asked."""
    everybody = threading.Barrier(60, timeout=60)

    def reply(call: ReceivedCall) -> dict[str, object]:
        everybody.wait()
        return GOOD.model_dump()

    server, client = start(concurrency=60, timeout_s=60.0, reply=reply)

    async def rush() -> None:
        await asyncio.gather(*(client.ask(CALL, Grade) for _ in range(60)))
        await client.close()

    asyncio.run(rush())
    assert (server.requests, server.most_in_flight) == (60, 60)


def test_a_request_carries_what_the_call_says(start: Start) -> None:
    server, client = start()
    ask(client, Grade, ModelCall(system="Be strict.", prompt="Grade this.", temperature=0.3, max_tokens=77, seed=5))
    (received,) = server.calls
    assert (received.system, received.prompt, received.tool) == ("Be strict.", "Grade this.", "give_answer")
    assert received.schema is not None
    assert set(received.schema["required"]) == {"verdict", "score", "reasons"}
    if isinstance(server, BedrockServer):
        assert received.body["inferenceConfig"] == {"temperature": 0.3, "maxTokens": 77}
        assert received.body["toolConfig"]["toolChoice"] == {"any": {}}
        assert "description" in received.body["toolConfig"]["tools"][0]["toolSpec"]
    else:
        wanted = {"temperature": 0.3, "max_tokens": 77, "seed": 5, "tool_choice": "required"}
        assert {name: received.body[name] for name in wanted} == wanted


def test_mixed_faults_share_one_bound(start: Start) -> None:
    """A call cannot go on for ever by failing in a different way each time."""
    faults = [Fault.invalid(), Fault.throttle(), Fault.error(500), Fault.invalid(), Fault.close(), Fault.garbage()]
    server, client = start(*faults * 5, policy=RetryPolicy(attempts=5, output_attempts=6, base_s=0.001, cap_s=0.002))
    with pytest.raises(ModelError):
        ask(client, Grade)
    assert server.requests <= 5 + 6


_CHOICES = '{"id": "x", "object": "chat.completion", "created": %s, "model": "m", "choices": %s}'
_CONTENT = '{"output": {"message": {"role": "assistant", "content": %s}}, "stopReason": "end_turn", "usage": %s}'
_USAGE = '{"inputTokens": 1, "outputTokens": 1, "totalTokens": 2}'
NO_REPLIES = {
    "nothing": "",
    "null": "null",
    "a list": "[]",
    "a text": '"busy"',
    "an empty object": "{}",
    "an error of the gateway's": '{"error": {"message": "busy"}}',
    "nesting without end": "[" * 200_000,
    "no choices": _CHOICES % (1, "[]"),
    "a choice that is none": _CHOICES % (1, "[null]"),
    "a date before all dates": _CHOICES % ("-1000000000000000000", '[{"message": {"role": "assistant"}}]'),
    "a block that is none": _CONTENT % ("[null]", _USAGE),
    "arguments that are a list": _CONTENT
    % ('[{"toolUse": {"toolUseId": "a", "name": "give_answer", "input": ["x"]}}]', _USAGE),
    "counts that are words": _CONTENT % ('[{"text": "x"}]', '{"inputTokens": "x", "outputTokens": 1}'),
    "a message that is a text": '{"output": {"message": "x"}, "stopReason": "end_turn"}',
}


@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize("body", NO_REPLIES.values(), ids=NO_REPLIES)
def test_a_reply_that_is_none_is_the_models_failure(start: Start, body: str, status: int) -> None:
    """Whatever a gateway sends, the call fails in a way that whoever asked can record."""
    server, client = start(*[Fault.garbage(body, status=status)] * 40)
    with pytest.raises(ModelError) as caught:
        ask(client, Grade)
    assert caught.value.exit_code is ExitCode.DEPENDENCY
    assert 1 < server.requests <= QUICK.attempts


def test_half_a_surrogate_pair_in_an_answer_is_left_out(start: Start) -> None:
    """JSON can spell one, and models whose tokens split an emoji do; nothing that reads an answer can hold it."""
    said = {**GOOD.model_dump(), "reasons": ["it is in \ud83d passage 2 \U0001f600"]}
    _, client = start(reply=lambda _: said)
    assert ask(client, Grade).output.reasons == ["it is in  passage 2 \U0001f600"]
