"""The whole reply body against a JSON Schema."""

import orjson

from harness.config import Settings
from harness.contracts import CriterionResult
from judge.checks.interface import Answer, Check, fails, passes, undecided
from judge.checks.schemas import Schema, schema_from_file


class JsonSchema:
    """Fails a reply whose body does not match the configured schema.

    Args:
        schema: Of the reply body.
        streams: Whether replies come as event streams, which have no single body.
    """

    name = "json_schema"
    version = "1"

    def __init__(self, schema: Schema, *, streams: bool) -> None:
        self._schema = schema
        self._streams = streams

    def check(self, answer: Answer) -> CriterionResult | None:
        """Return whether the reply body matches."""
        body = answer.exchange.response_body
        if self._streams or body is None:
            return None
        try:
            value = orjson.loads(body)
        except orjson.JSONDecodeError:
            # An answered exchange was read by the sender: what does not parse here was shortened when it was recorded.
            return undecided(self.name, "The reply body was too long to be recorded whole.")
        if violations := self._schema.violations(value):
            return fails(self.name, f"The reply breaks its schema at {', '.join(violations)}.")
        return passes(self.name)


def build(settings: Settings) -> Check | None:
    """Return the check where ``[judge.checks] json_schema`` names a file."""
    path = settings.judge.checks.json_schema
    if path is None:
        return None
    schema = schema_from_file(settings.path(path), "judge.checks.json_schema")
    return JsonSchema(schema, streams=settings.target.stream)
