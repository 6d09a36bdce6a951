"""What is spelt out sign by sign: "K for kilo, O for oscar …", "kilo oscar seven", "k-o-w-a-l"; names, codes, plates."""

import re
from collections.abc import Iterator
from itertools import pairwise

from harness.pii.interface import PiiSpan
from harness.pii.lexicon import words
from harness.pii.patterns.rules import Facts, Recognizer, Scan, word_set

ALPHABET = word_set(
    "alpha alfa bravo charlie delta echo foxtrot golf hotel india juliet juliett kilo lima mike november oscar papa quebec romeo sierra tango uniform victor whiskey whisky"
    " xray yankee zulu anton berta cäsar dora emil friedrich heinrich ida kaufmann ludwig martha nordpol otto paula samuel siegfried theodor ulrich viktor wilhelm xanthippe ypsilon zacharias"
)
"""The words of the radio alphabets; "Gustav", "Julius" and "Richard" are found as names."""
FIGURES = word_set(
    "zero oh one two three four five six seven eight nine niner null eins zwo zwei drei vier fünf sechs sieben acht neun"
)
_FOR = re.compile(
    r"(?<!\w)[^\W_]\s+(?:for|as\s+in|like|wie|como|comme|come|van|jak)\s+[^\W\d_]{2,}(?:[\s,.;-]{1,3}(?:and\s+|then\s+|und\s+)?(?:[^\W_](?:\s+(?:for|as\s+in|like|wie|como|comme|come|van|jak)\s+[^\W\d_]{2,})?|double\s+[^\W\d_])(?!\w)){2,}",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"(?<![\w'’.-])[^\W_](?:([ .-])[^\W_](?!\w))(?:\1[^\W_](?!\w)){2,}(?![\w'’])")
_SAID = re.compile(r"[^\W_]+(?:-(?:ray)\b)?", re.IGNORECASE)
_GAP = re.compile(r"[\s,.-]{1,3}")
_FEWEST_SAID = 4
_FEWEST_LETTERS = 3
_TELLING_LETTERS = frozenset("bcdfghjklnpqrvwxyz")
"""Letters that seldom stand alone otherwise; "s" and "t" do in "it's" and "don't"."""


def _find_spelt(facts: Facts) -> Iterator[PiiSpan]:
    for match in _FOR.finditer(facts.text):
        yield PiiSpan(start=match.start(), end=match.end(), entity="PERSON", score=0.85)


def _find_letters(facts: Facts) -> Iterator[PiiSpan]:
    for match in _LETTERS.finditer(facts.text):
        plain = re.sub(r"\W", "", match[0]).lower()
        if _is_spelt(plain):
            yield PiiSpan(start=match.start(), end=match.end(), entity="PERSON", score=0.8)


def _is_spelt(plain: str) -> bool:
    """Return whether single letters are somebody's name or code and not "p l e a s e", "A B C D" or "a b a b a"."""
    if (
        plain in words("common_words")
        or sum(c.isalpha() for c in plain) < _FEWEST_LETTERS
        or len(set(plain)) < _FEWEST_LETTERS
    ):
        return False
    steps = {ord(b) - ord(a) for a, b in pairwise(plain)}
    return steps != {1}


def _find_said(facts: Facts) -> Iterator[PiiSpan]:
    """Yield runs of the radio alphabet's words, with figures among them: "kilo seven papa two"."""
    run: list[re.Match[str]] = []
    for token in (*_SAID.finditer(facts.text), None):
        word = token[0].lower().replace("-", "") if token else ""
        joined = token is not None and (not run or _GAP.fullmatch(facts.text, run[-1].end(), token.start()) is not None)
        if token and joined and _is_said(word):
            run.append(token)
            continue
        if len(run) >= _FEWEST_SAID and sum(t[0].lower().replace("-", "") in ALPHABET for t in run) > 1:
            yield PiiSpan(start=run[0].start(), end=run[-1].end(), entity="ID", score=0.8)
        run = [token] if token and _is_said(word) else []


def _is_said(word: str) -> bool:
    return word in ALPHABET or word in FIGURES or (word.isdecimal() and len(word) == 1)


_FOR_LIKELY = re.compile(r"(?<!\w)[^\W\d_]\s+(?:for|as\s|like|wie|como|comme|come|van|jak)\b", re.IGNORECASE)
_LETTERS_LIKELY = re.compile(r"\b[^\W\d_]([ .-])[^\W_]\1[^\W_]\1[^\W_]\b")

SPELLING_RULES: tuple[Recognizer, ...] = (
    Scan(
        look=_find_spelt,
        words=_TELLING_LETTERS,
        needs=lambda facts: _FOR_LIKELY.search(facts.text) is not None,
        why="spelt letter by letter",
    ),
    Scan(
        look=_find_letters,
        words=_TELLING_LETTERS,
        needs=lambda facts: _LETTERS_LIKELY.search(facts.text) is not None,
        why="spelt letter by letter",
    ),
    Scan(
        look=_find_said,
        words=ALPHABET,
        needs=lambda facts: len(ALPHABET & facts.words) > 1,
        why="spelt in a radio alphabet",
    ),
)
