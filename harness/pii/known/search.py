"""Finds the variants of one user's values in a text; a text without any costs microseconds."""

import re
from collections.abc import Iterator, Sequence

from rapidfuzz.distance import OSA

from harness.pii.interface import PiiSpan
from harness.pii.known.addressing import find_streets
from harness.pii.known.birthdates import find_dates
from harness.pii.known.context import is_due
from harness.pii.known.folding import without_lookalikes
from harness.pii.known.numbers import find_numbers, find_spelled, is_amount
from harness.pii.known.ordinary import is_everyday, is_ordinary
from harness.pii.known.reading import Line, Reading
from harness.pii.known.variants import Target, Variants

_BESIDE = re.compile(r"[\s.,'’_-]{1,3}")
_SHORTEST_SEED = 3
_MAIL_TAIL = re.compile(
    r"[\w.+-]{0,64}@[\w.-]{1,255}"
    r"|\s{0,2}(?:[(\[{<]\s?at\s?[)\]}>]|@|\bat\b|\barroba\b)\s{0,2}[\w-]{1,64}(?:(?:\.|\s{0,2}[(\[{]dot[)\]}]\s?|\s{0,2}\b(?:dot|punkt|punto|ponto|point)\s{1,2})[\w-]{1,64}){1,4}",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")
_LOOSEST = 4
"""Characters between those of a form, beside as many as the form has."""
_SHORTEST_BESIDE = 3
_WIDEST = 6
"""Tokens that a name reaches to either side of one of its parts at most."""
_OF_TWO = 5
_OF_THREE = 8
"""Fewest characters for two and three errors in a word beside a part of the name."""
_SIGN = re.compile(r"[@$]")
_MIXED = re.compile(r"(?<![^\W_])(?<![@$])(?=[^\W\d_]*[\d@$])(?:[^\W_]|[@$]){3,40}(?![@$])(?![^\W_])")
"""Letters with figures or signs among them."""
_FIGURES = re.compile(r"\d{1,4}(?![^\W_])")
_JOINING = 2
"""A word of so few letters is no part of a value that tells."""


class Search:
    """A search for variants.

    Args:
        variants: One user's.
        ordinary: Folded words of the data that are no misspelt names, beside the listed ones.
    """

    def __init__(self, variants: Variants, ordinary: frozenset[str] = frozenset()) -> None:
        self._variants = variants
        self._ordinary = ordinary
        self._seeds = _seeds([*variants.forms, *variants.streets])
        self._parts = [
            word
            for word, known in variants.words.items()
            if known.entity == "PERSON" and len(word) >= _SHORTEST_BESIDE and not is_everyday(word)
        ]
        self._names = any(known.entity == "PERSON" for known in variants.words.values())
        self._counts = bool(variants.pieces or variants.numbers)

    def find(self, text: str) -> Iterator[PiiSpan]:
        """Yield where the variants occur; spans may overlap."""
        reading = Reading(text)
        if not reading.words:
            return
        yield from self._find_words(reading)
        if any(seed in reading.joined for seed in self._seeds):
            yield from self._find_forms(reading, reading.line)
        digits = _DIGIT.search(reading.folded)
        if self._names and (digits or _SIGN.search(reading.folded)):
            yield from self._find_disguised(reading)
        if digits and self._counts:
            yield from find_numbers(reading, reading.line.pieces, self._variants)
        if digits and self._variants.dates:
            for start, end in find_dates(reading.folded, frozenset(self._variants.dates)):
                yield PiiSpan(start=start, end=end, entity="DATE_OF_BIRTH", score=1.0)
        if reading.spoken is not None:
            yield from self._find_forms(reading, reading.spoken)
            yield from find_numbers(reading, reading.spoken.pieces, self._variants)
        if self._variants.initials:
            yield from find_spelled(reading, self._variants)

    def _find_words(self, reading: Reading) -> Iterator[PiiSpan]:
        words, near = self._variants.words, self._variants.near
        for place, word in enumerate(reading.words):
            if (known := words.get(word)) is not None:
                if known.entity != "PERSON" and is_amount(reading.text, *reading.spans[place]):
                    continue
                if is_due(reading, place, self._variants, known.trust):
                    yield self._widened(reading, place, known.entity)
            elif (targets := near.get(len(word))) is not None and (entity := self._misspelt(word, targets)):
                yield self._widened(reading, place, entity)

    def _find_disguised(self, reading: Reading) -> Iterator[PiiSpan]:
        """Yield names with figures or signs for letters, or with figures behind them: "0ttoline", "M@rit", "Lund3"."""
        for match in _MIXED.finditer(reading.folded):
            word = match[0]
            bare = word.rstrip("0123456789")
            forms = (word, bare) if bare != word and bare.isalpha() else (word,)
            if any(map(self._is_name, (*forms[1:], *(plain for form in forms for plain in without_lookalikes(form))))):
                yield PiiSpan(start=match.start(), end=match.end(), entity="PERSON", score=1.0)

    def _is_name(self, word: str) -> bool:
        known = self._variants.words.get(word)
        if known is not None:
            return known.entity == "PERSON" and not is_everyday(word)
        return self._misspelt(word, self._variants.near.get(len(word), ())) == "PERSON"

    def _misspelt(self, word: str, targets: Sequence[Target]) -> str | None:
        """Return the type of the value that a word is a misspelling of; None for none."""
        for target in targets:
            if OSA.distance(word, target.word, score_cutoff=target.most) <= target.most:
                if is_ordinary(word) or is_everyday(word) or word in self._ordinary or _rhymes(word, target.word):
                    continue
                return target.entity
        return None

    def _widened(self, reading: Reading, place: int, entity: str) -> PiiSpan:
        """Return the span of a token, and for a name of what belongs to it on either side."""
        start, end = reading.spans[place]
        if entity == "PERSON":
            first = last = place
            while first > max(0, place - _WIDEST) and self._belongs(reading, first - 1, first - 1):
                first -= 1
            while last + 1 < min(len(reading.words), place + _WIDEST) and self._belongs(reading, last + 1, last):
                last += 1
            start, end = reading.spans[first][0], reading.spans[last][1]
        return PiiSpan(start=start, end=end, entity=entity, score=1.0)

    def _belongs(self, reading: Reading, place: int, gap: int) -> bool:
        """Return whether the token beside a name is a part of it: an initial, a particle, a part with more errors."""
        word, between = reading.words[place], reading.gap(gap)
        if not _BESIDE.fullmatch(between):
            return False
        if len(word) == 1:
            # "I" and "a" are words unless written as initials.
            return word in self._variants.initials and (word not in "ia" or between.startswith("."))
        if word in self._variants.particles:
            return True
        if len(word) < _SHORTEST_BESIDE or is_everyday(word):
            return False
        most = 1 if len(word) < _OF_TWO or is_ordinary(word) else 2 if len(word) < _OF_THREE else 3
        return any(OSA.distance(word, part, score_cutoff=most) <= most for part in self._parts)

    def _find_forms(self, reading: Reading, line: Line) -> Iterator[PiiSpan]:
        for form, entity in self._variants.forms.items():
            if form in line.text:
                for start, end, first, last in line.find(form):
                    if self._is_meant(reading, line, form, (start, end), (first, last)):
                        if self._is_part_of_amount(reading, (start, end), (first, last)):
                            continue
                        if entity == "PERSON" and (glued := _FIGURES.match(reading.text, end)):
                            end = glued.end()
                        tail = _MAIL_TAIL.match(reading.text, end) if entity == "EMAIL_ADDRESS" else None
                        yield PiiSpan(start=start, end=tail.end() if tail else end, entity=entity, score=1.0)
        if line is reading.line:
            yield from find_streets(reading, self._variants)

    def _is_part_of_amount(self, reading: Reading, span: tuple[int, int], tokens: tuple[int, int]) -> bool:
        if not is_amount(reading.text, *span):
            return False
        return " ".join(reading.words[tokens[0] : tokens[1] + 1]) not in self._variants.wholes

    def _is_meant(
        self, reading: Reading, line: Line, form: str, span: tuple[int, int], tokens: tuple[int, int]
    ) -> bool:
        """Return whether pieces that make up a form when run together are one value, and no ordinary words: "am in a"."""
        words = reading.words[tokens[0] : tokens[1] + 1]
        if len(words) == 1 or not form.isalpha():
            return line is not reading.line or span[1] - span[0] <= 2 * len(form) + _LOOSEST
        if " ".join(words) in self._variants.wholes or all(len(word) == 1 for word in words):
            return True
        if line is reading.line and span[1] - span[0] > 2 * len(form) + _LOOSEST:
            return False
        if self._variants.forms[form] == "PERSON" and any(map(is_everyday, words)):
            # Its parts are looked at one by one: in "Smith will" the verb is none.
            return False
        return not all(is_ordinary(word) or len(word) <= _JOINING for word in words)


def _rhymes(word: str, target: str) -> bool:
    """Return whether words differ in their first letter only: people mistype that seldom, and "barter" is no Carter."""
    return len(word) == len(target) and word[0] != target[0] and word[1:] == target[1:]


def _seeds(forms: Sequence[str]) -> list[str]:
    """Return the forms that hold no other one: where none of these is, no form is."""
    seeds: list[str] = []
    for form in sorted(set(forms), key=len):
        if not any(seed in form for seed in seeds):
            seeds.append(form)
    return seeds
