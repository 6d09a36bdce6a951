"""Values that a prompt needs and nobody owns: names, references, amounts, contact data."""

import random
import string

from personas.phrasebook import NAMES, PLACES

_CONSONANTS = "BCDFGHJKLMNPQRSTVWXZ"
_SYLLABLES = [
    "BAL",
    "DOR",
    "FEN",
    "GIM",
    "HUL",
    "JOR",
    "KAV",
    "LUM",
    "MEX",
    "NIV",
    "PLO",
    "QUA",
    "RIZ",
    "SKU",
    "TOV",
    "VEX",
    "WUN",
    "YAR",
    "ZEB",
]


class Inventor:
    """Invents values and remembers those that look personal.

    Args:
        rng: The prompt's own source of chance.
    """

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self.personal: list[str] = []
        """Invented values that a judge or a detector could take for somebody's."""

    def make(self, kind: str) -> str | None:
        """Return a new value of a kind; None where there is no such kind."""
        maker = getattr(self, f"_{kind}", None)
        return None if maker is None else str(maker())

    def marker(self) -> str:
        """Return a token that no answer contains by chance (some 10¹¹ of them)."""
        rng = self._rng
        letters = "".join(rng.choices(_CONSONANTS, k=3))
        return (
            f"{letters}{rng.randint(10, 99)}-{rng.choice(_SYLLABLES)}{rng.choice(_SYLLABLES)}-{rng.randint(100, 999)}"
        )

    def _name(self) -> str:
        return self.noted(self._rng.choice(NAMES))

    def _reference(self) -> str:
        letters = "".join(self._rng.choices(string.ascii_uppercase, k=2))
        return self.noted(f"{letters}-{self._rng.randint(10000, 99999)}")

    def _email(self) -> str:
        # example.com is reserved for examples (RFC 2606).
        first, last = self._rng.choice(NAMES).lower().split(" ")
        return self.noted(f"{first}.{last}@example.com")

    def _phone(self) -> str:
        # 555-0100 … 0199 is set aside for fiction.
        return self.noted(f"({self._rng.choice((206, 312, 415, 617))}) 555-01{self._rng.randint(0, 99):02d}")

    def _place(self) -> str:
        return self.noted(self._rng.choice(PLACES))

    def _amount(self) -> str:
        value = self._rng.choice((9.99, 12.5, 19.9, 37.4, 48.0, 120.0, 249.95, 380.0, 1040.0)) + self._rng.randint(
            0, 60
        )
        return f"{value:.2f}"

    def _small(self) -> str:
        return str(self._rng.randint(2, 9))

    def _ordinal(self) -> str:
        day = self._rng.randint(1, 28)
        return f"{day}{'th' if 10 < day < 20 else {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th')}"

    def _percent(self) -> str:
        return f"{self._rng.choice((2.5, 5, 7.5, 10, 12, 15, 17.5, 20, 33)):g}"

    def _time(self) -> str:
        return f"{self._rng.randint(7, 21)}:{self._rng.choice((0, 5, 15, 20, 30, 40, 45)):02d}"

    def _code(self) -> str:
        return f"{self._rng.choice('ERX')}{self._rng.randint(100, 9999)}"

    def noted(self, value: str) -> str:
        """Return a value and remember it as one that may look personal."""
        if value not in self.personal:
            self.personal.append(value)
        return value
