"""Choices that follow from a key and a value alone."""

import hmac
from dataclasses import dataclass, field, replace

from harness.pii.known import fold

_BITS = 256
_SPARE_BITS = 40
"""A choice takes so many bits more than it needs; what favours some over others is then below one in 10^12."""
_SEPARATOR = "\x1f"
_MOST_DIGITS = 60
DIGITS = "0123456789"


class Draws:
    """A row of choices, always the same for the same key and words.

    HMAC-SHA-256 of the words, read as a number of which each choice takes the
    remainder; where it is used up, the words with a counter give the next.

    Args:
        key: Keeps others from computing it.
        words: What is drawn for.
    """

    __slots__ = ("_block", "_key", "_left", "_message", "_range")

    def __init__(self, key: bytes, *words: str) -> None:
        self._key = key
        # Half a surrogate pair, which JSON can spell, is a value like any other.
        self._message = _SEPARATOR.join(words).encode("utf-8", "surrogatepass")
        self._block = 0
        self._left = 0
        self._range = 1

    def below(self, count: int) -> int:
        """Return a number from 0 up to before ``count``."""
        if self._range < count << _SPARE_BITS:
            self._refill()
        self._left, drawn = divmod(self._left, count)
        self._range //= count
        return drawn

    def one_of(self, choices: str | tuple[str, ...]) -> str:
        """Return one of some texts, or one character of a text."""
        return choices[self.below(len(choices))]

    def other_than(self, char: str, choices: str) -> str:
        """Return one character of a text that is another than ``char``."""
        return self.one_of(choices.replace(char, "") or choices)

    def digits(self, count: int) -> str:
        """Return so many digits."""
        if count > _MOST_DIGITS:
            return self.digits(_MOST_DIGITS) + self.digits(count - _MOST_DIGITS)
        return f"{self.below(10**count):0{count}d}" if count else ""

    def _refill(self) -> None:
        message = self._message if not self._block else self._message + b"\x1e%d" % self._block
        self._left = int.from_bytes(hmac.digest(self._key, message, "sha256"), "big")
        self._range = 1 << _BITS
        self._block += 1


@dataclass(frozen=True, slots=True)
class Seed:
    """What a fake is made from, beside the value itself."""

    key: bytes = field(repr=False)
    hidden: tuple[str, ...] = field(repr=False, default=())
    """Folded words and numbers of the value: no fake contains one."""
    avoided: frozenset[str] = field(repr=False, default=frozenset())
    """Folded words that are known to be personal here: no fake has one of them as a word."""
    attempt: int = 0
    """Which of the value's fakes is wanted: the first, unless it cannot be used."""

    def draws(self, *words: str) -> Draws:
        """Return the choices for some words."""
        return Draws(self.key, str(self.attempt), *words)

    def after(self, attempts: int) -> "Seed":
        """Return what a later fake is made from."""
        return replace(self, attempt=attempts)

    def allows(self, word: str) -> bool:
        """Return whether a word of a fake gives nothing away."""
        folded = fold(word)
        held = [token for token in self.hidden if token in folded]
        return not held and folded not in self.avoided
