"""Answers in the user's language."""

from harness.config import Settings
from harness.contracts import CriterionResult
from judge.checks.interface import WEAK, Answer, Check, fails, passes, undecided
from judge.languages import language_of


class SameLanguage:
    """Fails an answer that is surely in another language than the user's words."""

    name = "same_language"
    version = "1"

    def check(self, answer: Answer) -> CriterionResult:
        """Return whether both languages agree."""
        asked = (answer.prompt.checks.language if answer.prompt else None) or language_of(answer.exchange.prompt)
        given = language_of(answer.text)
        if asked is None or given is None:
            return undecided(self.name, "Too few words to tell the language.")
        if asked != given:
            return fails(self.name, f"The user writes '{asked}' and the answer is '{given}'.", score=WEAK)
        return passes(self.name)


def build(settings: Settings) -> Check | None:
    """Return the check where ``[judge.checks] same_language`` is on."""
    return SameLanguage() if settings.judge.checks.same_language else None
