"""The lines of a Bedrock batch inference job: what a call becomes, and what comes back.

Sources: Amazon Bedrock User Guide, "Format and upload your batch inference data" and "View the results of a batch
inference job"; API reference, "Converse". Importing this module imports pydantic-ai.
"""

import hashlib
from typing import Any

import orjson
from pydantic import BaseModel, ValidationError
from pydantic_ai.messages import FinishReason, ModelResponse, ModelResponsePart, TextPart, ToolCallPart

from harness.models.answers import answer_in, tool_for
from harness.models.interface import ModelCall, OutputT, Usage
from harness.models.pricing import TokenCount, cost_usd
from harness.models.spec import ModelSpec

PRICE = 0.5
"""Of the on-demand price (Amazon Bedrock pricing, "Batch")."""
_MUST_CALL = ("anthropic.", "amazon.nova", "mistral.")
"""Models that can be made to call a tool (API reference, "ToolChoice"); others choose themselves."""
_FINISH: dict[str, FinishReason] = {"max_tokens": "length", "content_filtered": "content_filter"}


def record_of(call: ModelCall, output: type[BaseModel], spec: ModelSpec) -> dict[str, Any]:
    """Return a call as a line of the job's input; its id is a hash of all that is asked."""
    tool = tool_for(output).output_tools[0]
    described = {
        "name": tool.name,
        "description": tool.description or "",
        "inputSchema": {"json": tool.parameters_json_schema},
    }
    choice = "any" if any(name in spec.model for name in _MUST_CALL) else "auto"
    body = {
        "system": [{"text": call.system}],
        "messages": [{"role": "user", "content": [{"text": call.prompt}]}],
        "inferenceConfig": {"maxTokens": call.max_tokens, "temperature": call.temperature},
        "toolConfig": {"tools": [{"toolSpec": described}], "toolChoice": {choice: {}}},
    }
    # Equal questions with other seeds are other records, though Converse knows no seeds.
    digest = hashlib.sha256(orjson.dumps([body, call.seed], option=orjson.OPT_SORT_KEYS)).hexdigest()
    return {"recordId": digest[:32], "modelInput": body}


def answered(line: dict[str, Any], call: ModelCall, output: type[OutputT]) -> OutputT | None:
    """Return what a line of the job's output says, if it is an answer that can be used."""
    try:
        message = line["modelOutput"]["output"]["message"]
        parts = [part for block in message["content"] for part in _parts(block)]
    except (KeyError, TypeError, AttributeError):
        return None
    finish = _FINISH.get(line["modelOutput"].get("stopReason", ""), "stop")
    try:
        return answer_in(ModelResponse(parts=parts, finish_reason=finish), output, call.partial).output
    except ValidationError:
        return None


def consumed(line: dict[str, Any], spec: ModelSpec) -> Usage:
    """Return what a line of the job's output cost; records that met an error are not billed."""
    counted = (line.get("modelOutput") or {}).get("usage") or {}
    if "modelOutput" not in line:
        return Usage(requests=1)
    tokens = TokenCount(input_tokens=counted.get("inputTokens", 0), output_tokens=counted.get("outputTokens", 0))
    cost = cost_usd(spec, tokens) if counted else None
    return Usage(
        requests=1,
        tokens_in=tokens.input_tokens,
        tokens_out=tokens.output_tokens,
        cost_usd=PRICE * (cost or 0.0),
        priced=cost is not None,
    )


def _parts(block: dict[str, Any]) -> list[ModelResponsePart]:
    if "toolUse" in block:
        return [ToolCallPart(tool_name=block["toolUse"]["name"], args=block["toolUse"]["input"])]
    return [TextPart(content=block["text"])] if "text" in block else []
