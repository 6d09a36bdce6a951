"""An answer without words is none."""

import unicodedata

from harness.config import Settings
from harness.contracts import CriterionResult
from judge.checks.interface import Answer, Check, fails, passes


class EmptyAnswer:
    """Fails an answer without a letter or digit; a reply that calls tools may do without words."""

    name = "empty_answer"
    version = "1"

    def check(self, answer: Answer) -> CriterionResult:
        """Return whether the answer says anything."""
        if any(character.isalnum() for character in answer.text) or answer.exchange.tool_calls:
            return passes(self.name)
        # A single sign such as a thumbs-up is an answer, if a poor one.
        if any(unicodedata.category(character) == "So" for character in answer.text):
            return passes(self.name, score=0.6)
        return fails(self.name, "The answer is empty.")


def build(_: Settings) -> Check:
    """Return the check; it is always on."""
    return EmptyAnswer()
