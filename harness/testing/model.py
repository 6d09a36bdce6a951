"""A language model for tests: scripted, in this process, and as strict as the real clients."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from pydantic import BaseModel, ValidationError

from harness.errors import ModelError, ModelOutputError
from harness.models.interface import ModelCall, ModelReply, OutputT, Usage

ScriptedReply = BaseModel | dict[str, Any] | Exception
Replies = Iterable[ScriptedReply] | Callable[[ModelCall], ScriptedReply]


class FakeModel:
    """A ``ModelClient`` that answers from a script and remembers what it was asked.

    Args:
        replies: One reply per call, in order of asking: an object (or its values) is the answer, an exception is
            raised. Or a function of the call, which may be asked without end.
        usage: What each call consumes, failed ones included.
        latency_s: How long each call takes.
    """

    def __init__(
        self,
        replies: Replies,
        *,
        model_id: str = "fake",
        usage: Usage | None = None,
        latency_s: float = 0.0,
    ) -> None:
        self.model_id = model_id
        self.calls: list[ModelCall] = []
        self.outputs: list[type[BaseModel]] = []
        """The form that each call asked for."""
        self.closed = False
        self._replies = replies if callable(replies) else iter(replies)
        self._each = usage or Usage(requests=1, tokens_in=100, tokens_out=20)
        self._latency_s = latency_s
        self._usage = Usage()

    @property
    def usage(self) -> Usage:
        """What all calls so far consumed, those that failed included."""
        return self._usage

    async def ask(self, call: ModelCall, output: type[OutputT]) -> ModelReply[OutputT]:
        """Return the next scripted reply as an ``output``.

        Raises:
            ModelOutputError: If it does not fit ``output``.
            ModelError: If the script has ended.
        """
        self.calls.append(call)
        self.outputs.append(output)
        reply = self._next(call)
        await asyncio.sleep(self._latency_s)
        self._usage += self._each
        if isinstance(reply, Exception):
            raise reply
        return ModelReply(output=_fitted(reply, output, self.model_id), usage=self._each)

    async def close(self) -> None:
        """Note that the client was closed."""
        self.closed = True

    def _next(self, call: ModelCall) -> ScriptedReply:
        if callable(self._replies):
            return self._replies(call)
        try:
            return next(self._replies)
        except StopIteration:
            raise ModelError(f"{self.model_id}: the script has no reply to call {len(self.calls)}") from None


def _fitted(reply: BaseModel | dict[str, Any], output: type[OutputT], model_id: str) -> OutputT:
    if isinstance(reply, output):
        return reply
    values = reply.model_dump(mode="json", by_alias=True) if isinstance(reply, BaseModel) else reply
    try:
        return output.model_validate(values)
    except ValidationError as error:
        raise ModelOutputError(
            f"{model_id}: the scripted reply does not have the asked-for form ({error.error_count()} problems)"
        ) from None
