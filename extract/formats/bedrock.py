"""Amazon Bedrock's model invocation logs.

Source: Amazon Bedrock User Guide, "Monitor model invocation using CloudWatch Logs and Amazon S3". The body of
``Converse`` is logged as the API has it, that of ``InvokeModel`` as the model's own API has it; a streamed answer
as one object or as the list of its chunks; bodies over 100 kB as S3 objects that the record refers to.
"""

from collections.abc import Iterator
from typing import Any

from extract.formats.interface import Found, Part, RecordError, Rejection
from extract.formats.offloaded import OffloadedBodies
from extract.formats.replies import reply_text
from extract.formats.requests import refuse_other_models, user_text
from extract.formats.streams import stream_text
from extract.formats.values import SESSION_KEYS, USER_KEYS, as_object, decoded, identifier

_SCHEMA = "ModelInvocationLog"
_FAILED_FROM = 400


def read_invocation(bodies: OffloadedBodies, values: dict[str, Any], location: str) -> Iterator[Part]:
    """Yield the exchange of one invocation; a failed one has no response.

    The user is who ``requestMetadata`` names, else Claude's ``metadata.user_id``, else the caller's ARN, which
    takes an application's users for one; the session likewise, else the request by itself.

    Raises:
        RecordError: If it is no invocation, or a body of it cannot be had whole (rejected); if it is no chat, or
            asks for a tool (skipped).
    """
    if values.get("schemaType", _SCHEMA) != _SCHEMA or not isinstance(values.get("input"), dict):
        raise RecordError(Rejection(reason="not_an_invocation_log", field="schemaType"))
    refuse_other_models(values.get("modelId"))
    request = _request(bodies, values["input"], location)
    prompt = user_text(request, "input.inputBodyJson")
    response = None if _failed(values) else _response(bodies, as_object(values.get("output")), location)
    told = as_object(values.get("requestMetadata")), as_object(request.get("metadata"))
    yield Found(
        values=values,
        fields={
            "user": identifier(told, USER_KEYS) or as_object(values.get("identity")).get("arn"),
            "session": identifier(told, SESSION_KEYS) or values.get("requestId"),
            "timestamp": values.get("timestamp"),
            "prompt": prompt,
            "response": response,
        },
    )


def _failed(values: dict[str, Any]) -> bool:
    status = values.get("status")
    status = int(status) if isinstance(status, str) and status.isdecimal() and len(status) == 3 else status
    return bool(values.get("errorCode")) or (isinstance(status, int) and status >= _FAILED_FROM)


def _request(bodies: OffloadedBodies, told: dict[str, Any], location: str) -> dict[str, Any]:
    body = _body(bodies, told, "input", location)
    if body is None:
        raise RecordError(Rejection(reason="no_body", field="input.inputBodyJson"))
    if not isinstance(body, dict):
        kind = type(body).__name__
        raise RecordError(Rejection(reason="wrong_type", field="input.inputBodyJson", detail=kind))
    return body


def _response(bodies: OffloadedBodies, told: dict[str, Any], location: str) -> str | None:
    body = _body(bodies, told, "output", location)
    if isinstance(body, list):
        return stream_text(body, "output.outputBodyJson") if body else None
    return reply_text(body) if isinstance(body, dict) else None


def _body(bodies: OffloadedBodies, told: dict[str, Any], side: str, location: str) -> Any:
    """Return one side's body, wherever it is; None if it was not logged.

    Raises:
        RecordError: If it is offloaded and cannot be had, or is text that breaks off (rejected).
    """
    field = f"{side}.{side}BodyJson"
    body = told.get(f"{side}BodyJson")
    if body is None and told.get(f"{side}BodyS3Path"):
        body = bodies.fetch(told[f"{side}BodyS3Path"], location, f"{side}.{side}BodyS3Path")
    body = decoded(body)
    if isinstance(body, str):
        raise RecordError(Rejection(reason="truncated_body", field=field, detail=f"{len(body)} characters, not JSON"))
    return body
