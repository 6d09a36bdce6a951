"""The wire formats of the scripted model servers: OpenAI's chat completions and Bedrock's Converse.

Sources: OpenAI API reference, "Create chat completion"; Amazon Bedrock API reference, "Converse" and "Common errors".
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import unquote

from harness.testing.script import Fault, ReceivedCall

Tokens = tuple[int, int]
"""In and out."""

TOKENS_IN = 100
TOKENS_OUT = 20


class Wire(Protocol):
    """How one kind of server reads requests and writes replies."""

    def parse(self, path: str, body: dict[str, Any], headers: Mapping[str, str]) -> ReceivedCall | None:
        """Return the call; None where the path is unknown."""
        ...

    def answer(self, call: ReceivedCall, value: Any, fault: Fault | None) -> dict[str, Any]:
        """Return the reply that carries a value, spoilt as the fault says."""
        ...

    def metered(self, reply: dict[str, Any], tokens: Tokens) -> dict[str, Any]:
        """Return the reply with other token counts, where it has any."""
        ...

    def error(self, code: str, message: str) -> tuple[dict[str, Any], dict[str, str]]:
        """Return body and headers of an error."""
        ...

    def code_of(self, fault: Fault) -> str:
        """Return the error code that the provider uses for a fault."""
        ...


class OpenAIWire:
    """Chat completions."""

    def parse(self, path: str, body: dict[str, Any], headers: Mapping[str, str]) -> ReceivedCall | None:
        """Return the call; None where the path is unknown."""
        if not path.endswith("/chat/completions"):
            return None
        tools = body.get("tools") or []
        tool = tools[0]["function"] if tools and body.get("tool_choice") != "none" else None
        form = (body.get("response_format") or {}).get("json_schema")
        return ReceivedCall(
            model=body["model"],
            system="\n".join(m["content"] for m in body["messages"] if m["role"] in {"system", "developer"}),
            prompt=next(_text(m["content"]) for m in reversed(body["messages"]) if m["role"] == "user"),
            messages=body["messages"],
            tool=tool["name"] if tool else None,
            schema=tool["parameters"] if tool else form["schema"] if form else None,
            body=body,
            headers=headers,
        )

    def answer(self, call: ReceivedCall, value: Any, fault: Fault | None) -> dict[str, Any]:
        """Return a ``chat.completion``."""
        kind = fault.kind if fault else ""
        text = value if isinstance(value, str) else json.dumps(value)
        message: dict[str, Any] = {"role": "assistant", "content": None}
        finish = "stop"
        if kind == "plain_text":
            message["content"] = fault.text if fault else ""
        elif fault is not None and kind == "fenced":
            message["content"], finish = _fenced(text, fault)
            finish = {"max_tokens": "length", "end_turn": "stop"}[finish]
        elif call.tool is None or isinstance(value, str):
            message["content"] = _spoilt(text, kind)
        else:
            function = {"name": call.tool, "arguments": _spoilt(text, kind)}
            message["tool_calls"] = [{"id": "call_1", "type": "function", "function": function}]
            finish = "tool_calls"
        reply = {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1_760_000_000,
            "model": call.model,
            "choices": [{"index": 0, "message": message, "finish_reason": "length" if kind == "truncated" else finish}],
            "usage": {
                "prompt_tokens": TOKENS_IN,
                "completion_tokens": TOKENS_OUT,
                "total_tokens": TOKENS_IN + TOKENS_OUT,
            },
        }
        if kind == "no_usage":
            del reply["usage"]
        return reply

    def metered(self, reply: dict[str, Any], tokens: Tokens) -> dict[str, Any]:
        """Return the reply with other token counts, where it has any."""
        if "usage" in reply:
            counts = {"prompt_tokens": tokens[0], "completion_tokens": tokens[1], "total_tokens": sum(tokens)}
            reply = {**reply, "usage": counts}
        return reply

    def error(self, code: str, message: str) -> tuple[dict[str, Any], dict[str, str]]:
        """Return OpenAI's error object."""
        return {"error": {"message": message, "type": code, "param": None, "code": code}}, {}

    def code_of(self, fault: Fault) -> str:
        """Return OpenAI's code for a status."""
        return {429: "rate_limit_exceeded", 401: "invalid_api_key", 400: "invalid_request_error"}.get(
            fault.status, "server_error"
        )


