"""Generation over real HTTP by servers that throttle, cut off, talk, repeat themselves and die: all arrives, all is counted."""

import itertools
import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.config import BudgetSection, PersonasSection, Settings, StorageSection
from harness.models import RetryPolicy, connect
from harness.models.pricing import TokenCount, cost_usd
from harness.models.spec import parse_spec
from harness.sessions import SessionWriter
from harness.storage import Storage
from harness.suites import read_manifest, read_prompts
from harness.testing.author import ScriptedAuthor, counted_tokens
from harness.testing.servers import BedrockServer, Fault, ModelServer, OpenAIServer, ReceivedCall
from personas.asking import BUDGET_SPENT
from personas.author import TEMPERATURE
from personas.composition import OFFLINE_ONLY
from personas.generation import SuiteResult, make_suite
from tests.personas.attempt import CONCURRENCY
from tests.personas.logs import library_sessions

ANSWERED = 8
"""Calls of the attempt that is killed that are answered."""
PATIENCE_S = 150.0
"""Far more than an attempt takes on a busy machine."""
QUICK = RetryPolicy(attempts=8, base_s=0.001, cap_s=0.005)
NOVA = parse_spec("bedrock:amazon.nova-lite-v1:0", key="personas.model")
EVERY_FAULT = [
    *[Fault.throttle()] * 6,
    Fault.truncated(),
    Fault.fenced(0.5),
    Fault.malformed(),
    Fault.throttle(retry_after_s=0.01),
    Fault.error(503),
    Fault.plain_text(),
    Fault.fenced(),
    Fault.invalid(),
    Fault.garbage(),
    Fault.close(),
    Fault.truncated(),
]


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key, profile or proxy of whoever runs the tests has a say."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_BEARER_TOKEN_BEDROCK", "AWS_ENDPOINT_URL", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    values = {"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "invented", "AWS_SECRET_ACCESS_KEY": "invented"}
    for name, value in {**values, "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    """A root with a small dataset."""
    storage = Storage(str(tmp_path / "out"))
    folder = storage.staging("sanitized")
    with SessionWriter(folder) as writer:
        for session in library_sessions(120):
            writer.add(session)
    storage.publish("sanitized", "data-1", folder)
    return storage


@pytest.fixture
def bedrock(monkeypatch: pytest.MonkeyPatch) -> Iterator[BedrockServer]:
    """A server that speaks Converse, which bills each answer by its length."""
    with BedrockServer(ScriptedAuthor(), count=counted_tokens) as running:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", running.url)
        yield running


@pytest.fixture(params=[OpenAIServer, BedrockServer], ids=["openai", "bedrock"])
def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    """A server of either kind, which bills each answer by its length."""
    with request.param(ScriptedAuthor(), count=counted_tokens) as running:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", running.url)
        yield running


def _settings(storage: Storage, *, each: int = 60, budget: BudgetSection | None = None, **values: Any) -> Settings:
    section = PersonasSection(personas=2, prompts_per_persona=each, **values)
    return Settings(storage=StorageSection(root=storage.root), personas=section, budget=budget or BudgetSection())


def _made(settings: Settings, storage: Storage, server: ModelServer, *, timeout_s: float = 20.0) -> SuiteResult:
    client = connect(server.spec, timeout_s=timeout_s, concurrency=4, key="personas.model", policy=QUICK, adaptive=True)
    return make_suite(settings, storage, model=client)


def _billed_usd(server: ModelServer) -> float:
    """Return what the server's own ledger comes to at list price."""
    counts = [TokenCount(input_tokens=tokens_in, output_tokens=tokens_out) for tokens_in, tokens_out in server.billed]
    return sum(cost_usd(NOVA, count) or 0.0 for count in counts)


def _by_model(prompts: list[Any]) -> list[Any]:
    return [prompt for prompt in prompts if prompt.generator.kind != "offline"]


def _work(storage: Storage) -> list[Path]:
    return sorted(Path(storage.root, "work").glob("*/part-*"))


def test_the_asked_for_count_arrives_whatever_the_server_does(storage: Storage, server: ModelServer) -> None:
    server.meet(EVERY_FAULT)
    server.reply = ScriptedAuthor(duplicates=0.2, lacking=0.3)
    result = _made(_settings(storage), storage, server)
    prompts = read_prompts(result.folder)
    assert result.prompts == result.planned == len(prompts) == 120
    assert not result.shortfall
    assert not result.filled_offline
    assert {p.strategy for p in prompts if p.generator.kind == "offline"} <= OFFLINE_ONLY
    assert result.rejected["duplicate"] > 0
    texts = Counter(" ".join(prompt.turns) for prompt in prompts)
    assert max(texts.values()) == 1
    assert not _work(storage), "what is published needs no journal any more"


def test_what_the_suite_says_it_cost_is_what_the_server_billed(storage: Storage, server: ModelServer) -> None:
    """Answers that were cut off, malformed, of the wrong form or mere talk are billed, too; refusals are not."""
    server.meet(EVERY_FAULT)
    result = _made(_settings(storage), storage, server)
    assert result.usage.requests == server.requests
    assert result.usage.tokens_in == sum(tokens for tokens, _ in server.billed)
    assert result.usage.tokens_out == sum(tokens for _, tokens in server.billed)
    if isinstance(server, BedrockServer):
        assert result.usage.cost_usd == pytest.approx(_billed_usd(server), abs=1e-9)
    manifest = read_manifest(result.folder)
    assert manifest.details["usage"]["tokens_out"] == result.usage.tokens_out
    assert manifest.details["usage"]["in_all"]["tokens_out"] == result.usage.tokens_out


def test_answers_that_nobody_waited_for_are_told_apart(storage: Storage, bedrock: BedrockServer) -> None:
    """A time-out may be billed, and nobody learns how much: it is counted as a request without a price."""
    bedrock.meet([Fault.slow(60.0), Fault.slow(60.0)])
    result = _made(_settings(storage, each=30), storage, bedrock, timeout_s=4.0)
    assert result.prompts == result.planned
    assert result.usage.unmetered >= 2
    assert result.usage.tokens_in <= sum(tokens for tokens, _ in bedrock.billed)
    assert read_manifest(result.folder).details["usage"]["unmetered"] == result.usage.unmetered


def test_whole_prompts_of_a_cut_answer_are_kept(storage: Storage, server: ModelServer) -> None:
    """What is missing is asked for again, in smaller parts; talk around an answer does no harm."""
    server.meet([*[Fault.fenced()] * 2, *[Fault.fenced(0.6)] * 3])
    result = _made(_settings(storage, each=40), storage, server)
    assert result.prompts == result.planned
    assert not result.filled_offline
    assert result.usage.requests == server.requests


@pytest.mark.timeout(420)
def test_a_killed_generation_asks_only_for_the_rest(storage: Storage, tmp_path: Path) -> None:
    """SIGKILL in the middle: nothing that was answered is paid for again, and the cost of both attempts is known."""
    author, released, number = ScriptedAuthor(), threading.Event(), itertools.count(1)

    def reply(call: ReceivedCall) -> Any:
        if next(number) > ANSWERED:
            released.wait(PATIENCE_S)
        return author(call)

    with OpenAIServer(reply, count=counted_tokens) as server:
        settings = _settings(storage, each=60, model=server.spec)
        process = _started(settings, storage, tmp_path)
        try:
            # All that was answered is written down, and as many calls as may be in flight wait.
            _wait_for(
                lambda: (
                    len(server.calls) == ANSWERED + CONCURRENCY
                    and _tokens_noted(storage) == sum(map(sum, server.billed))
                ),
                lambda: process.poll() is None,
            )
        finally:
            process.kill()
            process.wait()
        kept = _answers(storage)
        assert all(path.stat().st_mode & 0o077 == 0 for path in _work(storage))
        first = len(server.calls)
        released.set()
        # The provider works on what was in flight, and bills it, whether or not anybody is there to read it.
        _wait_for(lambda: len(server.billed) == first)
        server.reply = author
        result = _made(settings, storage, server)
        asked = Counter(call.body["seed"] for call in server.calls)
    billed = [sum(tokens) for tokens in server.billed]
    assert (len(kept), first) == (ANSWERED, ANSWERED + CONCURRENCY)
    assert result.prompts == result.planned
    assert result.reused == ANSWERED
    assert all(asked[answer["answer"]["seed"]] == 1 for answer in kept), "what is written down is asked for once"
    assert Counter(asked.values()) == {1: len(asked) - CONCURRENCY, 2: CONCURRENCY}, "what was in flight, twice"
    assert result.usage.tokens == sum(billed[first:])
    assert result.usage_in_all.tokens == sum(billed[:ANSWERED]) + sum(billed[first:]), "all but what was in flight"
    assert read_manifest(result.folder).details["usage"]["in_all"]["requests"] == result.usage_in_all.requests
    assert not _work(storage)


def _started(settings: Settings, storage: Storage, tmp_path: Path) -> subprocess.Popen[bytes]:
    file = tmp_path / "settings.json"
    file.write_text(settings.model_dump_json(by_alias=True), encoding="utf-8")
    return subprocess.Popen([sys.executable, "-m", "tests.personas.attempt", str(file), storage.root])


def _records(storage: Storage) -> list[dict[str, Any]]:
    lines = [line for path in _work(storage) for line in path.read_bytes().splitlines(keepends=True)]
    return [json.loads(line) for line in lines if line.endswith(b"\n")]


def _answers(storage: Storage) -> list[dict[str, Any]]:
    return [record for record in _records(storage) if "answer" in record]


def _tokens_noted(storage: Storage) -> int:
    used = [record["usage"] for record in _records(storage) if "usage" in record]
    return sum(usage["tokens_in"] + usage["tokens_out"] for usage in used)


def _wait_for(condition: Callable[[], bool], alive: Callable[[], bool] = lambda: True) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert alive(), "the first attempt ended before it came so far"
        assert time.monotonic() < deadline, f"it never came so far in {PATIENCE_S:g} s"
        time.sleep(0.05)


def test_a_spent_budget_publishes_what_there_is_and_the_next_run_goes_on(
    storage: Storage, bedrock: BedrockServer
) -> None:
    first = _made(_settings(storage, budget=BudgetSection(tokens=6_000)), storage, bedrock)
    assert first.usage.tokens <= 6_000 * 1.2
    assert first.model_failures[BUDGET_SPENT] > 0
    assert first.prompts == first.planned
    assert sum(first.filled_offline.values()) > 0
    assert first.resumable
    calls = len(bedrock.calls)
    second = _made(_settings(storage), storage, bedrock)
    assert second.prompts == second.planned
    assert not second.filled_offline
    assert second.reused == calls
    assert second.usage_in_all.tokens == sum(map(sum, bedrock.billed))
    assert not _work(storage)


def test_a_cap_holds_over_all_attempts(storage: Storage, bedrock: BedrockServer) -> None:
    """A generation that is started again and again cannot spend its budget again and again."""
    budget = BudgetSection(tokens=6_000)
    _made(_settings(storage, budget=budget), storage, bedrock)
    calls = len(bedrock.calls)
    second = _made(_settings(storage, budget=budget), storage, bedrock)
    assert len(bedrock.calls) - calls <= 1
    assert second.prompts == second.planned


def test_a_model_that_throttles_to_death_midway_loses_nothing(storage: Storage, bedrock: BedrockServer) -> None:
    """What it gave is in the suite, what it owes is written offline, and the next run asks for that only."""
    author = ScriptedAuthor()
    seen: list[int] = []

    def reply(call: ReceivedCall) -> Any:
        seen.append(1)
        if len(seen) == 6:
            bedrock.meet([Fault.throttle()] * 5_000)
        return author(call)

    bedrock.reply = reply
    first = _made(_settings(storage), storage, bedrock)
    assert first.model_failures["ModelThrottledError"] > 0
    assert first.prompts == first.planned
    written = {tuple(p.turns) for p in _by_model(read_prompts(first.folder))}
    assert written
    bedrock.meet([])
    answered = len(bedrock.billed)
    second = _made(_settings(storage), storage, bedrock)
    assert second.reused == answered
    assert not second.filled_offline
    assert written <= {tuple(p.turns) for p in read_prompts(second.folder)}


def test_every_prompt_says_how_it_was_made(storage: Storage, bedrock: BedrockServer) -> None:
    bedrock.meet([Fault.truncated()] * 2)
    result = _made(_settings(storage), storage, bedrock)
    prompts = read_prompts(result.folder)
    for prompt in prompts:
        assert prompt.generator.template
        assert len(prompt.generator.template_hash) == 64
        assert prompt.generator.seed is not None
    seeds = {p.generator.seed for p in _by_model(prompts)}
    assert len(seeds) > 5, "each call has a seed of its own"
    assert {p.generator.temperature for p in _by_model(prompts)} == {TEMPERATURE}
    assert bedrock.calls[-1].body["inferenceConfig"]["temperature"] == TEMPERATURE
