"""JSON where the user asked for JSON."""

from harness.config import Settings
from harness.contracts import CriterionResult
from judge.checks.interface import Answer, Check, fails, passes
from judge.json_text import read_json


class JsonOnRequest:
    """Fails an answer in prose to a prompt that asks for JSON.

    Args:
        every_prompt: False checks golden prompts only, because not every product answers in JSON.
    """

    name = "json_on_request"
    version = "1"

    def __init__(self, *, every_prompt: bool) -> None:
        self._every_prompt = every_prompt

    def check(self, answer: Answer) -> CriterionResult | None:
        """Return whether the last answer of such a prompt is a JSON value."""
        prompt = answer.prompt
        if prompt is None or not prompt.checks.json_answer or not answer.is_last_turn:
            return None
        if not self._every_prompt and prompt.origin != "golden":
            return None
        try:
            read_json(answer.text)
        except ValueError:
            return fails(self.name, "The user asked for JSON and the answer is none.", answer.text[:80])
        return passes(self.name)


def build(settings: Settings) -> Check:
    """Return the check; ``[judge.checks] json_on_request`` extends it from golden to all prompts."""
    return JsonOnRequest(every_prompt=settings.judge.checks.json_on_request)
