"""A persona's manner, laid over a text."""

import random
import re

from personas.slips import misspelt
from personas.traits import Manner

_START = re.compile(r"(^|[.!?]\s+)([A-Z])(?=[a-z' ])")
_SLIP_RATE = 0.08
"""Share of the words that a careless message gets wrong."""


def styled(text: str, manner: Manner, rng: random.Random) -> str:
    """Return a text as somebody of this manner would write it.

    Capitals and closing marks are left out, and mistakes made, about as often
    as the persona's users do so.
    """
    if rng.random() < manner.lower_case:
        text = _START.sub(lambda m: m[1] + m[2].lower(), text)
        if rng.random() < 0.5:
            text = re.sub(r"\bI\b", "i", text)
    if rng.random() < manner.no_full_stop and not text.endswith(("?", "!", "…")):
        text = text.rstrip(".")
    if rng.random() < manner.no_full_stop / 2 and text.endswith("?") and not text.endswith("??"):
        text = text[:-1]
    if rng.random() < manner.slips:
        text = misspelt(text, rng, _SLIP_RATE)
    return text
