"""Structured answers: the tool a model is given to answer with, and what it made of it.

Importing this module imports pydantic-ai.
"""

import json
import re
from dataclasses import dataclass, replace
from typing import Any, Generic

from pydantic import BaseModel, ValidationError
from pydantic_ai.messages import ModelResponse, ModelResponsePart, TextPart, ToolCallPart
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.tools import GenerateToolJsonSchema, ToolDefinition

from harness.models.interface import OutputT
from harness.models.salvage import salvaged

TOOL = "give_answer"
_FENCED = re.compile(r"```(?:json)?\s*(\{.*\})\s*```", re.DOTALL)
_ESCAPED_HALF = re.compile(r"\\u[dD][89a-fA-F]")
CUT_OFF = "It was cut off at the limit on its length: be briefer."


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Generic[OutputT]):
    """An answer in the asked-for form, or what is wrong with it."""

    output: OutputT | None = None
    problem: str = ""
    """For the model to read: names fields and rules, and repeats nothing of the answer."""


def tool_for(output: type[BaseModel]) -> ModelRequestParameters:
    """Return the request parameters that make a model answer with an ``output``."""
    schema = output.model_json_schema(schema_generator=GenerateToolJsonSchema)
    tool = ToolDefinition(
        name=TOOL,
        description=schema.pop("description", "Give the answer."),
        parameters_json_schema=schema,
        kind="output",
    )
    return ModelRequestParameters(output_mode="tool", output_tools=[tool], allow_text_output=False)


def answer_in(response: ModelResponse, output: type[OutputT], partial: str = "") -> Answer[OutputT]:
    """Return what a response says, validated.

    Some servers offer tools and forget to call them: plain text that is a JSON object counts as the call.

    Args:
        response: The model's.
        output: The asked-for form.
        partial: The list whose whole items count where the whole does not; empty: all or nothing.
    """
    response = replace(response, parts=[_encodable(part) for part in response.parts])
    arguments = _arguments(response)
    try:
        if arguments is not None:
            return Answer(output=output.model_validate_json(arguments))
        problem = f"It was no call of the tool {TOOL}."
    except ValidationError as error:
        problem = _misfit(error)
    if partial and (rest := salvaged(_said(response), output, partial)) is not None:
        return Answer(output=rest)
    # A cut-off answer fails in many ways; its cause is always the same.
    return Answer(problem=CUT_OFF if response.finish_reason == "length" else problem)


def _misfit(error: ValidationError) -> str:
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    lines = [f"- {'.'.join(map(str, problem['loc'])) or 'the whole'}: {problem['msg']}" for problem in problems[:10]]
    return "\n".join([f"The arguments of {TOOL} do not fit its schema:", *lines])


def asked_again(prompt: str, problem: str) -> str:
    """Return the prompt with a remark on the last answer.

    The answer itself is not repeated: several servers refuse a conversation that holds a broken tool call.
    """
    return f"{prompt}\n\n---\nYour last answer to this could not be used. {problem}\nCall {TOOL} once, with all it asks for."


def _encodable(part: ModelResponsePart) -> ModelResponsePart:
    """Return a part without halves of surrogate pairs: JSON can spell one, and nothing that reads the answer can hold it."""
    if isinstance(part, TextPart):
        return replace(part, content=_whole_characters(part.content))
    if isinstance(part, ToolCallPart) and isinstance(part.args, str):
        return replace(part, args=_without_escaped_halves(_whole_characters(part.args)))
    if isinstance(part, ToolCallPart) and part.args:
        return replace(part, args=json.loads(_whole_characters(json.dumps(part.args, ensure_ascii=False))))
    return part


def _whole_characters(text: str) -> str:
    return text.encode("utf-8", "ignore").decode()


def _without_escaped_halves(text: str) -> str:
    if _ESCAPED_HALF.search(text) is None:
        return text
    try:
        return _whole_characters(json.dumps(json.loads(text), ensure_ascii=False))
    except (ValueError, RecursionError):
        return text


def _said(response: ModelResponse) -> str:
    """Return all that may hold the answer."""
    # As it came: rendered as JSON, broken arguments are wrapped in a message about them.
    calls = [
        part.args if isinstance(part.args, str) else _as_json(part)
        for part in response.parts
        if isinstance(part, ToolCallPart)
    ]
    return "\n".join(calls + [part.content for part in response.parts if isinstance(part, TextPart)])


def _as_json(part: ToolCallPart) -> str:
    """Return a call's arguments as JSON; Converse hands on whatever a model put in the place of an object."""
    arguments: Any = part.args
    return part.args_as_json_str() if isinstance(arguments, str | dict) or arguments is None else json.dumps(arguments)


def _arguments(response: ModelResponse) -> str | None:
    for part in response.parts:
        if isinstance(part, ToolCallPart):
            # Always as JSON, so that the same rules hold for both providers: dates are text, tuples are lists.
            return _as_json(part)
    text = "".join(part.content for part in response.parts if isinstance(part, TextPart)).strip()
    if (fenced := _FENCED.search(text)) is not None:
        return fenced[1]
    return text if text.startswith("{") and text.endswith("}") else None
