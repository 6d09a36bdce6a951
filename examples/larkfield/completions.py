"""OpenAI's chat completions on the wire: the whole reply, and the stream of its parts."""

import asyncio
import hashlib
import json
import re
from collections.abc import AsyncIterator
from typing import Any

from larkfield.answer import Answer
from larkfield.messages import Ask

_TOKEN = re.compile(r"\s*\S+|\s+$")


def completion(ask: Ask, answer: Answer) -> dict[str, Any]:
    """Return the body of a reply that is sent in one piece."""
    message = {"role": "assistant", "content": answer.text}
    return {
        **_frame(ask, "chat.completion"),
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": _usage(ask, answer),
        "sources": [source.text for source in answer.evidence],
    }


async def events(ask: Ask, answer: Answer, *, gap_s: float, cut: bool) -> AsyncIterator[str]:
    """Yield the server-sent events of a streamed reply, token by token.

    Args:
        ask: The request.
        answer: What to send.
        gap_s: Pause between two tokens in seconds.
        cut: End in the middle, as a crashed worker would: no finish reason, no ``[DONE]``.
    """
    yield _event(_chunk(ask, {"role": "assistant", "content": ""}))
    tokens = _TOKEN.findall(answer.text)
    for token in tokens[: len(tokens) // 2] if cut else tokens:
        await asyncio.sleep(gap_s)
        yield _event(_chunk(ask, {"content": token}))
    if cut:
        return
    sources = [source.text for source in answer.evidence]
    last = _chunk(ask, {}, finish_reason="stop")
    if not ask.include_usage:
        yield _event({**last, "sources": sources})
    else:
        yield _event(last)
        yield _event(
            {**_frame(ask, "chat.completion.chunk"), "choices": [], "usage": _usage(ask, answer), "sources": sources}
        )
    yield "data: [DONE]\n\n"


def _frame(ask: Ask, kind: str) -> dict[str, Any]:
    digest = hashlib.blake2b(ask.message.encode("utf-8", "replace"), digest_size=12).hexdigest()
    return {"id": f"chatcmpl-{digest}", "object": kind, "created": 1_767_225_600, "model": ask.model}


def _chunk(ask: Ask, delta: dict[str, str], finish_reason: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    return {**_frame(ask, "chat.completion.chunk"), "choices": [choice]}


def _usage(ask: Ask, answer: Answer) -> dict[str, int]:
    heard = sum(len(turn.message.split()) + len(turn.reply.split()) for turn in ask.history) + len(ask.message.split())
    said = len(answer.text.split())
    return {"prompt_tokens": heard, "completion_tokens": said, "total_tokens": heard + said}


def _event(content: dict[str, Any]) -> str:
    return f"data: {json.dumps(content, ensure_ascii=False)}\n\n"
