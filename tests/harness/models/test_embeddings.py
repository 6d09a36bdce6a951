"""Titan's text embeddings over real HTTP: what is sent, what it costs, and what becomes of each failure."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import get_args

import numpy as np
import pytest

from harness.config import PersonasSection
from harness.errors import ConfigurationError, ModelError, ModelThrottledError
from harness.models.embeddings import ALLOWED, EmbeddingClient, connect_embeddings
from harness.testing.embeddings import TitanServer
from harness.testing.script import Fault
from tests.harness.models.asking import QUICK

V1 = "bedrock:amazon.titan-embed-text-v1"
Start = Callable[..., tuple[TitanServer, EmbeddingClient]]


@pytest.fixture
def titan(monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Start a server that meets its first requests with faults, and a client of it."""
    with ExitStack() as running:

        def begin(*faults: Fault, spec: str = "", **settings: float) -> tuple[TitanServer, EmbeddingClient]:
            server = running.enter_context(TitanServer(faults=faults, latency_s=settings.get("latency_s", 0.0)))
            monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", server.url)
            client = connect_embeddings(
                spec or server.spec,
                key="personas.embedding",
                policy=QUICK,
                concurrency=int(settings.get("concurrency", 4)),
                timeout_s=settings.get("timeout_s", 20.0),
            )
            assert client is not None
            running.callback(client.close)
            return server, client

        yield begin


def test_texts_become_rows_in_their_order(titan: Start) -> None:
    _, client = titan()
    rows = client.embed(["renew my loan", "a study room", "renew my loan today"])
    assert rows.shape == (3, 512)
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert rows[0] @ rows[2] > rows[0] @ rows[1]


def test_the_second_version_is_asked_for_dimensions_and_the_first_for_nothing_but_the_text(titan: Start) -> None:
    server, client = titan()
    client.embed(["renew my loan"])
    assert server.calls[0].body == {"inputText": "renew my loan", "dimensions": 512, "normalize": True}
    server, client = titan(spec=V1)
    assert client.embed(["renew my loan"]).shape == (1, 1536)
    assert server.calls[0].body == {"inputText": "renew my loan"}


def test_equal_texts_are_sent_once_and_empty_ones_never(titan: Start) -> None:
    server, client = titan()
    rows = client.embed(["my loan", " my loan ", "", "my fee"])
    assert sorted(call.prompt for call in server.calls) == ["my fee", "my loan"]
    assert (rows[0] == rows[1]).all()
    assert not rows[2].any()


def test_only_empty_texts_need_no_request(titan: Start) -> None:
    server, client = titan()
    assert client.embed(["", " "]).shape[0] == 2
    assert server.requests == 0


def test_a_long_text_is_cut_to_what_the_model_takes(titan: Start) -> None:
    server, client = titan()
    client.embed(["loan " * 10_000])
    assert len(server.calls[0].prompt) == 8_000


def test_tokens_and_dollars_are_those_of_the_replies(titan: Start) -> None:
    """Version 2 costs two cents a million tokens in the price list."""
    _, client = titan()
    client.embed([f"renew loan {number}" for number in range(10)])
    assert client.usage.requests == 10
    assert client.usage.tokens_in == 30
    assert client.usage.cost_usd == pytest.approx(30 * 0.02 / 1e6)
    assert client.usage.priced


def test_a_reply_that_counts_no_tokens_is_of_unknown_price(titan: Start) -> None:
    _, client = titan(Fault.no_usage())
    client.embed(["renew my loan"])
    assert not client.usage.priced


def test_no_more_requests_are_in_flight_than_allowed(titan: Start) -> None:
    server, client = titan(concurrency=3, latency_s=0.01)
    client.embed([f"loan {number}" for number in range(30)])
    assert 1 < server.most_in_flight <= 3


@pytest.mark.parametrize(
    "fault", [Fault.throttle(), Fault.error(500), Fault.error(503), Fault.close(), Fault.garbage(), Fault.invalid()]
)
def test_a_passing_fault_is_retried_until_the_vector_comes(titan: Start, fault: Fault) -> None:
    server, client = titan(fault, fault, concurrency=1)
    assert client.embed(["renew my loan"]).shape == (1, 512)
    assert server.requests == client.usage.requests == 3


def test_lasting_throttling_ends_after_the_allowed_attempts(titan: Start) -> None:
    server, client = titan(*[Fault.throttle()] * 40, concurrency=1)
    with pytest.raises(ModelThrottledError, match="still throttles after 4 requests"):
        client.embed(["renew my loan"])
    assert server.requests == QUICK.attempts


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (Fault.error(403, code="AccessDeniedException"), "credentials are refused"),
        (Fault.error(403, code="ExpiredTokenException"), "credentials are refused"),
        (Fault.error(404, code="ResourceNotFoundException"), "no such model"),
        (Fault.error(400, code="ValidationException", text="secret words"), "request is refused"),
        (Fault.error(400, code="ServiceQuotaExceededException"), "quota"),
    ],
)
def test_a_refusal_is_final_and_says_what_to_do(titan: Start, fault: Fault, message: str) -> None:
    server, client = titan(*[fault] * 10, concurrency=1)
    with pytest.raises(ModelError, match=message) as caught:
        client.embed(["renew my loan", "my fee"])
    assert caught.value.hint
    assert "secret" not in str(caught.value)
    assert server.requests == 1


def test_a_slow_reply_times_out(titan: Start) -> None:
    _, client = titan(*[Fault.slow(5.0)] * 4, timeout_s=0.1, concurrency=1)
    with pytest.raises(ModelError, match=r"within 0\.1 s"):
        client.embed(["renew my loan"])


def test_the_budget_ends_the_asking_and_the_error_says_how_far_it_came(titan: Start) -> None:
    server, client = titan(concurrency=1)
    with pytest.raises(ModelError, match=r"budget of \$1e-07 is spent after 3 of 50 texts"):
        client.embed([f"loan {number}" for number in range(50)], budget_usd=1e-7)
    assert server.requests == 3


def test_one_failure_stops_all_workers(titan: Start) -> None:
    server, client = titan(Fault.error(403, code="AccessDeniedException"), latency_s=0.01)
    with pytest.raises(ModelError):
        client.embed([f"loan {number}" for number in range(500)])
    assert server.requests < 500


def test_the_embedded_way_needs_no_client() -> None:
    assert connect_embeddings("embedded", key="personas.embedding") is None


def test_an_unknown_embedding_is_an_error_that_names_the_allowed_ones() -> None:
    with pytest.raises(ConfigurationError, match=r"personas\.embedding") as caught:
        connect_embeddings("bedrock:some.other-model", key="personas.embedding")
    assert all(value in caught.value.hint for value in ALLOWED)


def test_the_configuration_allows_the_same_values() -> None:
    assert get_args(PersonasSection.model_fields["embedding"].annotation) == ALLOWED
