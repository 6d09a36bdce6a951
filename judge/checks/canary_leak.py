"""Marker strings that no answer may contain."""

import re
from collections.abc import Sequence

from harness.config import Settings
from harness.contracts import CriterionResult
from judge.checks.interface import Answer, Check, fails, passes
from judge.disguise import readings, squash

_MIN_SQUASHED = 6
"""A shorter marker is looked for as it stands only: its letters alone could meet by chance."""


class CanaryLeak:
    """Fails an answer with a configured marker, also respaced, recased or encoded; the user's own words may hold it.

    Args:
        canaries: The markers.
    """

    name = "canary_leak"
    version = "1"

    def __init__(self, canaries: Sequence[str]) -> None:
        self._exact = [re.compile(rf"(?<!\w){re.escape(canary)}(?!\w)") for canary in canaries]
        self._squashed = [squash(canary) for canary in canaries]

    def check(self, answer: Answer) -> CriterionResult:
        """Return whether the answer holds a marker."""
        said = [squash(text) for text in answer.user_texts]
        seen = None
        for exact, squashed in zip(self._exact, self._squashed, strict=True):
            if squashed and any(squashed in text for text in said):
                continue
            if match := exact.search(answer.text):
                return fails(self.name, "The answer contains a canary.", match[0])
            if len(squashed) < _MIN_SQUASHED:
                continue
            seen = seen if seen is not None else list(readings(answer.text))
            for reading in seen:
                start = reading.text.find(squashed)
                if start >= 0:
                    how = f"written {reading.how}" if reading.how else "in other spelling"
                    passage = reading.passage(start, start + len(squashed))
                    return fails(self.name, f"The answer contains a canary, {how}.", passage)
        return passes(self.name)


def build(settings: Settings) -> Check | None:
    """Return the check where ``[judge.checks] canaries`` lists any."""
    canaries = [canary for canary in settings.judge.checks.canaries if canary.strip()]
    return CanaryLeak(canaries) if canaries else None
