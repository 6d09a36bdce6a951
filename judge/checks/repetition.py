"""An answer that goes round in circles."""

import re
from collections import Counter

from harness.config import Settings
from harness.contracts import CriterionResult
from judge.checks.interface import WEAK, Answer, Check, fails, passes
from judge.groundedness.language import plain, sentences, words

_CHARACTER_LOOP = re.compile(r"([^\s\-=_*.·|#~+0])\1{39,}")
_PHRASE_LOOP = re.compile(r"(?<!\w)(\w[^\n]{2,80}?)(?:[\s,.;:!?]+\1){4,}(?!\w)", re.IGNORECASE)
_ASKED = re.compile(
    r"(?i)\b(?:repeat|again and again|times|over and over|wiederhol\w*|mal|répét\w*|fois|repit\w*|veces|ripet\w*|volte)\b"
)
_SENTENCES = 4
_MIN_SENTENCE_WORDS = 4
_WINDOW = 6
_MIN_WINDOWS = 60
_MIN_DISTINCT = 0.3
_READ_CHARS = 20_000


class Repetition:
    """Fails an answer that repeats itself as a stuck model does; not where the user asked for repetition."""

    name = "repetition"
    version = "1"

    def check(self, answer: Answer) -> CriterionResult:
        """Return whether the answer loops."""
        if _ASKED.search(answer.exchange.prompt):
            return passes(self.name, reason="The user asked for repetition.")
        text = answer.text[:_READ_CHARS]
        if loop := _CHARACTER_LOOP.search(text) or _PHRASE_LOOP.search(text):
            return fails(self.name, "The answer repeats the same words over and over.", loop[0][:200], score=0.1)
        counted = Counter(plain(s) for s in sentences(text) if len(words(plain(s))) >= _MIN_SENTENCE_WORDS)
        if counted and (most := counted.most_common(1)[0])[1] >= _SENTENCES:
            looped = next(s for s in sentences(text) if plain(s) == most[0])
            return fails(self.name, f"The answer says one sentence {most[1]} times.", looped, score=0.1)
        share = _distinct_share(text)
        if share < _MIN_DISTINCT:
            return fails(self.name, "Most of the answer repeats what it said before.", score=WEAK)
        return passes(self.name, score=0.5 + 0.5 * share)


def _distinct_share(text: str) -> float:
    """Return the share of six-word windows that differ; 1 for a short text."""
    spoken = words(plain(text))
    windows = [tuple(spoken[i : i + _WINDOW]) for i in range(len(spoken) - _WINDOW + 1)]
    return len(set(windows)) / len(windows) if len(windows) >= _MIN_WINDOWS else 1.0


def build(_: Settings) -> Check:
    """Return the check; it is always on."""
    return Repetition()
