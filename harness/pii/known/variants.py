"""What to look for of one user's values: words, run-together forms, ends of numbers, dates and streets."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum

from harness.pii.known.birthdates import Date
from harness.pii.known.folding import fold
from harness.pii.known.ordinary import is_everyday, is_ordinary
from harness.pii.known.postal import Street


class Trust(IntEnum):
    """How much a word must look like a name to be taken for the user's."""

    CALLED = 0
    """An everyday word that may stand for the name ("bill" of William): only where a name is due."""
    NAMED = 1
    """An everyday word that is the name ("will" of Will): where a name is due, or capitalised."""
    ALWAYS = 2


@dataclass(frozen=True, slots=True)
class Word:
    """A token to look for."""

    entity: str
    trust: Trust = Trust.ALWAYS


@dataclass(frozen=True, slots=True)
class Target:
    """A word that is also found misspelt."""

    word: str
    entity: str
    most: int
    """The most edits: insertions, deletions, substitutions and transpositions."""


@dataclass(slots=True)
class Variants:
    """The variants of one user's values, folded."""

    words: dict[str, Word] = field(default_factory=dict)
    """Whole tokens."""
    forms: dict[str, str] = field(default_factory=dict)
    """Run-together letters and digits, found with any separators; and their entity."""
    pieces: dict[str, str] = field(default_factory=dict)
    """Ends and beginnings of numbers and codes."""
    initials: set[str] = field(default_factory=set)
    signed: set[str] = field(default_factory=set)
    """Initials of whole names."""
    particles: set[str] = field(default_factory=set)
    """What belongs to a name that stands beside it: van, de, junior."""
    streets: dict[str, Street] = field(default_factory=dict)
    address: set[str] = field(default_factory=set)
    """All words of addresses; they go beside another part of one."""
    dates: set[Date] = field(default_factory=set)
    near: dict[int, list[Target]] = field(default_factory=dict)
    """By the length of a token that may be a misspelling."""
    wholes: set[str] = field(default_factory=set)
    """Values of several tokens, with blanks between these."""
    numbers: dict[str, str] = field(default_factory=dict)
    """Digits of phones and numeric codes long enough to be found with one of them wrong."""

    def add_name_word(self, word: str, *, pet: bool = False) -> None:
        """Add a folded part of a name; with ``pet`` a short form of one, which it may also not be."""
        trust = (Trust.CALLED if pet else Trust.NAMED) if is_everyday(word) else Trust.ALWAYS
        known = self.words.get(word)
        if known is None or known.trust < trust:
            self.words[word] = Word("PERSON", trust)

    def add_form(self, form: str, entity: str) -> None:
        """Add run-together letters and digits."""
        self.forms.setdefault(form, entity)

    def add_pieces(self, compact: str, entity: str, *, shortest: int) -> None:
        """Add the ends of a number or code, and its longer beginnings."""
        for length in range(shortest, len(compact)):
            self.pieces.setdefault(compact[-length:], entity)
        for length in range(max(shortest, 6), len(compact)):
            self.pieces.setdefault(compact[:length], entity)

    def add_misspellings(self, words: Iterable[str], entity: str, *, shortest: int = 5, of_two: int = 8) -> None:
        """Let folded words be found misspelt; ordinary ones are not: they have too many neighbours that are ordinary.

        Args:
            words: Tokens.
            entity: Their type.
            shortest: Fewest characters for one edit.
            of_two: Fewest characters for two.
        """
        for word in words:
            if len(word) < shortest or is_ordinary(word) or is_everyday(word):
                continue
            most = 2 if len(word) >= of_two else 1
            for length in range(len(word) - most, len(word) + most + 1):
                self.near.setdefault(length, []).append(Target(word, entity, most))


def letters_of(text: str) -> str:
    """Return the folded letters of a text."""
    return "".join(c for c in fold(text) if c.isalpha())
