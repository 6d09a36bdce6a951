"""Language models behind one protocol: offline, Amazon Bedrock, OpenAI-compatible servers."""

from harness.models.interface import ModelCall, ModelClient, ModelReply, OutputT, Usage

__all__ = ["ModelCall", "ModelClient", "ModelReply", "OutputT", "Usage"]