class BedrockWire:
    """Converse."""

    def parse(self, path: str, body: dict[str, Any], headers: Mapping[str, str]) -> ReceivedCall | None:
        """Return the call; None where the path is unknown."""
        match = re.fullmatch(r"/model/([^/]+)/converse", path)
        if match is None:
            return None
        tools = (body.get("toolConfig") or {}).get("tools") or []
        tool = tools[0]["toolSpec"] if tools else None
        prompts = [b["text"] for m in body["messages"] if m["role"] == "user" for b in m["content"] if "text" in b]
        return ReceivedCall(
            model=unquote(match[1]),
            system="\n".join(block["text"] for block in body.get("system", []) if "text" in block),
            prompt=prompts[-1] if prompts else "",
            messages=body["messages"],
            tool=tool["name"] if tool else None,
            schema=tool["inputSchema"]["json"] if tool else None,
            body=body,
            headers=headers,
        )

    def answer(self, call: ReceivedCall, value: Any, fault: Fault | None) -> dict[str, Any]:
        """Return a Converse response."""
        kind = fault.kind if fault else ""
        content: list[dict[str, Any]]
        stop = "end_turn"
        if kind == "plain_text":
            content = [{"text": fault.text if fault else ""}]
        elif fault is not None and kind == "fenced":
            text, stop = _fenced(json.dumps(value), fault)
            content = [{"text": text}]
        elif kind == "malformed":
            # Converse parses arguments itself: what it cannot parse never becomes a toolUse block.
            content, stop = [{"text": "scripted"}], "malformed_tool_use"
        elif kind == "truncated":
            content, stop = [], "max_tokens"
        elif call.tool is None or isinstance(value, str):
            content = [{"text": value if isinstance(value, str) else json.dumps(value)}]
        else:
            arguments = json.loads(_spoilt(json.dumps(value), kind))
            content = [{"toolUse": {"toolUseId": "tooluse_1", "name": call.tool, "input": arguments}}]
            stop = "tool_use"
        reply = {
            "output": {"message": {"role": "assistant", "content": content}},
            "stopReason": stop,
            "usage": {"inputTokens": TOKENS_IN, "outputTokens": TOKENS_OUT, "totalTokens": TOKENS_IN + TOKENS_OUT},
            "metrics": {"latencyMs": 1},
        }
        if kind == "no_usage":
            del reply["usage"]
        return reply

    def metered(self, reply: dict[str, Any], tokens: Tokens) -> dict[str, Any]:
        """Return the reply with other token counts, where it has any."""
        if "usage" in reply:
            counts = {"inputTokens": tokens[0], "outputTokens": tokens[1], "totalTokens": sum(tokens)}
            reply = {**reply, "usage": counts}
        return reply

    def error(self, code: str, message: str) -> tuple[dict[str, Any], dict[str, str]]:
        """Return AWS's JSON error: the type in a header, the message in the body."""
        return {"message": message}, {"x-amzn-errortype": f"{code}:http://internal.amazon.com/coral/"}

    def code_of(self, fault: Fault) -> str:
        """Return AWS's exception for a status."""
        return {
            400: "ValidationException",
            403: "AccessDeniedException",
            404: "ResourceNotFoundException",
            408: "ModelTimeoutException",
            429: "ThrottlingException",
            503: "ServiceUnavailableException",
        }.get(fault.status, "InternalServerException")


def _fenced(text: str, fault: Fault) -> tuple[str, str]:
    """Return talk with the answer in it, and why it stopped, as Converse names it."""
    if fault.keep < 1.0:
        return f"Here you are:\n```json\n{text[: int(len(text) * fault.keep)]}", "max_tokens"
    return f"Here you are:\n```json\n{text}\n```\nAnything else?", "end_turn"


def _spoilt(arguments: str, kind: str) -> str:
    if kind == "malformed":
        return arguments[:-1] + ",,"
    if kind == "truncated":
        return arguments[: max(1, len(arguments) // 2)]
    if kind == "invalid":
        return json.dumps({"unexpected": ["not what was asked for"]})
    return arguments


def _text(content: str | list[dict[str, Any]]) -> str:
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)
