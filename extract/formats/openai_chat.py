"""Request/response logs of OpenAI-compatible APIs, in the shapes that people and gateways write them.

Chat completions, the Responses API and text completions; as the record itself, under ``request``/``response`` or
``body``, from LiteLLM, Langfuse, Helicone, Portkey, or batch files; whole answers, chunk lists, server-sent events.
"""

from collections.abc import Iterator
from typing import Any

from extract.formats.interface import Found, Part, RecordError, Skipped
from extract.formats.messages import MESSAGE_KEYS, as_messages, trailing_answer
from extract.formats.replies import REPLY_KEYS, final_text
from extract.formats.requests import PROMPT_KEYS, refuse_other_models, user_text
from extract.formats.streams import answer_text
from extract.formats.values import SESSION_KEYS, USER_KEYS, as_object, as_string, first_present, identifier

_REQUEST_KEYS = ("request", "request_body", "requestBody", "body", "proxy_server_request", "kwargs")
_REPLY_KEYS = ("response", "response_body", "responseBody", "completion_message", "completion", "output", "chunks")
_TIME_KEYS = ("timestamp", "created_at", "createdAt", "startTime", "start_time", "request_created_at", "created")
_METADATA_KEYS = ("metadata", "requester_metadata", "spend_logs_metadata")
_TRACE_KEYS = ("traceid",)
_GATEWAY_USER_KEYS = ("userapikeyenduserid", "requestuserid")
_NO_CALLS = frozenset({"SPAN", "EVENT", "TRACE_EVENT", "EMBEDDING", "TOOL", "RETRIEVER", "EVALUATOR", "GUARDRAIL"})
_FAILED_FROM = 400


def read_openai_chat(values: dict[str, Any], _location: str) -> Iterator[Part]:
    """Yield the exchange of a record; of a listing (``{"data": [...]}``), those in it.

    Raises:
        RecordError: If it has no prompt or half an answer (rejected), or is no chat or asks for a tool (skipped).
    """
    listed = values.get("data")
    if not isinstance(listed, list) or any(key in values for key in (*PROMPT_KEYS, *_REQUEST_KEYS)):
        yield _exchange(values)
        return
    for one in listed:
        try:
            yield _exchange(as_object(one))
        except RecordError as error:
            yield error.part


def _exchange(values: dict[str, Any]) -> Found:
    kind = values.get("type")
    if isinstance(kind, str) and kind in _NO_CALLS:
        raise RecordError(Skipped("not_an_llm_call"))
    request, where = _request(values)
    refuse_other_models(request.get("model") or values.get("model"))
    prompt = user_text(request, where)
    response, reply = _response(values, request)
    people = list(_people(values, request, reply))
    return Found(
        values=values,
        fields={
            "user": identifier(people, USER_KEYS) or identifier(people, _GATEWAY_USER_KEYS),
            "session": identifier(people, SESSION_KEYS) or identifier([values], _TRACE_KEYS),
            "timestamp": first_present((values, reply), _TIME_KEYS),
            "prompt": prompt,
            "response": response,
        },
    )


def _request(values: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """Return the request's body, and where it stands."""
    for key in _REQUEST_KEYS:
        outer = as_object(values.get(key))
        inner = as_object(outer.get("body"))
        for body, where in ((inner, f"{key}.body"), (outer, key)):
            if any(body.get(name) for name in PROMPT_KEYS):
                return body, where
    return values, ""


def _response(values: dict[str, Any], request: dict[str, Any]) -> tuple[str | None, dict[str, Any]]:
    """Return the answer's text, and the reply's body where there is one."""
    for key in _REPLY_KEYS:
        value = values.get(key)
        if value in (None, "", [], {}):
            continue
        outer = as_object(value)
        if _failed(outer):
            return None, outer
        if outer.get("body") is not None:
            return answer_text(outer["body"], f"{key}.body"), as_object(outer["body"])
        # Some gateways log {"response": "…"} around the text.
        return answer_text(value, key) or as_string(outer.get("response")), outer
    if any(key in values for key in REPLY_KEYS):
        return answer_text(values, ""), values
    for key in MESSAGE_KEYS:
        answer = trailing_answer(as_messages(request.get(key)))
        if answer is not None:
            return final_text(answer), {}
    return None, {}


def _failed(reply: dict[str, Any]) -> bool:
    status = reply.get("status_code", reply.get("status"))
    return isinstance(status, int) and status >= _FAILED_FROM


def _people(values: dict[str, Any], request: dict[str, Any], reply: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the objects that may say who asked, in which conversation; the record itself first."""
    for source in (values, request, reply):
        yield source
        for key in _METADATA_KEYS:
            metadata = as_object(source.get(key))
            yield metadata
            yield from (as_object(metadata.get(inner)) for inner in _METADATA_KEYS)
