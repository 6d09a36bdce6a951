"""The answer's text against a JSON Schema, when that text is JSON."""

from harness.config import Settings
from harness.contracts import CriterionResult
from judge.checks.interface import Answer, Check, fails, passes, undecided
from judge.checks.schemas import Schema, schema_from_file
from judge.json_text import looks_like_json, read_json


class AnswerSchema:
    """Fails a JSON answer that does not parse or does not match the configured schema."""

    name = "answer_schema"
    version = "1"

    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    def check(self, answer: Answer) -> CriterionResult:
        """Return whether the answer matches; an answer in prose is not checked."""
        if not looks_like_json(answer.text):
            return undecided(self.name, "The answer is not JSON.")
        try:
            value = read_json(answer.text)
        except ValueError:
            return fails(self.name, "The answer is broken JSON.", answer.text[-80:])
        if violations := self._schema.violations(value):
            return fails(self.name, f"The answer breaks its schema at {', '.join(violations)}.")
        return passes(self.name)


def build(settings: Settings) -> Check | None:
    """Return the check where ``[judge.checks] answer_schema`` names a file."""
    path = settings.judge.checks.answer_schema
    return AnswerSchema(schema_from_file(settings.path(path), "judge.checks.answer_schema")) if path else None
