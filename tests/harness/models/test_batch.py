"""Batch inference jobs against a local control plane and a local S3."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from harness.errors import ConfigurationError, ModelError
from harness.models import ModelCall
from harness.models.batch import MIN_RECORDS, BedrockBatches, Polling, connect_batches
from harness.models.pricing import TokenCount, cost_usd
from harness.models.spec import parse_spec
from harness.testing.batches import BatchServer
from harness.testing.script import ReceivedCall
from tests.harness.models.asking import GOOD, Grade

SPEC = "bedrock:amazon.nova-lite-v1:0"
ROLE = "arn:aws:iam::000000000000:role/batches"
QUICK = Polling(first_s=0.01, most_s=0.02)
CALLS = [ModelCall(system="You grade.", prompt=f"Grade answer {number}.", seed=number) for number in range(120)]


class Notes:
    """Notes in memory."""

    def __init__(self) -> None:
        self.notes: dict[str, str] = {}

    def note(self, name: str, text: str) -> None:
        """Keep a text."""
        self.notes[name] = text


@pytest.fixture(scope="module")
def s3_url() -> Iterator[str]:
    """A local S3 server's address."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3(s3_url: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A client of it, and an empty bucket."""
    import boto3

    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", s3_url)
    client = boto3.Session().client("s3", endpoint_url=s3_url, region_name="us-east-1")
    client.create_bucket(Bucket="suites")
    yield client
    for item in client.list_objects_v2(Bucket="suites").get("Contents", ()):
        client.delete_object(Bucket="suites", Key=item["Key"])


def _count(call: ReceivedCall, value: Any) -> tuple[int, int]:
    return len(call.prompt), len(str(value))


@pytest.fixture
def server(s3: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[BatchServer]:
    """A control plane."""
    with BatchServer(lambda _: GOOD.model_dump(), count=_count, s3=s3) as running:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK", running.url)
        yield running


def _batches(polling: Polling = QUICK) -> BedrockBatches:
    return connect_batches(
        SPEC, role_arn=ROLE, root="s3://suites/rr", name="suite-1", key="personas.batch", polling=polling
    )


def _asked(batches: BedrockBatches, notes: Notes, calls: list[ModelCall] = CALLS) -> list[Grade | None]:
    return asyncio.run(batches.ask_all(calls, Grade, notes))


def test_a_job_answers_every_call_at_half_the_price(server: BatchServer) -> None:
    batches = _batches()
    assert _asked(batches, Notes()) == [GOOD] * 120
    job = next(iter(server.jobs.values()))
    assert job["roleArn"] == ROLE
    assert job["modelId"] == "amazon.nova-lite-v1:0"
    assert {call.tool for call in server.calls} == {"give_answer"}
    spec = parse_spec(SPEC, key="x")
    full = sum(cost_usd(spec, TokenCount(input_tokens=i, output_tokens=o)) or 0.0 for i, o in server.billed)
    assert batches.usage.cost_usd == pytest.approx(full / 2)
    assert batches.usage.tokens_in == sum(tokens for tokens, _ in server.billed)
    assert batches.usage.requests == 120
    assert list(batches.jobs.values()) == ["Completed"]


def test_records_that_met_an_error_are_left_open_and_cost_nothing(server: BatchServer) -> None:
    server.broken = lambda place: place % 10 == 0
    server.ends = "PartiallyCompleted"
    batches = _batches()
    replies = _asked(batches, Notes())
    assert replies.count(None) == 12
    assert batches.usage.tokens_in == sum(tokens for tokens, _ in server.billed)


def test_an_answer_of_the_wrong_form_is_left_open(server: BatchServer) -> None:
    server.reply = lambda call: {"verdict": "superb"} if call.prompt.endswith(" 7.") else GOOD.model_dump()
    replies = _asked(_batches(), Notes())
    assert [place for place, reply in enumerate(replies) if reply is None] == [7]


def test_too_few_calls_make_no_job(server: BatchServer) -> None:
    batches = _batches()
    assert _asked(batches, Notes(), CALLS[: MIN_RECORDS - 1]) == [None] * (MIN_RECORDS - 1)
    assert batches.small == MIN_RECORDS - 1
    assert not server.jobs


def test_an_interrupted_wait_goes_on_with_the_same_job(server: BatchServer) -> None:
    """The next attempt waits for the job that was made, takes its answers, and pays nothing twice."""
    server.polls = 10_000
    notes = Notes()

    async def interrupted() -> None:
        async with asyncio.timeout(2):
            await _batches().ask_all(CALLS, Grade, notes)

    with pytest.raises(TimeoutError):
        asyncio.run(interrupted())
    assert len(server.jobs) == 1
    server.polls = 0
    batches = _batches()
    assert _asked(batches, notes) == [GOOD] * 120
    assert len(server.jobs) == 1
    assert batches.usage.requests == 120
    third = _batches()
    assert _asked(third, notes) == [GOOD] * 120
    assert third.usage.requests == 0, "counted by the attempt before"


def test_a_job_that_takes_too_long_is_stopped_and_what_it_did_is_taken(server: BatchServer) -> None:
    server.polls = 10_000
    batches = _batches(Polling(first_s=0.01, most_s=0.02, give_up_s=0.0))
    assert _asked(batches, Notes()) == [GOOD] * 120
    assert list(batches.jobs.values()) == ["Stopped"]


def test_a_failed_job_leaves_every_call_open(server: BatchServer) -> None:
    server.ends = "Failed"
    batches = _batches()
    assert _asked(batches, Notes()) == [None] * 120
    assert batches.usage.cost_usd == 0
    assert list(batches.jobs.values()) == ["Failed"]


def test_what_jobs_read_and_wrote_can_be_deleted(server: BatchServer, s3: Any) -> None:
    batches = _batches()
    _asked(batches, Notes())
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket="suites")["Contents"]]
    assert all(key.startswith("rr/batch/suite-1/") for key in keys)
    asyncio.run(batches.discard())
    assert "Contents" not in s3.list_objects_v2(Bucket="suites")


def test_a_refusal_by_aws_is_an_error_without_its_message(server: BatchServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "create", lambda _: (400, {"message": "you said: Grade answer 7."}))
    with pytest.raises(ModelError, match="ValidationException") as caught:
        _asked(_batches(), Notes())
    assert "answer 7" not in str(caught.value)


@pytest.mark.parametrize(
    ("spec", "root", "role", "words"),
    [
        ("openai:m@http://127.0.0.1:1/v1", "s3://b/p", ROLE, "only Amazon Bedrock"),
        ("offline", "s3://b/p", ROLE, "only Amazon Bedrock"),
        (SPEC, "out", ROLE, "local folder"),
        (SPEC, "s3://b/p", None, "ARN of a role"),
    ],
)
def test_what_cannot_be_asked_in_batches_is_a_configuration_error(
    spec: str, root: str, role: str | None, words: str
) -> None:
    with pytest.raises(ConfigurationError, match=f"personas.batch.*{words}"):
        connect_batches(spec, role_arn=role, root=root, name="suite-1", key="personas.batch")
