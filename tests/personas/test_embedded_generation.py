"""Suites whose segments an embedding model finds: what it is sent, what it costs, and what a budget does."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.config import BudgetSection, Settings
from harness.contracts import SanitizedSession
from harness.errors import ModelError
from harness.models import RetryPolicy, connect
from harness.models.embeddings import connect_embeddings
from harness.storage import Storage
from harness.suites import read_manifest
from harness.testing.author import ScriptedAuthor, counted_tokens
from harness.testing.embeddings import TitanServer
from harness.testing.servers import OpenAIServer
from personas.generation import SuiteResult, make_suite
from tests.personas.logs import library_sessions, session_of
from tests.personas.suites import publish_dataset, settings_of

PRICE = 0.02 / 1e6
"""Of a token, by the price list."""
QUICK = RetryPolicy(attempts=4, base_s=0.001, cap_s=0.005)
SECRET = "zeppelinworks"


def _sessions() -> list[SanitizedSession]:
    """Return a library's sessions, and some that hold a word of one user and a placeholder."""
    odd = [
        session_of(f"please renew my loan at {SECRET} for <PERSON>", user="odd", session_id=f"odd-{i}")
        for i in range(3)
    ]
    return [*library_sessions(120), *odd]


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    storage = Storage(str(tmp_path / "out"))
    publish_dataset(storage, "data-1", _sessions())
    return storage


@pytest.fixture
def titan(monkeypatch: pytest.MonkeyPatch) -> Iterator[TitanServer]:
    """An embedding model, in an environment that knows no other."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_BEARER_TOKEN_BEDROCK", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    values = {"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "invented", "AWS_SECRET_ACCESS_KEY": "invented"}
    for name, value in {**values, "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}.items():
        monkeypatch.setenv(name, value)
    with TitanServer() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", server.url)
        yield server


def _settings(storage: Storage, titan: TitanServer, usd: float | None = None, **values: object) -> Settings:
    settings = settings_of(storage, embedding=titan.spec, **values)
    return settings.model_copy(update={"budget": BudgetSection(usd=usd)})


def _made(settings: Settings, storage: Storage, author: OpenAIServer | None = None) -> SuiteResult:
    embeddings = connect_embeddings(settings.personas.embedding, key="personas.embedding", policy=QUICK)
    model = connect(author.spec, timeout_s=20, concurrency=2, key="personas.model", policy=QUICK) if author else None
    assert embeddings is not None
    try:
        return make_suite(settings, storage, model=model, embeddings=embeddings)
    finally:
        embeddings.close()


def test_what_the_embedding_model_costs_is_counted(storage: Storage, titan: TitanServer) -> None:
    result = _made(_settings(storage, titan), storage)
    tokens = sum(tokens_in for tokens_in, _ in titan.billed)
    assert result.prompts == 80
    assert result.embedding_usage.requests == titan.requests > 20
    assert result.embedding_usage.cost_usd == pytest.approx(tokens * PRICE)
    manifest = read_manifest(result.folder)
    assert manifest.models["embedding"] == titan.spec
    assert manifest.details["embedding_usage"]["tokens_in"] == tokens
    assert manifest.details["usage"]["in_all"]["cost_usd"] == pytest.approx(tokens * PRICE)


def test_nothing_rare_and_no_placeholder_is_sent(storage: Storage, titan: TitanServer) -> None:
    _made(_settings(storage, titan), storage)
    sent = "\n".join(call.prompt for call in titan.calls).lower()
    assert "loan" in sent
    assert SECRET not in sent
    assert "person" not in sent
    assert "rare" not in sent
    assert "the app, under services" not in sent, "what the assistant said"


def test_a_spent_budget_ends_the_command_without_a_suite(storage: Storage, titan: TitanServer) -> None:
    with pytest.raises(ModelError, match="budget"):
        _made(_settings(storage, titan, usd=20 * PRICE), storage)
    assert storage.ids("suites") == []
    tokens = sum(tokens_in for tokens_in, _ in titan.billed)
    assert 20 <= tokens < 250, "those in flight when it was spent, and no more"


def test_embeddings_of_all_attempts_count_into_the_budget(storage: Storage, titan: TitanServer) -> None:
    """The first attempt leaves work undone; the second one embeds again and knows what the first one paid."""
    with OpenAIServer(ScriptedAuthor(), count=counted_tokens) as author:
        few = _settings(storage, titan, model=author.spec, prompts_per_persona=10)
        tight = few.model_copy(update={"budget": BudgetSection(tokens=6_000)})
        first = _made(tight, storage, author)
        assert first.resumable
        assert first.usage_in_all.tokens == first.usage.tokens + first.embedding_usage.tokens <= 6_000
        second = _made(few, storage, author)
    assert second.reused > 0
    assert not second.filled_offline
    both = first.embedding_usage + second.embedding_usage
    assert second.usage_in_all.cost_usd == pytest.approx(both.cost_usd)
    assert second.usage_in_all.tokens == first.usage.tokens + second.usage.tokens + both.tokens
