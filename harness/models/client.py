"""Models behind pydantic-ai: structured output, own bounded retries, and what it all cost.

Of pydantic-ai this uses the model adapters and not its agents: an agent's graph costs 5 to 7 ms of CPU a call.
Importing this module imports pydantic-ai; ``connect`` does it when a model is really wanted.
"""

import asyncio
import json
import random
from collections.abc import Sequence

from pydantic import BaseModel
from pydantic_ai.exceptions import ModelAPIError, UserError
from pydantic_ai.messages import ModelRequest, ModelResponse, SystemPromptPart, UserPromptPart
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.settings import ModelSettings

from harness.errors import ModelError, ModelOutputError
from harness.models.answers import CUT_OFF, answer_in, asked_again, tool_for
from harness.models.backends import Backend
from harness.models.failures import Contact, failure
from harness.models.interface import ModelCall, ModelReply, OutputT, Usage
from harness.models.limits import Limit, most_tokens
from harness.models.pace import Pace
from harness.models.pricing import TokenCount, cost_usd
from harness.models.retry import RetryPolicy
from harness.models.sending import Sender
from harness.models.spec import ModelSpec


class PydanticAIClient:
    """Asks a backend's models, at most ``concurrency`` calls at once; with a pace, fewer where they are throttled.

    Use it from one event loop only: its connections belong to it.
    """

    def __init__(
        self,
        spec: ModelSpec,
        backend: Backend,
        *,
        timeout_s: float,
        concurrency: int,
        policy: RetryPolicy,
        pace: Pace | None = None,
        limits: Sequence[Limit] = (),
    ) -> None:
        self.model_id = spec.model_id
        self._spec = spec
        self._backend = backend
        self._timeout_s = timeout_s
        self._concurrency = concurrency
        self._policy = policy
        self._pace = pace
        self._limits = limits
        self._usage = Usage()
        self._contact = Contact()
        self._rng = random.Random()
        self._errors: tuple[type[Exception], ...] = (ModelAPIError, UserError, *backend.setup_errors)
        self._tools: dict[type[BaseModel], ModelRequestParameters] = {}
        self._tool_texts: dict[type[BaseModel], str] = {}
        # A slot is both a turn and the connection pool it uses.
        self._slots: asyncio.Queue[Model] = asyncio.Queue()
        for number in range(concurrency):
            self._slots.put_nowait(backend.models[number % len(backend.models)])

    @property
    def usage(self) -> Usage:
        """What all calls so far consumed, those that failed and those in flight included."""
        return self._usage

    async def ask(self, call: ModelCall, output: type[OutputT]) -> ModelReply[OutputT]:
        """Return the model's answer as an ``output``.

        Raises:
            ModelThrottledError: If the model still throttles after the retries.
            ModelOutputError: If its answers never validated.
            ModelError: If it cannot be reached or refuses the call.
            BudgetSpentError: If a limit does not allow a request.
        """
        model = await self._slots.get()
        sender = Sender(
            model,
            self._policy,
            timeout_s=self._timeout_s,
            meter=self._consumed,
            ledger=self._add,
            pace=self._pace,
            contact=self._contact,
            limits=self._limits,
            rng=self._rng,
            reply_errors=self._backend.reply_errors,
        )
        try:
            return await self._answered(call, output, sender)
        except ModelError as error:
            error.cost_usd = sender.usage.cost_usd
            error.tokens = sender.usage.tokens
            raise
        finally:
            self._slots.put_nowait(model)

    async def close(self) -> None:
        """Release connections. May be called twice."""
        await self._backend.close()

    def _add(self, usage: Usage) -> None:
        self._usage += usage

    async def _answered(self, call: ModelCall, output: type[OutputT], sender: Sender) -> ModelReply[OutputT]:
        try:
            return await self._ask(call, output, sender)
        except self._errors as error:
            # `from None`: the provider's own message may quote the prompt.
            raise failure(
                self._spec,
                error,
                requests=sender.usage.requests,
                timeout_s=self._timeout_s,
                max_retry_after_s=self._policy.max_retry_after_s,
            ) from None

    async def _ask(self, call: ModelCall, output: type[OutputT], sender: Sender) -> ModelReply[OutputT]:
        if self._backend.in_threads:
            _widen_thread_pool(self._concurrency)
        settings = self._settings(call)
        prompt = call.prompt
        problem = ""
        for _ in range(self._policy.output_attempts):
            request = ModelRequest(parts=[SystemPromptPart(call.system), UserPromptPart(prompt)])
            tool = self._tool(output)
            expected = self._expected(call.system, prompt, self._tool_texts[output], max_tokens=call.max_tokens)
            response = await sender.send([request], settings, tool, expected)
            answer = answer_in(response, output, call.partial)
            if answer.output is not None:
                cut_off = response.finish_reason == "length"
                return ModelReply(output=answer.output, usage=sender.usage, cut_off=cut_off)
            if response.finish_reason == "content_filter":
                raise ModelError(f"{self.model_id}: the provider's content filter withheld the answer")
            problem = answer.problem
            prompt = asked_again(call.prompt, problem)
        raise ModelOutputError(
            f"{self.model_id}: none of {self._policy.output_attempts} answers had the asked-for form",
            hint=f"raise max_tokens ({call.max_tokens})" if problem == CUT_OFF else "use a model that calls tools",
        )

    def _tool(self, output: type[BaseModel]) -> ModelRequestParameters:
        if output not in self._tools:
            self._tools[output] = tool_for(output)
            self._tool_texts[output] = json.dumps(output.model_json_schema())
        return self._tools[output]

    def _settings(self, call: ModelCall) -> ModelSettings:
        settings = ModelSettings(temperature=call.temperature, max_tokens=call.max_tokens)
        if call.seed is not None and self._backend.takes_seed:
            settings["seed"] = call.seed
        settings.update(self._backend.settings)
        return settings

    def _expected(self, *texts: str, max_tokens: int) -> Usage:
        """Return what one request consumes at most; without limits nobody needs to know."""
        if not self._limits:
            return Usage()
        tokens_in, tokens_out = most_tokens(texts, max_tokens)
        cost = cost_usd(self._spec, TokenCount(input_tokens=tokens_in, output_tokens=tokens_out))
        return Usage(tokens_in=tokens_in, tokens_out=tokens_out, cost_usd=cost or 0.0, priced=cost is not None)

    def _consumed(self, response: ModelResponse) -> Usage:
        counted = response.usage
        tokens = TokenCount(
            input_tokens=counted.input_tokens,
            output_tokens=counted.output_tokens,
            cache_read_tokens=counted.cache_read_tokens,
            cache_write_tokens=counted.cache_write_tokens,
        )
        cost = None if counted.unmeasured_requests else cost_usd(self._spec, tokens)
        return Usage(
            tokens_in=tokens.input_tokens,
            tokens_out=tokens.output_tokens,
            cost_usd=cost or 0.0,
            priced=cost is not None,
        )


def _widen_thread_pool(size: int) -> None:
    """Let the event loop block as many threads as there are calls in flight (anyio allows 40 on its own)."""
    import anyio.to_thread

    limiter = anyio.to_thread.current_default_thread_limiter()
    limiter.total_tokens = max(limiter.total_tokens, size)
