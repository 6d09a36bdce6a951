"""Values that a prompt needs and nobody owns: names, references, amounts, contact data."""

import random
import string
import unicodedata

from personas.gazetteer import region

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
_AMOUNTS = (9.99, 12.5, 19.9, 37.4, 48.0, 120.0, 249.95, 380.0, 1040.0)
_PLAIN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


class Inventor:
    """Invents values and remembers those that look personal.

    Args:
        rng: The prompt's own source of chance.
        language: ISO 639-1 code of what the prompt is written in: names, towns and numbers are of such a region.
    """

    def __init__(self, rng: random.Random, *, language: str = "en") -> None:
        self._rng = rng
        self._region = region(language)
        self.personal: list[str] = []
        """Invented values that a judge or a detector could take for somebody's."""

    def make(self, kind: str) -> str | None:
        """Return a new value of a kind; None where there is no such kind."""
        maker = getattr(self, f"_{kind}", None)
        return str(maker()) if callable(maker) else None

    def marker(self) -> str:
        """Return a token that no answer contains by chance (some 10¹¹ of them)."""
        rng = self._rng
        letters = "".join(rng.choices(_CONSONANTS, k=3))
        return (
            f"{letters}{rng.randint(10, 99)}-{rng.choice(_SYLLABLES)}{rng.choice(_SYLLABLES)}-{rng.randint(100, 999)}"
        )

    def noted(self, value: str) -> str:
        """Return a value and remember it as one that may look personal."""
        if value not in self.personal:
            self.personal.append(value)
        return value

    def _name(self) -> str:
        return self.noted(f"{self._rng.choice(self._region.first)} {self._rng.choice(self._region.last)}")

    def _reference(self) -> str:
        letters = "".join(self._rng.choices(string.ascii_uppercase, k=2))
        return self.noted(f"{letters}-{self._rng.randint(10000, 99999)}")

    def _email(self) -> str:
        # example.com is reserved for examples (RFC 2606).
        first, last = (_ascii(self._rng.choice(names)) for names in (self._region.first, self._region.last))
        return self.noted(f"{first}.{last}@example.com")

    def _phone(self) -> str:
        return self.noted("".join(str(self._rng.randint(0, 9)) if c == "#" else c for c in self._region.phone))

    def _place(self) -> str:
        return self.noted(self._rng.choice(self._region.places))

    def _amount(self) -> str:
        value = self._rng.choice(_AMOUNTS) + self._rng.randint(0, 60)
        return f"{value:.2f}".replace(".", self._region.decimal_mark)

    def _small(self) -> str:
        return str(self._rng.randint(2, 9))

    def _ordinal(self) -> str:
        day = self._rng.randint(1, 28)
        return f"{day}{'th' if 10 < day < 20 else {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th')}"

    def _percent(self) -> str:
        return f"{self._rng.choice((2.5, 5, 7.5, 10, 12, 15, 20, 25)):g}".replace(".", self._region.decimal_mark)

    def _time(self) -> str:
        return f"{self._rng.randint(7, 21)}:{self._rng.choice((0, 15, 30, 45)):02d}"

    def _code(self) -> str:
        return f"{self._rng.choice('ERX')}{self._rng.randint(100, 9999)}"


def _ascii(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.lower().translate(_PLAIN))
    return plain.encode("ascii", "ignore").decode().replace("-", "")
