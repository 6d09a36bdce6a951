"""Formats of a company's own ids, learned from its log: what is stored of them, and how they are found.

What is learned holds no value of the log; see ``harness.pii.learning.shapes`` for how it is learned.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from harness.errors import InputError
from harness.pii.interface import PiiSpan
from harness.pii.lexicon import words
from harness.pii.patterns.quantities import is_date, is_named_otherwise, is_ordinary
from harness.pii.patterns.references import is_plain_token
from harness.pii.patterns.rules import Recognizer, Scan

FEWEST_DIGITS = 2
"""In a value."""
CONTEXT_BEFORE, CONTEXT_AFTER = 64, 32
_FORM = re.compile(r"(?:[A9X]\{\d{1,2},\d{1,2}\}|[-_/:#]){1,24}")
_RUN = re.compile(r"([A9X])\{(\d+),(\d+)\}|([-_/:#])")
_DIGIT = re.compile(r"[0-9]")
_LONGEST = 40
_SCHEMA_VERSION = 1
_WHY = "a format of ids that many users of this log write"
_SCORE = 0.55
"""Below what other recognizers give, so that a telephone number in a learned format is still called one."""
_KINDS = {"A": "[a-z]", "9": "[0-9]", "X": "[a-z0-9]"}
_BEFORE = r"(?<![\w@./:,$€£<-])"
_AFTER = r"(?![\w@%>]|[-_/:#]\w|[.,]\d)"
_MONEY = re.compile(
    r"(?:us|usd|eur|gbp|chf|inr|cad|aud|jpy|cny|brl|mxn|zar|sek|nok|dkk|pln|czk|huf|aed|sar|sgd|hkd|nzd|thb|idr|myr|php|krw|rs|rm|kr)?-?\d+"
    r"(?:usd|eur|gbp|chf|inr|cad|aud|jpy|cny|brl|mxn|zar|sek|nok|dkk|pln|czk|huf|euros?|pounds?|dollars?|rs|kr|k|m|mb|gb|tb|km|kg|px|ms)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class LearnedShape:
    """One format."""

    form: str
    """``A`` letters, ``9`` digits, ``X`` both mixed, with the least and the largest count: ``A{2,2}-9{4,6}``; separators are themselves."""
    prefix: str = ""
    """In lower case, the letters that all values begin with, written by many users; empty: any letters."""
    shortest: int
    """Characters of a whole value."""
    longest: int

    @property
    def shown(self) -> str:
        """The format as people write one: ``LK-99999999``, ``AA-9999…999999``."""
        pieces = []
        for kind, least, most, separator in _RUN.findall(self.form):
            if separator:
                pieces.append(separator)
            elif self.prefix and not pieces:
                pieces.append(self.prefix.upper())
            else:
                pieces.append(kind * int(least) + (f"…{kind * int(most)}" if least != most else ""))
        return "".join(pieces)

    @property
    def kinds(self) -> str:
        """The form without its counts; two formats of digits alone differ by their length."""
        kinds = "".join(kind + separator for kind, _, _, separator in _RUN.findall(self.form))
        return f"9 {self.longest}" if kinds == "9" else kinds

    def widened(self, other: "LearnedShape") -> "LearnedShape":
        """Return the format of the values of both, which have the same kinds and prefix."""
        pairs = zip(_RUN.findall(self.form), _RUN.findall(other.form), strict=True)
        form = "".join(
            one[3] or f"{one[0]}{{{min(int(one[1]), int(two[1]))},{max(int(one[2]), int(two[2]))}}}"
            for one, two in pairs
        )
        return LearnedShape(
            form=form,
            prefix=self.prefix,
            shortest=min(self.shortest, other.shortest),
            longest=max(self.longest, other.longest),
        )


@dataclass(frozen=True, slots=True)
class LearnedShapes:
    """The formats of a log's ids. It can be stored, and holds no value of the log."""

    shapes: tuple[LearnedShape, ...] = ()
    _pattern: re.Pattern[str] | None = field(init=False, repr=False, compare=False, default=None)

    def __post_init__(self) -> None:
        if self.shapes:
            forms = "|".join(_source(shape) for shape in self.shapes)
            object.__setattr__(self, "_pattern", re.compile(f"{_BEFORE}(?:{forms}){_AFTER}", re.ASCII | re.IGNORECASE))

    def __bool__(self) -> bool:
        return bool(self.shapes)

    def __or__(self, other: "LearnedShapes") -> "LearnedShapes":
        """Return the formats of both; of two of the same kinds and prefix, one that is as wide as both."""
        found: dict[tuple[str, str], LearnedShape] = {}
        for shape in (*self.shapes, *other.shapes):
            place = (shape.kinds, shape.prefix)
            found[place] = found[place].widened(shape) if place in found else shape
        return LearnedShapes(tuple(sorted(found.values())))

    def __sub__(self, other: "LearnedShapes") -> "LearnedShapes":
        """Return the formats that ``other`` has not."""
        return LearnedShapes(tuple(shape for shape in self.shapes if shape not in other.shapes))

    @property
    def shown(self) -> tuple[str, ...]:
        """The formats as people write them."""
        return tuple(sorted({shape.shown for shape in self.shapes}))

    def find(self, text: str) -> Iterator[PiiSpan]:
        """Yield where a text holds a value of a learned format."""
        if self._pattern is None:
            return
        for match in self._pattern.finditer(text):
            before = text[max(0, match.start() - CONTEXT_BEFORE) : match.start()]
            if can_be_id(match[0], before, text[match.end() : match.end() + CONTEXT_AFTER]):
                yield PiiSpan(start=match.start(), end=match.end(), entity="ID", score=_SCORE, why=_WHY)

    def rules(self) -> tuple[Recognizer, ...]:
        """Return the recognizer to put beside others; none if nothing was learned."""
        return (Scan(look=lambda facts: self.find(facts.text), digits=FEWEST_DIGITS, why=_WHY),) if self.shapes else ()

    def to_dict(self) -> dict[str, object]:
        """Return the formats as JSON-compatible values."""
        shapes = [
            {"form": each.form, "prefix": each.prefix, "length": [each.shortest, each.longest]} for each in self.shapes
        ]
        return {"schema_version": _SCHEMA_VERSION, "shapes": shapes}

    def to_json(self) -> str:
        """Return the formats as a JSON object."""
        return json.dumps(self.to_dict())

    @classmethod
    def from_json(cls, text: str) -> "LearnedShapes":
        """Return the formats that ``to_json`` wrote.

        Raises:
            InputError: If it is no such object.
        """
        try:
            data = json.loads(text)
            if data["schema_version"] != _SCHEMA_VERSION:
                raise InputError(
                    f"learned formats are of schema version {data['schema_version']!r}, this release reads {_SCHEMA_VERSION}",
                    hint="Learn them again.",
                )
            return cls(tuple(_checked(shape["form"], shape["prefix"], *shape["length"]) for shape in data["shapes"]))
        except (KeyError, TypeError, ValueError, re.error) as error:
            raise InputError(
                f"learned formats cannot be read: {type(error).__name__}", hint="Learn them again."
            ) from error


