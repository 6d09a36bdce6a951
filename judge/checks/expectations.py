"""What a prompt itself expects of its answer."""

from collections.abc import Iterable

from rapidfuzz import fuzz

from harness.config import Settings
from harness.contracts import CriterionResult
from judge.checks.interface import WEAK, Answer, Check, fails, passes
from judge.checks.schemas import Schema
from judge.groundedness.language import plain
from judge.json_text import read_json

_ALIKE = 80.0


class Contains:
    """Fails an answer without the words, facts, text or JSON form that its prompt expects."""

    name = "contains"
    version = "1"

    def check(self, answer: Answer) -> CriterionResult | None:
        """Return whether the conversation's last answer meets the prompt's expectations; None where it has none."""
        checks = answer.prompt.checks if answer.prompt else None
        if checks is None or not answer.is_last_turn:
            return None
        expected = checks.expected
        wanted = [*checks.contains, *(expected.facts if expected else [])]
        results = [self._has_all(answer.text, wanted)] if wanted else []
        if expected and expected.text:
            results.append(self._resembles(answer.text, expected.text))
        if expected and expected.json_schema is not None:
            results.append(self._matches(answer.text, Schema(expected.json_schema, "a golden prompt's json_schema")))
        return min(results, key=lambda result: result.score or 0.0, default=None)

    def _has_all(self, text: str, wanted: Iterable[str]) -> CriterionResult:
        values = list(wanted)
        missing = sum(not _holds(text, value) for value in values)
        if missing:
            return fails(self.name, f"{missing} of {len(values)} expected passages are missing from the answer.")
        return passes(self.name)

    def _resembles(self, text: str, expected: str) -> CriterionResult:
        alike = fuzz.token_set_ratio(plain(text), plain(expected))
        if alike < _ALIKE:
            reason = f"The answer resembles the expected one by {alike:.0f} %, and {_ALIKE:.0f} % is asked for."
            return fails(self.name, reason, score=WEAK * alike / 100)
        return passes(self.name, score=0.5 + alike / 200)

    def _matches(self, text: str, schema: Schema) -> CriterionResult:
        try:
            value = read_json(text)
        except ValueError:
            return fails(self.name, "The answer is not the JSON that was expected.")
        if violations := schema.violations(value):
            return fails(self.name, f"The answer breaks the expected schema at {', '.join(violations)}.")
        return passes(self.name)


class NotContains:
    """Fails an answer with words that its prompt rules out."""

    name = "not_contains"
    version = "1"

    def check(self, answer: Answer) -> CriterionResult | None:
        """Return whether the answer is free of them; None where the prompt rules nothing out."""
        checks = answer.prompt.checks if answer.prompt else None
        if checks is None:
            return None
        unwanted = [*checks.not_contains, *(checks.expected.not_facts if checks.expected else [])]
        if not unwanted:
            return None
        found = [value for value in unwanted if _holds(answer.text, value)]
        if found:
            evidence = [passage for value in found if (passage := _passage(answer.text, value))]
            return fails(self.name, f"The answer holds {len(found)} passages that must not occur.", *evidence)
        return passes(self.name)


def _holds(text: str, value: str) -> bool:
    return _spaced(value) in _spaced(text)


def _spaced(text: str) -> str:
    return " ".join(plain(text).split())


def _passage(text: str, value: str) -> str:
    start = text.lower().find(value.lower())
    return text[start : start + len(value)] if start >= 0 else ""


def build_contains(_: Settings) -> Check:
    """Return the check of what has to be there; it is always on."""
    return Contains()


def build_not_contains(_: Settings) -> Check:
    """Return the check of what must not be there; it is always on."""
    return NotContains()
