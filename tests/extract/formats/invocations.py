"""Invocation records as Amazon Bedrock delivers them, with invented people in them."""

from typing import Any

ASKED = "hi, my card was declined in the tram, what now?"
ANSWERED = "Please check in the app whether it is locked."
ARN = "arn:aws:sts::111122223333:assumed-role/ChatBackend/i-0aa"


def invocation(body: Any = None, reply: Any = None, **changes: Any) -> dict[str, Any]:
    """Return a record; a side without a body has none, as where text delivery is switched off."""
    record: dict[str, Any] = {
        "schemaType": "ModelInvocationLog",
        "schemaVersion": "1.0",
        "timestamp": "2026-03-04T09:15:02Z",
        "accountId": "111122223333",
        "identity": {"arn": ARN},
        "region": "eu-central-1",
        "requestId": "0c5d7a9e-1f0b-4b51-9a43-0f2f6f1f9b10",
        "operation": "Converse",
        "modelId": "arn:aws:bedrock:eu-central-1:111122223333:inference-profile/eu.amazon.nova-lite-v1:0",
        "input": {"inputContentType": "application/json", "inputTokenCount": 21},
        "output": {"outputContentType": "application/json", "outputTokenCount": 14},
        **changes,
    }
    if body is not None:
        record["input"]["inputBodyJson"] = body
    if reply is not None:
        record["output"]["outputBodyJson"] = reply
    return record


def converse_body(*texts: str) -> dict[str, Any]:
    """Return a Converse request: user and assistant in turn, a system prompt beside them."""
    roles = ("user", "assistant")
    messages = [{"role": roles[n % 2], "content": [{"text": text}]} for n, text in enumerate(texts)]
    return {"messages": messages, "system": [{"text": "You work for Larkfield Bank."}], "inferenceConfig": {}}


def converse_reply(*blocks: dict[str, Any], stop: str = "end_turn") -> dict[str, Any]:
    """Return a Converse response of these content blocks."""
    return {
        "output": {"message": {"role": "assistant", "content": list(blocks)}},
        "stopReason": stop,
        "metrics": {"latencyMs": 640},
        "usage": {"inputTokens": 21, "outputTokens": 14, "totalTokens": 35},
    }
