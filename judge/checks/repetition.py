"""An answer that goes round in circles."""

import re
from collections import Counter

from harness.config import Settings
from harness.contracts import CriterionResult
from judge.checks.interface import WEAK, Answer, Check, fails, passes
from judge.groundedness.language import plain, sentences, words

_CHARACTER_LOOP = re.compile(r"([^\s\-=_*.·|#~+0])\1{39,}")
_PHRASE_LOOP = re.compile(r"(?<!\w)(\w[^\n]{2,80}?)(?:[\s,.;:!?]+\1){4,}(?!\w)", re.IGNORECASE)
_UNSPACED_LOOP = re.compile(r"([^\x00-\u2fff]{3,40}[。!?、,])\1{3,}")
"""In scripts that put no space between words or sentences."""
_ONE_CHARACTER = re.compile(r"([^\s\-=_*.~])\1{79,}")
_SHORT_LOOP = re.compile(r"([^\s|]{2,8}?)\1{15,}")
"""Without a space in between: ``okokok``, ``<br><br>``."""
_LIST_MARK = re.compile(r"^\s*(?:[-*•]|\d{1,3}[.)])\s+(?:\[.\]\s)?")
_CIRCLING_LINES = 7
_MAX_DISTINCT_LINES = 1 / 3
_ALIKE_ROWS = 10
_MIN_REPEATS = 5
_ASKED = re.compile(
    r"(?i)\b(?:repeat|again and again|times|over and over|wiederhol\w*|mal|répét\w*|fois|repit\w*|veces|ripet\w*|volte)\b"
)
_CODE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_DIGITS = re.compile(r"\d+")
_SENTENCES = 4
_MIN_SENTENCE_WORDS = 4
_LINES = 8
_ALIKE_SENTENCES = 7
_MIN_ALIKE_WORDS = 5
_WINDOW = 6
_MIN_WINDOWS = 60
_MIN_DISTINCT = 0.3
_READ_CHARS = 20_000


class Repetition:
    """Fails an answer that repeats itself as a stuck model does; not where the user asked for repetition.

    Rows of code and of tables may be alike.
    """

    name = "repetition"
    version = "3"

    def check(self, answer: Answer) -> CriterionResult:
        """Return whether the answer loops."""
        if _ASKED.search(answer.exchange.prompt):
            return passes(self.name, reason="The user asked for repetition.")
        text = answer.text[:_READ_CHARS]
        spoken = words(plain(text))
        if loop := _loop(text, spoken):
            return fails(self.name, "The answer repeats the same words over and over.", loop[:200], score=0.1)
        prose = _CODE.sub("\n", text) if "```" in text else text
        if looped := _looped_line(prose):
            return fails(self.name, "The answer says one line or sentence again and again.", looped, score=0.1)
        if looped := _looped_with_variation(prose):
            reason = "The answer says one sentence again and again with other numbers."
            return fails(self.name, reason, looped, score=WEAK)
        share = _distinct_share(spoken)
        if share < _MIN_DISTINCT:
            return fails(self.name, "Most of the answer repeats what it said before.", score=WEAK)
        return passes(self.name, score=0.5 + 0.5 * share)


def _loop(text: str, spoken: list[str]) -> str:
    """Return characters or words said over and over without anything in between; empty where there are none."""
    if match := _CHARACTER_LOOP.search(text) or _ONE_CHARACTER.fullmatch(text.strip()):
        return match[0]
    for match in _SHORT_LOOP.finditer(_CODE.sub("\n", text)):
        if len(set(match[1])) > 1 and any(c.isalpha() for c in match[1]):
            return match[0]
    # The pattern is slow, and a phrase said five times has words that occur five times.
    if spoken and Counter(spoken).most_common(1)[0][1] >= _MIN_REPEATS:
        for match in _PHRASE_LOOP.finditer(text):
            if any(character.isalpha() for character in match[1]):
                return match[0]
    unspaced = None if text.isascii() else _UNSPACED_LOOP.search(text)
    return unspaced[0] if unspaced else ""


def _looped_line(text: str) -> str:
    """Return a sentence of some length that comes four times, or a line that comes eight times in a row."""
    told = sentences(text)
    if len(told) < _SENTENCES:
        return ""
    counted = Counter(plain(s) for s in told if not s.startswith("|"))
    for sentence, count in counted.most_common():
        if count < _SENTENCES:
            break
        if len(words(sentence)) >= _MIN_SENTENCE_WORDS:
            return next(s for s in told if plain(s) == sentence)
    lines = [plain(_LIST_MARK.sub("", line)) for line in text.splitlines() if not line.lstrip().startswith(("|", "<"))]
    lines = [line for line in lines if any(c.isalpha() for c in line)]
    if len(lines) >= _CIRCLING_LINES and len(set(lines)) <= _MAX_DISTINCT_LINES * len(lines):
        return next(line.strip() for line in text.splitlines() if plain(_LIST_MARK.sub("", line)) == lines[0])
    run, before = 0, ""
    for line in text.splitlines():
        run = run + 1 if line == before else 1
        before = line
        most = _ALIKE_ROWS if line[:1] == "|" else _LINES
        if run >= most and line[:1] != "<" and any(c.isalpha() for c in line):
            return line.strip()
    return ""


def _looped_with_variation(text: str) -> str:
    """Return a sentence that comes eight times in running text with only its numbers changed; lists may do that."""
    if text.count(". ") < _ALIKE_SENTENCES - 1:
        return ""
    for line in text.splitlines():
        told = sentences(line)
        counted = Counter(_DIGITS.sub("0", plain(s)) for s in told if len(words(plain(s))) >= _MIN_ALIKE_WORDS)
        if counted and (most := counted.most_common(1)[0])[1] >= _ALIKE_SENTENCES:
            return next(s for s in told if _DIGITS.sub("0", plain(s)) == most[0])
    return ""


def _distinct_share(spoken: list[str]) -> float:
    """Return the share of six-word windows that differ; 1 for a short text."""
    count = len(spoken) - _WINDOW + 1
    if count < _MIN_WINDOWS:
        return 1.0
    return len(set(zip(*(spoken[i:] for i in range(_WINDOW)), strict=False))) / count


def build(_: Settings) -> Check:
    """Return the check; it is always on."""
    return Repetition()
