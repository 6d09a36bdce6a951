"""The two kinds of servers, as pydantic-ai models whose pools have the size of the concurrency.

Importing this module imports pydantic-ai.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic_ai.models import Model
from pydantic_ai.settings import ModelSettings

from harness.models.once import fitted_once, registering_once
from harness.models.spec import ModelSpec

if TYPE_CHECKING:
    from openai import AsyncOpenAI

CALLS_PER_HTTP_CLIENT = 10
"""One shared client keeps 18 % of the ideal rate at 100 calls in flight, several small ones 75 %."""
_CONNECT_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """How to reach one kind of server."""

    models: list[Model]
    """One, or several equal ones with a connection pool each."""
    settings: ModelSettings
    takes_seed: bool
    in_threads: bool
    """Each call blocks a thread, so that the thread pool needs the concurrency's size."""
    close: Callable[[], Awaitable[None]]
    setup_errors: tuple[type[Exception], ...] = ()
    """What the library below pydantic-ai raises where nothing can be sent at all."""
    reply_errors: tuple[type[Exception], ...] = ()
    """What is raised, beside pydantic-ai's own errors, by a reply that is none."""


def openai_backend(spec: ModelSpec, *, timeout_s: float, concurrency: int, api_key: str | None) -> Backend:
    """Return an OpenAI-compatible server; the SDK's own retries are off, and redirects are not followed."""
    import httpx2
    from openai import AsyncOpenAI

    from harness.models.completions import sent_as_given

    count = ceil(concurrency / CALLS_PER_HTTP_CLIENT)
    limits = httpx2.Limits(max_connections=CALLS_PER_HTTP_CLIENT, max_keepalive_connections=CALLS_PER_HTTP_CLIENT)
    clients = [
        AsyncOpenAI(
            base_url=spec.base_url,
            api_key=api_key or "none",
            max_retries=0,
            timeout=timeout_s,
            http_client=httpx2.AsyncClient(
                limits=limits,
                timeout=httpx2.Timeout(timeout_s, connect=min(timeout_s, _CONNECT_TIMEOUT_S)),
                # A proxy cannot reach this machine's own servers.
                trust_env=not spec.is_loopback,
            ),
        )
        for _ in range(count)
    ]

    async def close() -> None:
        for client in clients:
            await client.close()

    return Backend(
        models=[fitted_once(_chat_model(spec, sent_as_given(client))) for client in clients],
        settings=ModelSettings(timeout=timeout_s),
        takes_seed=True,
        in_threads=False,
        close=close,
    )


def _chat_model(spec: ModelSpec, client: "AsyncOpenAI") -> Model:
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.profiles.openai import OpenAIModelProfile
    from pydantic_ai.providers.openai import OpenAIProvider
    from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

    host = urlsplit(spec.base_url).hostname or ""
    if host.endswith((".openai.com", ".azure.com")):
        return OpenAIChatModel(spec.model, provider=OpenAIProvider(openai_client=client))
    # `max_tokens` is deprecated at OpenAI and the only name that every other server knows.
    profile = OpenAIModelProfile(openai_chat_supports_max_completion_tokens=False)
    provider = OpenAICompatibleProvider("openai-compatible", openai_client=client, profile=profile)
    return OpenAIChatModel(spec.model, provider=provider)


def bedrock_backend(
    spec: ModelSpec, *, timeout_s: float, concurrency: int, region: str | None, key: str, stable_system: bool = False
) -> Backend:
    """Return Amazon Bedrock's Converse API; ``AWS_ENDPOINT_URL_BEDROCK_RUNTIME`` is honoured.

    With ``stable_system`` a cache point follows the system text for the models that pydantic-ai knows to take one.

    Raises:
        ConfigurationError: If no region is configured or the AWS configuration is broken.
    """
    from botocore.exceptions import BotoCoreError
    from botocore.parsers import ResponseParserError
    from pydantic_ai.models.bedrock import BedrockConverseModel, BedrockModelSettings
    from pydantic_ai.providers.bedrock import BedrockProvider

    from harness.models.aws import runtime_client

    client = registering_once(runtime_client(region=region, key=key, timeout_s=timeout_s, concurrency=concurrency))

    async def close() -> None:
        client.close()

    return Backend(
        models=[fitted_once(BedrockConverseModel(spec.model, provider=BedrockProvider(bedrock_client=client)))],
        settings=BedrockModelSettings(bedrock_cache_instructions=True) if stable_system else ModelSettings(),
        takes_seed=False,
        in_threads=True,
        close=close,
        setup_errors=(BotoCoreError,),
        reply_errors=(ResponseParserError,),
    )