NO_SHAPES = LearnedShapes()


def can_be_id(token: str, before: str, after: str) -> bool:
    """Return whether a token may be an id, rather than a date, an amount, a size, an error's code or a word with a year.

    Args:
        token: Letters and digits, perhaps with separators.
        before: What stands before it.
        after: What follows.
    """
    if len(_DIGIT.findall(token)) < FEWEST_DIGITS or is_date(token) or is_named_otherwise(before):
        return False
    if not any(map(str.isalpha, token)):
        return not is_ordinary(token, before, after)
    return not (is_plain_token(token) or _MONEY.fullmatch(token) or _is_word_and_year(token))


def _is_word_and_year(token: str) -> bool:
    stem = token.rstrip("0123456789")
    return token[len(stem) :][:2] in ("19", "20") and stem.rstrip("-_/").lower() in words("common_words")


def _checked(form: str, prefix: str, shortest: int, longest: int) -> LearnedShape:
    if not _FORM.fullmatch(form) or not (prefix == "" or (prefix.isalpha() and prefix.isascii())):
        raise ValueError(form)
    if not 0 < shortest <= longest <= _LONGEST:
        raise ValueError(longest)
    return LearnedShape(form=form, prefix=prefix, shortest=shortest, longest=longest)


def _source(shape: LearnedShape) -> str:
    return f"(?=[\\w/:#-]{{{shape.shortest},{shape.longest}}}{_AFTER}){''.join(_pieces(shape))}"


def _pieces(shape: LearnedShape) -> Iterable[str]:
    for place, (kind, least, most, separator) in enumerate(_RUN.findall(shape.form)):
        if separator:
            yield re.escape(separator)
        elif shape.prefix and not place:
            yield re.escape(shape.prefix)
        else:
            yield f"{_KINDS[kind]}{{{least},{most}}}"
