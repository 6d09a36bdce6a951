"""One call's requests: sent as often as the policy allows, and added up.

Importing this module imports pydantic-ai.
"""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import replace

from pydantic_ai.exceptions import ModelAPIError, ModelTimeoutError, UnexpectedModelBehavior, UserError
from pydantic_ai.messages import ModelMessage, ModelResponse
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.settings import ModelSettings

from harness.models.failures import Contact, Tries, is_throttling, may_be_billed, retry_after_s
from harness.models.interface import Usage
from harness.models.limits import Limit
from harness.models.pace import Pace
from harness.models.retry import RetryPolicy

_BROKEN = (UnexpectedModelBehavior, AttributeError, IndexError, KeyError, TypeError, ValueError, RuntimeError)
"""What the libraries raise for a reply that lacks what their code takes for granted: a proxy's page, no choices, a text
where a number belongs, a nesting without end."""
Meter = Callable[[ModelResponse], Usage]
Ledger = Callable[[Usage], None]


class Sender:
    """Sends the requests of one call; retries what got no answer.

    Args:
        model: Where to.
        policy: How often.
        timeout_s: Time for each whole answer.
        meter: What a response consumed.
        ledger: Told of everything consumed as soon as it is known.
        pace: Gives each request its turn; None sends at once.
        contact: With the model, as all its calls know it.
        limits: Asked before each request.
        rng: Of the waits; one for all calls, because seeding one asks the operating system.
        reply_errors: What the library below raises for a reply that is none.
    """

    def __init__(
        self,
        model: Model,
        policy: RetryPolicy,
        *,
        timeout_s: float,
        meter: Meter,
        ledger: Ledger,
        pace: Pace | None,
        contact: Contact,
        limits: Sequence[Limit],
        rng: random.Random,
        reply_errors: tuple[type[Exception], ...],
    ) -> None:
        self.usage = Usage()
        self._model = model
        self._policy = policy
        self._timeout_s = timeout_s
        self._meter = meter
        self._ledger = ledger
        self._pace = pace
        self._reply_errors: tuple[type[Exception], ...] = (*_BROKEN, *reply_errors)
        self._rng = rng
        self._contact = contact
        self._limits = limits
        self._tries = Tries(policy, contact)

    async def send(
        self,
        messages: list[ModelMessage],
        settings: ModelSettings,
        parameters: ModelRequestParameters,
        expected: Usage,
    ) -> ModelResponse:
        """Return the model's response, after as many attempts as it takes and the policy allows.

        Args:
            messages: The conversation.
            settings: Temperature and the like.
            parameters: The tool.
            expected: What one request consumes at most.

        Raises:
            ModelAPIError: pydantic-ai's: what the last attempt met.
            BudgetSpentError: If a limit does not allow a request.
        """
        while True:
            try:
                response = await self._in_turn(messages, settings, parameters, replace(expected))
            except ModelAPIError as error:
                if not self._tries.may_go_on(error):
                    raise
                await asyncio.sleep(self._policy.delay_s(self._tries.failed, retry_after_s(error), self._rng))
            else:
                self._contact.answered()
                return response

    async def _in_turn(
        self,
        messages: list[ModelMessage],
        settings: ModelSettings,
        parameters: ModelRequestParameters,
        expected: Usage,
    ) -> ModelResponse:
        """Send one request when it is its turn and every limit has room for it."""
        async with self._pace.turn() if self._pace is not None else nullcontext():
            taken: list[Limit] = []
            consumed = Usage()
            try:
                for limit in self._limits:
                    await limit.take(expected)
                    taken.append(limit)
                sent_at = time.monotonic()
                try:
                    response = await self._attempt(messages, settings, parameters)
                except ModelAPIError as error:
                    consumed = self._failed(error, sent_at, expected)
                    raise
                except asyncio.CancelledError:
                    # It was sent, so it may be billed.
                    self._note(Usage(unmetered=1))
                    consumed = expected
                    raise
                consumed = self._went_well(response)
                return response
            finally:
                for limit in taken:
                    limit.settle(expected, consumed)

    def _failed(self, error: ModelAPIError, sent_at: float, expected: Usage) -> Usage:
        """Note a request that got no answer; return what it has to be taken to have consumed."""
        if self._pace is not None and is_throttling(error):
            self._pace.throttled(sent_at)
        if not may_be_billed(error):
            return Usage()
        self._note(Usage(unmetered=1))
        return expected

    def _went_well(self, response: ModelResponse) -> Usage:
        """Note an answer; return what it consumed."""
        if self._pace is not None:
            self._pace.went_well()
        consumed = self._meter(response)
        self._note(consumed)
        return consumed

    async def _attempt(
        self, messages: list[ModelMessage], settings: ModelSettings, parameters: ModelRequestParameters
    ) -> ModelResponse:
        self._note(Usage(requests=1))
        # The libraries' own time-outs start again with every byte received; this one does not.
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._model.request(messages, settings, parameters)
        except (ModelAPIError, UserError):
            raise
        except TimeoutError:
            raise ModelTimeoutError(self._model.model_name, "no whole answer in time") from None
        except self._reply_errors:
            # Nothing that a model said: a proxy's page, or a body that lacks what the protocol promises.
            raise ModelAPIError(self._model.model_name, "no reply of the protocol") from None

    def _note(self, usage: Usage) -> None:
        self.usage += usage
        self._ledger(usage)
