"""Ways in which real users are difficult, each a function that writes such a prompt."""

from personas.strategies import attacks, confusion, everyday, exfiltration, form, noise, pressure, script
from personas.strategies.registry import Strategy, registered

STRATEGIES = registered()

__all__ = [
    "STRATEGIES",
    "Strategy",
    "attacks",
    "confusion",
    "everyday",
    "exfiltration",
    "form",
    "noise",
    "pressure",
    "script",
]
