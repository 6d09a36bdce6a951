"""Amazon Titan Text Embeddings on Bedrock: one ``InvokeModel`` request per text, several in flight.

Request and reply: Amazon Bedrock User Guide, "Amazon Titan Embeddings Text". Importing this module imports boto3 and
pydantic-ai, whose names for failures the other clients use, too.
"""

import json
import random
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from typing import Any

import numpy as np
from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, HTTPClientError, ReadTimeoutError
from numpy.typing import NDArray
from pydantic_ai import exceptions as ai

from harness.errors import ModelError
from harness.models.aws import runtime_client
from harness.models.failures import Contact, Tries, failure, retry_after_s
from harness.models.interface import Usage
from harness.models.pricing import TokenCount, cost_usd
from harness.models.retry import RetryPolicy
from harness.models.spec import ModelSpec
from harness.progress import Progress, SilentProgress

MAX_CHARS = 8_000
"""Of a text that is sent: the models take 8,192 tokens, and no language needs more than about one a character."""
DIMENSIONS = 512
"""Of version 2: half of its longest, for 1 % of its accuracy by Amazon's own measurement; version 1 always gives 1,536."""
_WAITS_S = 0.2
"""How often the caller's thread looks up from waiting: to report, and to be interrupted."""
_SILENT = SilentProgress()
_TIMEOUT_CODES = frozenset({"ModelTimeoutException"})
_Category = type[
    ai.ModelRateLimitError | ai.ModelQuotaExceededError | ai.ModelUnavailableError | ai.ModelRequestRejectedError
]
_CATEGORIES: dict[str, _Category] = {
    "ThrottlingException": ai.ModelRateLimitError,
    "TooManyRequestsException": ai.ModelRateLimitError,
    "ServiceQuotaExceededException": ai.ModelQuotaExceededError,
    "AccessDeniedException": ai.ModelAuthenticationError,
    "UnrecognizedClientException": ai.ModelAuthenticationError,
    "ExpiredTokenException": ai.ModelAuthenticationError,
    "InvalidSignatureException": ai.ModelAuthenticationError,
    "ResourceNotFoundException": ai.ModelNotFoundError,
    "ValidationException": ai.ModelRequestRejectedError,
}
_CATEGORIES_BY_STATUS: dict[int, _Category] = {
    400: ai.ModelRequestRejectedError,
    401: ai.ModelAuthenticationError,
    403: ai.ModelAuthenticationError,
    404: ai.ModelNotFoundError,
    429: ai.ModelRateLimitError,
    503: ai.ModelUnavailableError,
}


