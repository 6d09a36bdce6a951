"""What the user asked, in the request bodies of the models' APIs."""

import re
from typing import Any

from extract.formats.interface import RecordError, Rejection, Skipped
from extract.formats.messages import MESSAGE_KEYS, as_messages, last_user_text
from extract.formats.templates import user_text_in
from extract.formats.values import as_objects, as_string

_TEXT_KEYS = ("prompt", "inputText", "message")
PROMPT_KEYS = (*MESSAGE_KEYS, *_TEXT_KEYS)
"""A request has at least one of them."""
# Of embeddings, rerankers and image models on Amazon Bedrock.
_NO_CHAT_KEYS = frozenset({"texts", "input_type", "documents", "taskType", "text_prompts", "inputImage"})
_NO_CHAT_MODEL = re.compile(
    r"embed|rerank|moderation|whisper|dall-e|gpt-image|titan-image|nova-canvas|nova-reel|stability", re.IGNORECASE
)


def refuse_other_models(model: Any) -> None:
    """Skip a request to a model that holds no conversations, as far as its name tells.

    Raises:
        RecordError: If it is one (skipped).
    """
    if isinstance(model, str) and _NO_CHAT_MODEL.search(model):
        raise RecordError(Skipped("not_a_chat"))


def user_text(body: dict[str, Any], field: str) -> str:
    """Return the user's newest words in a request: messages, items of the Responses API, or a templated prompt.

    Args:
        body: The request's body.
        field: Where it stands in the record, for the reason; empty for the record itself.

    Raises:
        RecordError: If the body holds no prompt (rejected), or is no chat or has no words of the user (skipped).
    """
    for key in MESSAGE_KEYS:
        messages = as_messages(body.get(key))
        if messages is not None:
            if messages and not as_objects(messages):
                raise RecordError(Skipped("not_a_chat"))
            return last_user_text(messages, f"{field}.{key}".lstrip("."))
        text = as_string(body.get(key))
        if text is not None:
            # Whoever types a template's marks into a chat means them literally.
            return text
    if not _NO_CHAT_KEYS.isdisjoint(body):
        raise RecordError(Skipped("not_a_chat"))
    for key in _TEXT_KEYS:
        text = as_string(body.get(key))
        if text is not None:
            return text if key == "message" else user_text_in(text)
    raise RecordError(Rejection(reason="missing_field", field=field or "messages"))
