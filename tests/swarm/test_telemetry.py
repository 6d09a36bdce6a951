"""A run's spans and metrics, as a real collector gets them, and what happens when it does not."""

import socket
from collections import Counter
from typing import Any

import pytest

from harness.config import TargetSection, TelemetrySection
from harness.contracts import Exchange, Outcome
from harness.errors import ConfigurationError
from swarm import telemetry as module
from swarm.otlp import Histogram, nanoseconds
from swarm.telemetry import Telemetry
from swarm.tracing import new_trace_id, span_id_of
from tests.swarm.collector import Collector, points
from tests.swarm.runs import wait_until

PROMPT = "Where is the harbour office on Lindenweg?"
ANSWER = "Next to the old crane, says nobody else."


def exchange(number: int, outcome: Outcome = "answered", **values: Any) -> Exchange:
    given = {
        "status": 200,
        "error": None if outcome == "answered" else f"{outcome}_kind",
        "ttft_ms": None,
        "tokens_in": None,
        "tokens_out": None,
        **values,
    }
    return Exchange(
        exchange_id=f"ex-{number}",
        prompt_id=f"p-{number}",
        arm="load",
        outcome=outcome,
        scheduled_at="2030-05-01T10:00:00.000000Z",
        sent_at="2030-05-01T10:00:00.250000Z",
        latency_ms=750.0,
        service_ms=500.0,
        trace_id=new_trace_id(),
        prompt=PROMPT,
        response_text=ANSWER,
        contexts=[ANSWER],
        finish_reason=ANSWER,
        request_body=PROMPT,
        response_body=ANSWER,
        target_version=ANSWER,
        **given,
    )


def exporter(url: str, *, headers: dict[str, str] | None = None, **given: Any) -> Telemetry:
    section = TelemetrySection(otlp_endpoint=url, headers=headers or {})
    target = TargetSection(url="http://127.0.0.1:7001/chat")
    made = Telemetry(section, run_id="run-1", target=target, **given)
    made.start()
    return made


