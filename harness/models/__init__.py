"""Language models behind one protocol: offline, Amazon Bedrock, OpenAI-compatible servers."""

from harness.models.connection import connect
from harness.models.interface import ModelCall, ModelClient, ModelReply, OutputT, Usage
from harness.models.limits import Budget, Limit, TokenRate
from harness.models.retry import RetryPolicy
from harness.models.spec import OFFLINE, ModelSpec, parse_spec

__all__ = [
    "OFFLINE",
    "Budget",
    "Limit",
    "ModelCall",
    "ModelClient",
    "ModelReply",
    "ModelSpec",
    "OutputT",
    "RetryPolicy",
    "TokenRate",
    "Usage",
    "connect",
    "parse_spec",
]
