"""Chat completions through the openai SDK, without its rewriting of request bodies.

Importing this module imports the openai SDK.
"""

from typing import Any

from openai import AsyncOpenAI, NotGiven, Omit
from openai.resources.chat import AsyncCompletions
from openai.types import chat


class PlainCompletions(AsyncCompletions):
    """Sends what it is given as it is.

    The SDK walks every body, type by type, for names to translate and files to encode; a tool's schema makes that about
    a quarter of a call's CPU. A body of plain JSON has neither.
    """

    # The parent has an overload, parameter by parameter, for each way to stream; nothing is streamed here.
    async def create(self, **values: Any) -> chat.ChatCompletion:  # type: ignore[override]
        """Return the completion of a request whose values are plain JSON."""
        headers: dict[str, str] = dict(values.pop("extra_headers", None) or {})
        extra: dict[str, Any] = dict(values.pop("extra_body", None) or {})
        timeout = values.pop("timeout", None)
        given = {name: value for name, value in values.items() if not isinstance(value, Omit | NotGiven)}
        return await self._client.post(
            "/chat/completions",
            cast_to=chat.ChatCompletion,
            body=given | extra,
            options={"headers": headers, "timeout": timeout},
        )


def without_rewriting(client: AsyncOpenAI) -> AsyncOpenAI:
    """Return the client, whose chat completions send bodies as they are given."""
    # A cached property of the SDK's, filled before its first use.
    vars(client.chat)["completions"] = PlainCompletions(client)
    return client
