"""An answer that stops in the middle."""

import re

from harness.config import Settings
from harness.contracts import CriterionResult
from judge.checks.interface import WEAK, Answer, Check, fails, passes
from judge.json_text import json_body, looks_like_json, unfinished_json
from judge.languages import language_of, likely_language

_LENGTH = frozenset(
    {
        "length",
        "max_tokens",
        "max_output_tokens",
        "token_limit",
        "model_length",
        "max_length",
        "incomplete",
        "model_context_window_exceeded",
    }
)
_DANGLING = re.compile(
    r"(?:\b(?:the|and|or|because|your|our|their|whose|than|although|und|oder|weil|dass|zum|zur|beim|sowie|et|parce que|les|aux|dans|"
    r"porque|los|del|gli|della|degli|een)|\(|\[|\w-)$",
    re.IGNORECASE,
)
"""Words that demand another and signs that nothing ends with; prepositions do end sentences."""
_LINKING = {
    "en": "a an of with to from by into at on for is are was were not such very every its my",
    "de": "als von mit für zu auf ist sind einen einem einer eine ein im den dem des",
    "fr": "de du des le la un une avec pour sur par en est sont",
    "es": "de con para por en la el un una y o es son se su",
    "it": "di con per il lo la un una è sono e che",
    "pt": "de com para por em o a os as um uma e é da do",
    "nl": "de het met voor op van te is zijn en",
}
"""Words that never end a sentence, or in some languages hardly ever one whose writer ends the others with a full stop."""
_ENDS_WITH_PREPOSITIONS = ("en", "de", "nl")
_FULL_STOPS = re.compile(r"\w[.!?](?=\s)")
_LAST_WORD = re.compile(r"(?:^|[\s'’])([^\W\d_]+)$")
_EQUALS = re.compile(r"\s[=+×]$")
_ARTICLE = re.compile(r"\ban$", re.IGNORECASE)
"""In German, verbs end with it: "Rufen Sie uns an"."""
_FENCE = re.compile(r"(?m)^[ \t>]*(`{3,}|~{3,})([^`\n]*)$")
_LIST_MARK = re.compile(r"\n[ \t]*(?:[-*•]|\d{1,2}[.)])$")
_OPEN_LINK = re.compile(r"\[[^\[\]\n]{1,200}\]\([^()\s]{0,300}$")
_MIN_WORDS = 4
_LAST_WORDS = 24
_TAIL_CHARS = 200
"""What the last words are looked for in: over a giant token the search would take cubic time."""


class CutOff:
    """Fails an answer that ends because something broke, not because it was finished.

    Missing punctuation is no sign: half of all good answers end without. What counts is the model's own word
    (``finish_reason``), an open code block, JSON value, table row, list item or link, a last word that demands
    another, or a last word that is the beginning of one that stands in the contexts.
    """

    name = "cut_off"
    version = "4"

    def check(self, answer: Answer) -> CriterionResult | None:
        """Return whether the answer is whole."""
        text = answer.text.rstrip()
        if not text:
            return None
        if (answer.exchange.finish_reason or "").lower() in _LENGTH:
            return fails(self.name, "The model stopped at its length limit.", _tail(text))
        if ("```" in text or "~~~" in text) and _in_code(text):
            return fails(self.name, "The answer ends inside a code block.", _tail(text))
        if looks_like_json(text):
            if unfinished_json(json_body(text)):
                return fails(self.name, "The answer ends inside a JSON value.", _tail(text))
            return passes(self.name)
        if part := _open_part(text):
            return fails(self.name, f"The answer ends inside {part}.", _tail(text), score=WEAK)
        if self._stops_mid_sentence(answer, text):
            return fails(self.name, "The answer ends in the middle of a sentence.", _tail(text), score=WEAK)
        return passes(self.name)

    def _stops_mid_sentence(self, answer: Answer, text: str) -> bool:
        if len(text.split()) < _MIN_WORDS:
            return False
        tail = text[-_LAST_WORDS:]
        if _DANGLING.search(tail) or _EQUALS.search(tail) or _links_on(text, tail):
            return True
        if tail.endswith(","):
            # A short last line with a comma is the formula that ends a letter.
            return len(text.rsplit("\n", 1)[-1].split()) >= _MIN_WORDS
        if _ARTICLE.search(tail) and language_of(text) == "en":
            return True
        return answer.exchange.finish_reason is None and _is_torn(text, answer.contexts)


def _links_on(text: str, tail: str) -> bool:
    """Return whether the last word asks for another, in prose that otherwise ends its sentences or in a long one."""
    last = _LAST_WORD.search(tail)
    if last is None or last[1] != last[1].lower():
        return False
    language = likely_language(text) or ""
    if last[1] not in _LINKING.get(language, "").split():
        return False
    return (
        language not in _ENDS_WITH_PREPOSITIONS
        or _FULL_STOPS.search(text) is not None
        or ("," in text and "\n" not in text)
    )


def _in_code(text: str) -> bool:
    """Return whether a code block is open at the end: one closes with as many signs as it opened with, or more."""
    opened = ""
    for match in _FENCE.finditer(text):
        if not opened:
            opened = match[1]
        elif match[1].startswith(opened) and not match[2].strip():
            opened = ""
    return bool(opened)


def _open_part(text: str) -> str:
    """Return what else is open at the end, in words; empty where nothing is."""
    if _LIST_MARK.search(text[-_TAIL_CHARS:]):
        return "a list"
    if "](" in text[-2 * _TAIL_CHARS :] and _OPEN_LINK.search(text[-2 * _TAIL_CHARS :]):
        return "a link"
    before, _, row = text.rpartition("\n")
    above = before.rsplit("\n", 1)[-1].strip()
    if row.startswith("|") and not row.endswith("|") and above.startswith("|") and above.endswith("|"):
        return "a table"
    if row.startswith("|") and above.startswith("|") and row.count("|") < above.count("|"):
        return "a table"
    return ""


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