class TitanClient:
    """Asks one Titan embedding model.

    Args:
        spec: The model.
        key: The dotted key its configuration stands at, for errors.
        region: Of AWS; None leaves it to AWS's own configuration.
        timeout_s: Time for each reply.
        concurrency: Requests in flight at once.
        policy: How often is asked again.

    Raises:
        ConfigurationError: If no region is configured or the AWS configuration is broken.
    """

    def __init__(
        self, spec: ModelSpec, *, key: str, region: str | None, timeout_s: float, concurrency: int, policy: RetryPolicy
    ) -> None:
        self.model_id = spec.text
        self._spec = spec
        self._timeout_s = timeout_s
        self._concurrency = concurrency
        self._policy = policy
        self._usage = Usage()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._contact = Contact()
        self._client = runtime_client(region=region, key=key, timeout_s=timeout_s, concurrency=concurrency)

    @property
    def usage(self) -> Usage:
        """What all calls so far consumed, those that failed included."""
        return self._usage

    def embed(
        self, texts: Sequence[str], *, budget_usd: float | None = None, progress: Progress = _SILENT
    ) -> NDArray[np.float32]:
        """Return one row per text; equal texts are sent once, empty ones never and get a row of zeros.

        Args:
            texts: Cut to what the model takes.
            budget_usd: Nothing more is sent once this client's calls cost so much; None for no cap.
            progress: Told how many texts are done.

        Raises:
            ModelThrottledError: If the model still throttles after the retries.
            ModelError: If it cannot be reached, refuses a text, or the budget is spent before the last one.
        """
        cut = [text.strip()[:MAX_CHARS] for text in texts]
        distinct = list(dict.fromkeys(text for text in cut if text))
        rows = self._rows(distinct, budget_usd, progress)
        nothing = np.zeros_like(next(iter(rows.values()))) if rows else np.zeros(1, dtype=np.float32)
        return np.array([rows.get(text, nothing) for text in cut], dtype=np.float32)

    def close(self) -> None:
        """Release connections. May be called twice."""
        self._client.close()

    def _rows(self, texts: list[str], budget_usd: float | None, progress: Progress) -> dict[str, NDArray[np.float32]]:
        rows: dict[str, NDArray[np.float32]] = {}
        waiting = iter(texts)
        self._stopping.clear()
        with ThreadPoolExecutor(self._concurrency) as pool:
            workers = [pool.submit(self._work, waiting, rows, len(texts), budget_usd) for _ in range(self._concurrency)]
            try:
                pending = set(workers)
                while pending and not self._stopping.is_set():
                    _, pending = wait(pending, timeout=_WAITS_S, return_when=FIRST_EXCEPTION)
                    progress.update("embeddings", len(rows), len(texts))
            finally:
                self._stopping.set()
        # Those that had to stop return in silence; the one that failed raises here.
        for worker in workers:
            worker.result()
        return rows

    def _work(
        self, waiting: Iterator[str], rows: dict[str, NDArray[np.float32]], total: int, budget_usd: float | None
    ) -> None:
        rng = random.Random()
        try:
            while not self._stopping.is_set():
                with self._lock:
                    text = next(waiting, None)
                    spent = self._usage.cost_usd
                if text is None:
                    return
                self._require_budget(spent, budget_usd, len(rows), total)
                row = self._row(text, rng)
                if row is not None:
                    rows[text] = row
        except BaseException:
            self._stopping.set()
            raise

    def _require_budget(self, spent: float, budget_usd: float | None, done: int, total: int) -> None:
        if budget_usd is not None and spent >= budget_usd:
            raise ModelError(
                f"{self.model_id}: the budget of ${budget_usd:g} is spent after {done:,} of {total:,} texts",
                hint="raise [budget] usd, or use [personas] embedding = 'embedded', which costs nothing",
            )

    def _row(self, text: str, rng: random.Random) -> NDArray[np.float32] | None:
        """Return a text's vector after as many requests as it takes and the policy allows; None if told to stop."""
        tries = Tries(self._policy, self._contact)
        while True:
            try:
                row = self._asked(text)
            except ai.ModelAPIError as error:
                if not tries.may_go_on(error):
                    raise self._failure(error, tries.failed) from None
                if self._stopping.wait(self._policy.delay_s(tries.failed, retry_after_s(error), rng)):
                    return None
            except BotoCoreError as error:
                raise self._failure(error, tries.failed + 1) from None
            else:
                self._contact.made = True
                return row

    def _asked(self, text: str) -> NDArray[np.float32]:
        self._consumed(Usage(requests=1))
        began = time.monotonic()
        try:
            reply = self._client.invoke_model(
                modelId=self._spec.model,
                body=json.dumps(self._body(text)),
                contentType="application/json",
                accept="application/json",
            )
            answer = json.loads(reply["body"].read())
            vector = np.asarray(answer["embedding"], dtype=np.float32)
        except ClientError as error:
            raise _api_error(error, self._spec.model) from None
        except (ReadTimeoutError, ConnectTimeoutError):
            raise ai.ModelTimeoutError(self._spec.model, f"{time.monotonic() - began:.0f} s") from None
        except HTTPClientError:
            raise ai.ModelConnectionError(self._spec.model, "no connection") from None
        except (ValueError, KeyError, TypeError):
            # A proxy's page, or a body that lacks what the protocol promises.
            raise ai.ModelAPIError(self._spec.model, "no reply of the protocol") from None
        if vector.ndim != 1 or not vector.size or not np.isfinite(vector).all():
            raise ai.ModelAPIError(self._spec.model, "no vector")
        self._consumed(self._price(answer.get("inputTextTokenCount")))
        return vector

    def _body(self, text: str) -> dict[str, Any]:
        body: dict[str, Any] = {"inputText": text}
        if "-v2" in self._spec.model:
            body |= {"dimensions": DIMENSIONS, "normalize": True}
        return body

    def _price(self, tokens: object) -> Usage:
        """Return what a reply consumed; a reply that counts no tokens is of unknown price."""
        if not isinstance(tokens, int):
            return Usage(priced=False)
        cost = cost_usd(self._spec, TokenCount(input_tokens=tokens))
        return Usage(tokens_in=tokens, cost_usd=cost or 0.0, priced=cost is not None)

    def _consumed(self, usage: Usage) -> None:
        with self._lock:
            self._usage += usage

    def _failure(self, error: Exception, requests: int) -> ModelError:
        if type(error) is not ai.ModelAPIError and getattr(error, "provider_error_code", "") == "ValidationException":
            return ModelError(
                f"{self.model_id}: the request is refused (HTTP 400)",
                hint="check that this account and region offer the embedding model under this id",
            )
        return failure(
            self._spec,
            error,
            requests=requests,
            timeout_s=self._timeout_s,
            max_retry_after_s=self._policy.max_retry_after_s,
        )


def _api_error(error: ClientError, model: str) -> ai.ModelAPIError:
    """Return pydantic-ai's error for one of Bedrock's; its message, which may quote the text, is left out."""
    metadata: dict[str, Any] = dict(error.response.get("ResponseMetadata") or {})
    code = str((error.response.get("Error") or {}).get("Code") or "")
    status = int(metadata.get("HTTPStatusCode") or 500)
    if code in _TIMEOUT_CODES:
        return ai.ModelTimeoutError(model, "the model took too long")
    return ai.ModelHTTPError.for_category(
        _CATEGORIES.get(code) or _CATEGORIES_BY_STATUS.get(status),
        status_code=status,
        model_name=model,
        headers=dict(metadata.get("HTTPHeaders") or {}),
        provider_error_code=code,
    )
