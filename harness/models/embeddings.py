"""Embedding models: texts in, vectors out."""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from harness.errors import ConfigurationError
from harness.models.interface import Usage
from harness.models.retry import RetryPolicy
from harness.models.spec import ModelSpec, parse_spec
from harness.progress import Progress, SilentProgress

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

EMBEDDED = "embedded"
TITAN_MODELS = ("amazon.titan-embed-text-v2:0", "amazon.titan-embed-text-v1")
ALLOWED = (EMBEDDED, *(f"bedrock:{model}" for model in TITAN_MODELS))
"""What ``[personas] embedding`` may say."""
CONCURRENCY = 8
TIMEOUT_S = 20.0
_SILENT = SilentProgress()


class EmbeddingClient(Protocol):
    """An embedding model that answers many texts, in their order."""

    model_id: str
    """As configured: ``bedrock:…``."""

    @property
    def usage(self) -> Usage:
        """What all calls so far consumed, those that failed included."""
        ...

    def embed(
        self, texts: Sequence[str], *, budget_usd: float | None = None, progress: Progress = _SILENT
    ) -> "NDArray[np.float32]":
        """Return one row per text.

        Raises:
            ModelThrottledError: If the model still throttles after the retries.
            ModelError: If it cannot be reached, refuses a text, or the budget is spent before the last one.
        """
        ...

    def close(self) -> None:
        """Release connections. May be called twice."""
        ...


def connect_embeddings(
    spec: str,
    *,
    key: str,
    timeout_s: float = TIMEOUT_S,
    concurrency: int = CONCURRENCY,
    policy: RetryPolicy | None = None,
    env: Mapping[str, str] | None = None,
) -> EmbeddingClient | None:
    """Return a client of the embedding model that a configuration value means; None for ``embedded``. Sends nothing yet.

    Credentials come from AWS's ordinary chain; ``AWS_ENDPOINT_URL_BEDROCK_RUNTIME`` is honoured.

    Args:
        spec: One of ``ALLOWED``.
        key: The dotted key the value stands at, for errors.
        timeout_s: Time for one whole answer; a retry has it again.
        concurrency: Calls in flight at once.
        policy: How often is asked again; None takes the defaults.
        env: The environment; None takes the process's own. AWS's library reads the process's own in any case.

    Raises:
        ConfigurationError: If the value is none of them, or no region is configured.
    """
    if spec == EMBEDDED:
        return None
    parsed = _parsed(spec, key)
    source = os.environ if env is None else env

    from harness.models.aws import region_in
    from harness.models.titan import TitanClient

    return TitanClient(
        parsed,
        key=key,
        region=region_in(source),
        timeout_s=timeout_s,
        concurrency=concurrency,
        policy=policy or RetryPolicy(),
    )


def _parsed(spec: str, key: str) -> ModelSpec:
    if spec not in ALLOWED:
        raise ConfigurationError(
            f"'{key}' names no embedding that is known here (it begins with '{spec.partition(':')[0][:40]}')",
            hint=f"use {', '.join(repr(value) for value in ALLOWED[:-1])} or '{ALLOWED[-1]}'",
        )
    return parse_spec(spec, key=key)
