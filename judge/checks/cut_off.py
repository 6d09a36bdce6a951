"""An answer that stops in the middle."""

import re

from harness.config import Settings
from harness.contracts import CriterionResult
from judge.checks.interface import WEAK, Answer, Check, fails, passes
from judge.json_text import json_body, looks_like_json, unfinished_json

_LENGTH = frozenset({"length", "max_tokens", "max_output_tokens", "token_limit", "model_length"})
_DANGLING = re.compile(r"(?:\b(?:the|an|and|or|because|und|oder|weil|et|parce que|porque)|,|\(|\[|\w-)$", re.IGNORECASE)
"""Words that demand another and signs that nothing ends with; prepositions do end sentences."""
_MIN_WORDS = 4
_TAIL_CHARS = 200
"""What the last words are looked for in: over a giant token the search would take cubic time."""


class CutOff:
    """Fails an answer that ends because something broke, not because it was finished.

    Missing punctuation is no sign: half of all good answers end without. What counts is the model's own word
    (``finish_reason``), an open code block or JSON value, a last word that demands another, or a last word that is the
    beginning of one that stands in the contexts.
    """

    name = "cut_off"
    version = "2"

    def check(self, answer: Answer) -> CriterionResult | None:
        """Return whether the answer is whole."""
        text = answer.text.rstrip()
        if not text:
            return None
        if (answer.exchange.finish_reason or "").lower() in _LENGTH:
            return fails(self.name, "The model stopped at its length limit.", _tail(text))
        if text.count("```") % 2:
            return fails(self.name, "The answer ends inside a code block.", _tail(text))
        if looks_like_json(text) and unfinished_json(json_body(text)):
            return fails(self.name, "The answer ends inside a JSON value.", _tail(text))
        if self._stops_mid_sentence(answer, text):
            return fails(self.name, "The answer ends in the middle of a sentence.", _tail(text), score=WEAK)
        return passes(self.name)

    def _stops_mid_sentence(self, answer: Answer, text: str) -> bool:
        if len(text.split()) < _MIN_WORDS or looks_like_json(text):
            return False
        if _DANGLING.search(text):
            return True
        return answer.exchange.finish_reason is None and _is_torn(text, answer.contexts)


def _is_torn(text: str, contexts: list[str]) -> bool:
    """Return whether the last word continues in the contexts' wording of the same passage."""
    match = re.search(r"(\w+\W+\w+\W+)(\w{2,})$", text[-_TAIL_CHARS:])
    if match is None:
        return False
    before, last = match[1].lower(), match[2].lower()
    for context in contexts:
        lowered = context.lower()
        start = lowered.find(before + last)
        if start >= 0:
            rest = lowered[start + len(before) + len(last) :]
            return bool(re.match(r"\w", rest))
    return False


def _tail(text: str) -> str:
    return text[-80:].lstrip()


def build(_: Settings) -> Check:
    """Return the check; it is always on."""
    return CutOff()
