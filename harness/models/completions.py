"""Chat completions through the openai SDK's client, without the SDK's way there and back.

Importing this module imports the openai SDK.
"""

from typing import Any

import httpx2
import orjson
from openai import APIConnectionError, APITimeoutError, AsyncOpenAI, NotGiven, Omit
from openai.resources.chat import AsyncCompletions
from openai.types import chat


class PlainCompletions(AsyncCompletions):
    """Sends what it is given as it is, once.

    The SDK walks every body, type by type, for names to translate and files to encode, copies the request's options
    for retries, and builds each request from its parts anew: half of a call's CPU, and a body of plain JSON that is
    sent once needs none of it. Errors are the SDK's own.
    """

    def __init__(self, client: AsyncOpenAI) -> None:
        super().__init__(client)
        self._http: httpx2.AsyncClient = client._client
        self._url = f"{str(client.base_url).rstrip('/')}/chat/completions"
        self._headers: dict[str, str] = {
            **{name: value for name, value in client.default_headers.items() if isinstance(value, str)},
            **client.auth_headers,
        }

    # The parent has an overload, parameter by parameter, for each way to stream; nothing is streamed here.
    async def create(self, **values: Any) -> chat.ChatCompletion | str:  # type: ignore[override]
        """Return the completion of a request whose values are plain JSON.

        Raises:
            APITimeoutError: If no whole reply came in time.
            APIConnectionError: If there was none for another reason.
            APIStatusError: If the reply is anything but a success.
        """
        headers = self._headers | dict(values.pop("extra_headers", None) or {})
        extra: dict[str, Any] = dict(values.pop("extra_body", None) or {})
        timeout = values.pop("timeout", None)
        body = {name: value for name, value in values.items() if not isinstance(value, Omit | NotGiven)} | extra
        try:
            response = await self._http.post(self._url, content=orjson.dumps(body), headers=headers, timeout=timeout)
        except httpx2.TimeoutException as error:
            raise APITimeoutError(request=error.request) from error
        except httpx2.RequestError as error:
            raise APIConnectionError(request=error.request) from error
        if not response.is_success:
            raise self._client._make_status_error_from_response(response)
        return _completion(response)


def _completion(response: httpx2.Response) -> chat.ChatCompletion | str:
    """Return a reply's body as the SDK's own object, unchecked: pydantic-ai validates it; its text where it is none."""
    try:
        body = orjson.loads(response.content)
    except ValueError:
        return response.text
    return chat.ChatCompletion.construct(**body) if isinstance(body, dict) else response.text


def sent_as_given(client: AsyncOpenAI) -> AsyncOpenAI:
    """Return the client, whose chat completions send bodies as they are given."""
    # A cached property of the SDK's, filled before its first use.
    vars(client.chat)["completions"] = PlainCompletions(client)
    return client
