"""What the tests of model clients ask for."""

import asyncio
from typing import Literal, TypeVar

from pydantic import BaseModel, Field

from harness.models import ModelCall, ModelClient, ModelReply, RetryPolicy

QUICK = RetryPolicy(attempts=4, base_s=0.001, cap_s=0.002)
CALL = ModelCall(system="You grade answers.", prompt="Is the parcel fee of 4 crowns in the passages?", max_tokens=300)

T = TypeVar("T", bound=BaseModel)


class Grade(BaseModel):
    """One answer, graded."""

    verdict: Literal["good", "bad"]
    score: float = Field(ge=0.25, le=1.0)
    reasons: list[str] = Field(min_length=1, max_length=3)


GOOD = Grade(verdict="good", score=0.75, reasons=["it is in passage 2"])


def ask(client: ModelClient, output: type[T], call: ModelCall = CALL) -> ModelReply[T]:
    """Ask one question in an event loop of its own, and close the client."""

    async def session() -> ModelReply[T]:
        try:
            return await client.ask(call, output)
        finally:
            await client.close()

    return asyncio.run(session())
