"""An answer without words is none."""

import html
import re
import unicodedata

from harness.config import Settings
from harness.contracts import CriterionResult
from judge.checks.interface import WEAK, Answer, Check, fails, passes
from judge.json_text import looks_like_json, read_json, texts_in

_FENCE = re.compile(r"```\w*")
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
_NOTHING = frozenset(("null", "nil", "undefined", "nan", "[object object]"))
"""What programs print where an answer should have been."""
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


class EmptyAnswer:
    """Fails an answer without a letter or digit; a reply that calls tools may do without words."""

    name = "empty_answer"
    version = "3"

    def check(self, answer: Answer) -> CriterionResult:
        """Return whether the answer says anything."""
        if answer.exchange.tool_calls:
            return passes(self.name)
        text = answer.text
        if looks_like_json(text):
            return self._of_json(answer)
        if "<" in text or "&" in text or "`" in text:
            # Inside a code block markup is what the answer shows.
            parts = _FENCE.split(html.unescape(text))
            text = " ".join(part if number % 2 else _MARKUP.sub(" ", part) for number, part in enumerate(parts))
        if text.strip().lower() in _NOTHING:
            return fails(self.name, "The answer is what a program prints where there is none.", answer.text.strip())
        if any(character.isalnum() for character in text):
            if text.strip() == "None":
                return fails(self.name, "The answer may be a program's word for nothing.", "None", score=WEAK)
            return passes(self.name)
        # A single sign such as a thumbs-up is an answer, if a poor one.
        if any(unicodedata.category(character) == "So" for character in text.replace(_REPLACEMENT, "")):
            return passes(self.name, score=0.6)
        return fails(self.name, "The answer is empty.")

    def _of_json(self, answer: Answer) -> CriterionResult:
        """An empty list answers the question for a list; an empty answer inside a wrapping answers nothing."""
        try:
            value = read_json(answer.text)
        except ValueError:
            return passes(self.name)
        asked = "json" in answer.exchange.prompt.lower() or (
            answer.prompt is not None and answer.prompt.checks.json_answer
        )
        if asked or any(map(str.strip, texts_in(value))) or _holds_truth(value):
            return passes(self.name)
        return fails(self.name, "The answer is JSON without content.", answer.text.strip()[:80])


def _holds_truth(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_truth, value.values()))
    return any(map(_holds_truth, value)) if isinstance(value, list) else isinstance(value, bool)


def build(_: Settings) -> Check:
    """Return the check; it is always on."""
    return EmptyAnswer()