def dead_url() -> str:
    """Return the URL of a port at which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{one.getsockname()[1]}"


def test_every_exchange_is_one_span_with_its_own_ids() -> None:
    sent = [exchange(number) for number in range(1200)]
    with Collector() as collector:
        one = exporter(collector.url)
        for item in sent:
            one.add(item)
        assert one.close() == ""
        spans = collector.spans
    assert [span["traceId"] for span in spans] == [item.trace_id for item in sent]
    assert {(len(span["spanId"]), span["spanId"] == span_id_of(span["traceId"])) for span in spans} == {(16, True)}
    first = spans[0]
    assert (first["name"], first["kind"], first["status"]) == ("chat", 3, {})
    assert int(first["startTimeUnixNano"]) == nanoseconds("2030-05-01T10:00:00.250000Z")
    assert int(first["endTimeUnixNano"]) - int(first["startTimeUnixNano"]) == 500_000_000
    told = first["attributes"]
    assert told["reverse_rag.prompt_id"] == "p-0"
    assert (told["reverse_rag.arm"], told["reverse_rag.attempt"], told["reverse_rag.outcome"]) == (
        "load",
        1,
        "answered",
    )
    assert (told["server.address"], told["server.port"], told["http.response.status_code"]) == ("127.0.0.1", 7001, 200)
    assert (told["gen_ai.operation.name"], told["reverse_rag.latency"]) == ("chat", 0.75)


def test_no_word_of_a_prompt_or_an_answer_leaves() -> None:
    with Collector() as collector:
        one = exporter(collector.url)
        one.add(exchange(1, ttft_ms=120.0, tokens_in=12, tokens_out=40))
        one.add(exchange(2, "malformed"))
        one.close()
    whole = b"".join(body for _, body in collector.bodies)
    assert b"ex-1" in whole
    for text in (PROMPT, ANSWER):
        assert not [word for word in text.split() if len(word) > 4 and word.encode() in whole]


def test_failures_are_errors_and_a_blocked_prompt_is_none() -> None:
    with Collector() as collector:
        one = exporter(collector.url)
        outcomes: tuple[Outcome, ...] = ("answered", "http_error", "blocked", "timeout", "http_error")
        for number, outcome in enumerate(outcomes):
            one.add(exchange(number, outcome))
        one.close()
        spans, metrics = collector.spans, collector.metrics
    assert [span["status"].get("code") for span in spans] == [None, 2, None, 2, 2]
    assert spans[1]["attributes"]["error.type"] == "http_error_kind"
    requests = {
        p["attributes"]["reverse_rag.outcome"]: int(p["asInt"]) for p in points(metrics["reverse_rag.requests"])
    }
    assert requests == Counter(outcomes)


def test_histograms_carry_the_conventions_names_units_and_buckets() -> None:
    with Collector() as collector:
        one = exporter(collector.url)
        for number in range(3):
            one.add(exchange(number, ttft_ms=120.0, tokens_in=12, tokens_out=40))
        one.progress({"in_flight": 7, "lag_ms": {"p99": 12.0}})
        one.close()
        metrics = collector.metrics
    (duration,) = points(metrics["gen_ai.client.operation.duration"])
    assert (duration["count"], duration["sum"]) == ("3", pytest.approx(1.5))
    assert duration["bucketCounts"][6] == "3", "0.5 s is above 0.32 and not above 0.64"
    assert len(duration["bucketCounts"]) == len(duration["explicitBounds"]) + 1
    (latency,) = points(metrics["reverse_rag.latency"])
    assert latency["sum"] == pytest.approx(2.25)
    (first,) = points(metrics["gen_ai.client.operation.time_to_first_chunk"])
    assert first["sum"] == pytest.approx(0.36)
    tokens = {p["attributes"]["gen_ai.token.type"]: p["sum"] for p in points(metrics["gen_ai.client.token.usage"])}
    assert tokens == {"input": 36, "output": 120}
    assert metrics["gen_ai.client.token.usage"]["unit"] == "{token}"
    assert points(metrics["reverse_rag.in_flight"])[0]["asDouble"] == 7.0
    assert points(metrics["reverse_rag.generator.lag_p99"])[0]["asDouble"] == 0.012


def test_a_bound_belongs_to_the_bucket_below_it() -> None:
    histogram = Histogram((1.0, 2.0))
    for value in (0.5, 1.0, 1.5, 2.0, 9.0):
        histogram.add(value)
    assert histogram.buckets == [2, 2, 1]


def test_what_an_earlier_process_recorded_is_not_sent_again() -> None:
    with Collector() as collector:
        one = exporter(collector.url, earlier=2)
        for number in range(5):
            one.add(exchange(number))
        assert one.close() == ""
        assert [span["attributes"]["reverse_rag.prompt_id"] for span in collector.spans] == ["p-2", "p-3", "p-4"]


def test_a_dead_collector_is_said_once_with_what_it_missed() -> None:
    url = dead_url()
    one = exporter(url)
    for number in range(3):
        one.add(exchange(number))
    assert one.close() == f"telemetry: 3 of 3 spans and the last metrics did not reach {url} (refused)"


def test_a_collector_that_never_answers_does_not_hold_up_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CLOSE_S", 0.3)
    with Collector(silent=True) as collector:
        one = exporter(collector.url)
        one.add(exchange(1))
        assert "1 of 1 span " in one.close()


def test_a_full_queue_drops_and_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAITING", 10)
    one = exporter(dead_url())
    for number in range(25):
        one.add(exchange(number))
    assert len(one._waiting) == 10
    assert "25 of 25 spans" in one.close()


def test_a_busy_collector_gets_the_same_batch_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EVERY_S", 0.01)
    with Collector(statuses=[503, 429]) as collector:
        one = exporter(collector.url)
        one.add(exchange(1))
        wait_until(lambda: len(collector.bodies) >= 3)
        assert one.close() == ""
        assert len(collector.spans) == 1


def test_what_a_collector_refuses_is_not_sent_again() -> None:
    with Collector(statuses=[401]) as collector:
        one = exporter(collector.url)
        one.add(exchange(1))
        assert "1 of 1 span did not reach" in (lost := one.close())
        assert "status 401" in lost
        assert [path for path, _ in collector.bodies] == ["/v1/traces", "/v1/metrics"]


def test_a_partial_success_counts_what_was_rejected() -> None:
    reply = b'{"partialSuccess":{"rejectedSpans":"2","errorMessage":"too old"}}'
    with Collector(reply=reply) as collector:
        one = exporter(collector.url)
        for number in range(5):
            one.add(exchange(number))
        assert "2 of 5 spans" in one.close()


def test_a_redirect_leads_nowhere() -> None:
    """What goes to the collector goes to nobody else, its headers above all."""
    with Collector() as elsewhere, Collector(statuses=[307] * 9) as collector:
        collector.location = f"{elsewhere.url}/v1/traces"
        one = exporter(collector.url, headers={"authorization": "Bearer ${OTLP_TOKEN}"}, env={"OTLP_TOKEN": "k3y"})
        one.add(exchange(1))
        assert "status 307" in one.close()
        assert elsewhere.bodies == []
        assert {headers["authorization"] for headers in collector.headers} == {"Bearer k3y"}


def test_an_endpoint_may_have_a_path() -> None:
    with Collector() as collector:
        one = exporter(f"{collector.url}/otlp/")
        one.add(exchange(1))
        assert one.close() == ""
        assert [path for path, _ in collector.bodies] == ["/otlp/v1/traces", "/otlp/v1/metrics"]


def test_a_metadata_address_is_never_contacted() -> None:
    one = exporter("http://169.254.169.254")
    one.add(exchange(1))
    assert "metadata address" in one.close()


@pytest.mark.parametrize(
    ("headers", "said"),
    [({"authorization": "${NO_SUCH_TOKEN}"}, "NO_SUCH_TOKEN"), ({"host": "x"}, r"telemetry\.headers\.host")],
)
def test_headers_that_cannot_be_used_are_named_before_the_run(headers: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        exporter("http://127.0.0.1:4318", headers=headers, env={})


def test_the_flavour_of_the_api_is_named_where_it_is_known() -> None:
    section = TelemetrySection(otlp_endpoint="http://127.0.0.1:4318")
    target = TargetSection(url="http://127.0.0.1:7001/v1/chat/completions", protocol="openai-chat")
    one = Telemetry(section, run_id="run-1", target=target)
    assert ("gen_ai.provider.name", "openai") in one._common


def test_ids_are_whole_and_never_zero() -> None:
    ids = {new_trace_id() for _ in range(100)}
    assert len(ids) == 100
    assert all(len(one) == 32 and int(one[:16], 16) and int(span_id_of(one), 16) for one in ids)
