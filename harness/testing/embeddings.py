"""A local server of Amazon Titan's text embeddings, which fails on command.

Source: Amazon Bedrock User Guide, "Amazon Titan Embeddings Text"; API reference, "InvokeModel".
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar
from urllib.parse import unquote

from harness.testing.script import Fault, ReceivedCall
from harness.testing.servers import ModelServer, Reply
from harness.testing.wire import BedrockWire, Tokens, Wire

_DIMENSIONS = (256, 512, 1024)
_FIRST_VERSION_DIMENSIONS = 1536


def hashed_words(call: ReceivedCall) -> list[float]:
    """Return a vector that is near another's where the texts share words: each word adds 1 at a place of its own."""
    size = int(call.body.get("dimensions", _FIRST_VERSION_DIMENSIONS if "-v1" in call.model else _DIMENSIONS[-1]))
    vector = [0.0] * size
    for word in re.findall(r"\w+", call.prompt.lower()):
        vector[int.from_bytes(hashlib.sha256(word.encode()).digest()[:4]) % size] += 1.0
    length = sum(value * value for value in vector) ** 0.5 or 1.0
    return [value / length for value in vector]


class TitanWire(BedrockWire):
    """InvokeModel with Titan's bodies; errors are Bedrock's."""

    def parse(self, path: str, body: dict[str, Any], headers: Mapping[str, str]) -> ReceivedCall | None:
        """Return the call; None where the path is unknown or the body is not one that the model takes."""
        match = re.fullmatch(r"/model/([^/]+)/invoke", path)
        model = unquote(match[1]) if match else ""
        allowed = {"inputText"} | ({"dimensions", "normalize", "embeddingTypes"} if "-v2" in model else set())
        if match is None or not body.get("inputText") or set(body) - allowed:
            return None
        if body.get("dimensions", _DIMENSIONS[0]) not in _DIMENSIONS:
            return None
        return ReceivedCall(
            model=model,
            system="",
            prompt=body["inputText"],
            messages=[],
            tool=None,
            schema=None,
            body=body,
            headers=headers,
        )

    def answer(self, call: ReceivedCall, value: Any, fault: Fault | None) -> dict[str, Any]:
        """Return the vector; ``invalid`` leaves it out, ``no_usage`` the token count."""
        value = hashed_words(call) if value is None else value
        reply = {"embedding": value, "embeddingsByType": {"float": value}, "inputTextTokenCount": 0}
        kind = fault.kind if fault else ""
        left_out = {"invalid": "embedding", "no_usage": "inputTextTokenCount"}.get(kind)
        return {name: each for name, each in reply.items() if name != left_out}

    def metered(self, reply: dict[str, Any], tokens: Tokens) -> dict[str, Any]:
        """Return the reply with another token count, where it has any."""
        return reply | ({"inputTextTokenCount": tokens[0]} if "inputTextTokenCount" in reply else {})


class TitanServer(ModelServer):
    """Speaks ``POST /model/{id}/invoke`` as Titan's text embeddings do; a word is a token.

    Args:
        reply: The vector of a text. By default texts that share words are near each other.
        faults: What happens to the first requests, in order of arrival; later ones go well.
        latency_s: How long every good answer takes.
    """

    wire: ClassVar[Wire] = TitanWire()

    def __init__(self, reply: Reply = hashed_words, *, faults: Iterable[Fault] = (), latency_s: float = 0.0) -> None:
        super().__init__(reply, faults=faults, latency_s=latency_s, count=lambda call, _: (len(call.prompt.split()), 0))

    @property
    def url(self) -> str:
        """What ``AWS_ENDPOINT_URL_BEDROCK_RUNTIME`` has to be."""
        return self.origin

    @property
    def spec(self) -> str:
        """A configuration value that means this server, once the endpoint is set."""
        return "bedrock:amazon.titan-embed-text-v2:0"
