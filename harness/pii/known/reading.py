"""A text as the search reads it: tokens, their places, and the run-together letters and digits."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from harness.pii.known.folding import TOKEN, UNSPACED, fold, word_set

_DIGIT_WORDS = {
    "0": "zero oh nought null cero zéro nul zerro nulo sero", "1": "one eins uno un um een jeden ein", "2": "two zwei zwo dos deux dois due twee dwa",
    "3": "three drei tres trois três tre drie trzy", "4": "four vier cuatro quatre quatro quattro cztery", "5": "five fünf funf fuenf cinco cinq cinque vijf pięć",
    "6": "six sechs seis sei zes sześć", "7": "seven sieben siete sept sete sette zeven siedem", "8": "eight acht ocho huit oito otto osiem",
    "9": "nine neun nueve neuf nove negen dziewięć niner", "10": "ten zehn diez dix dez dieci", "11": "eleven elf once onze undici", "12": "twelve zwölf doce douze doze dodici",
    "13": "thirteen", "14": "fourteen", "15": "fifteen", "16": "sixteen", "17": "seventeen", "18": "eighteen", "19": "nineteen",
}  # fmt: skip
_TENS = {
    "twenty": "2",
    "thirty": "3",
    "forty": "4",
    "fourty": "4",
    "fifty": "5",
    "sixty": "6",
    "seventy": "7",
    "eighty": "8",
    "ninety": "9",
}
_TIMES = {"double": 2, "triple": 3, "treble": 3, "doppel": 2, "doble": 2, "duplo": 2}
_SIGN_WORDS = word_set(
    "dot at punkt punto ponto point punt kropka arroba arobase chiocciola klammeraffe apenstaartje malpa underscore unterstrich guion hyphen dash tiret minus bindestrich"
)
"""Words for the signs in mail addresses and codes; they are left out when a text is read as spoken."""
_TELLING_SIGNS = _SIGN_WORDS - {"at", "point", "dash", "minus"}
_FEWEST_SPOKEN_DIGITS = 3
_FEWEST_TITLE_WORDS = 4
_DIGITS = {fold(word): digit for digit, line in _DIGIT_WORDS.items() for word in line.split()}
_NUMBER_WORDS = frozenset(_DIGITS.keys() | _TENS.keys())


@dataclass(frozen=True, slots=True)
class Piece:
    """A token as it is meant: "double five" is 55."""

    word: str
    start: int
    end: int
    first: int
    """Index of its first token."""
    last: int

    @property
    def is_literal(self) -> bool:
        """Whether its characters stand in the text one by one."""
        return self.end - self.start == len(self.word)


class Line:
    """Run-together pieces, searched for forms.

    Args:
        pieces: In their order.
    """

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self.pieces = pieces
        self.text = "".join(piece.word for piece in pieces)
        self._firsts = list(accumulate((len(piece.word) for piece in pieces), initial=0))

    def find(self, form: str) -> Iterator[tuple[int, int, int, int]]:
        """Yield where a form stands alone: start and end in the original text, first and last token."""
        at = self.text.find(form)
        while at >= 0:
            end = at + len(form)
            if self._breaks(at) and self._breaks(end):
                first, last = self._piece(at), self._piece(end - 1)
                yield self._start(first, at), self._end(last, end), self.pieces[first].first, self.pieces[last].last
            at = self.text.find(form, at + 1)

    def _breaks(self, at: int) -> bool:
        """Return whether a word or number begins or ends here."""
        if at in (0, len(self.text)):
            return True
        before, after = self.text[at - 1], self.text[at]
        if before.isdigit() != after.isdigit() or UNSPACED.match(before) or UNSPACED.match(after):
            return True
        return self._firsts[self._piece(at)] == at

    def _piece(self, at: int) -> int:
        return bisect_right(self._firsts, at) - 1

    def _start(self, index: int, at: int) -> int:
        piece = self.pieces[index]
        return piece.start + (at - self._firsts[index] if piece.is_literal else 0)

    def _end(self, index: int, end: int) -> int:
        piece = self.pieces[index]
        return piece.start + end - self._firsts[index] if piece.is_literal else piece.end


class Reading:
    """One text, read once for all searches."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.folded = fold(text)
        self.words = TOKEN.findall(self.folded)
        self.joined = "".join(self.words)

    @cached_property
    def spans(self) -> list[tuple[int, int]]:
        """Where each token stands."""
        return [match.span() for match in TOKEN.finditer(self.folded)]

    @cached_property
    def shouts(self) -> bool:
        """Whether capitals say nothing in this text."""
        return self.text.isupper() or (len(self.words) >= _FEWEST_TITLE_WORDS and self.text.istitle())

    @cached_property
    def line(self) -> Line:
        """All tokens."""
        return Line(
            [Piece(word, *span, i, i) for i, (word, span) in enumerate(zip(self.words, self.spans, strict=True))]
        )

    @cached_property
    def spoken(self) -> Line | None:
        """The tokens with spoken digits as digits and without spoken signs; None if nothing is spoken."""
        if _TELLING_SIGNS.isdisjoint(self.words) and (
            _NUMBER_WORDS.isdisjoint(self.words)
            or sum(word in _NUMBER_WORDS for word in self.words) < _FEWEST_SPOKEN_DIGITS
        ):
            return None
        return Line(
            [
                Piece(word, self.spans[first][0], self.spans[last][1], first, last)
                for word, first, last in _say(self.words)
                if word
            ]
        )

    def gap(self, token: int) -> str:
        """Return what stands between a token and the next."""
        return self.text[self.spans[token][1] : self.spans[token + 1][0]]

    def is_capital(self, token: int) -> bool:
        """Return whether a token is capitalised on purpose."""
        return not self.shouts and self.text[self.spans[token][0]].isupper()


def _say(words: list[str]) -> Iterator[tuple[str, int, int]]:
    """Yield tokens as they are meant, each with the first and last token it is made of; signs are empty."""
    place = 0
    while place < len(words):
        word, following = words[place], words[place + 1] if place + 1 < len(words) else ""
        if word in _TIMES and (
            digit := _DIGITS.get(following, following if len(following) == 1 and following.isdigit() else "")
        ):
            yield digit * _TIMES[word], place, place + 1
            place += 2
        elif word in _TENS:
            unit = _DIGITS.get(following, "0")
            pair = len(unit) == 1 and unit != "0"
            yield _TENS[word] + (unit if pair else "0"), place, place + pair
            place += 1 + pair
        else:
            yield "" if word in _SIGN_WORDS else _DIGITS.get(word, "0" if word == "o" else word), place, place
            place += 1
