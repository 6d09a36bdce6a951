"""The strategies as a table for the documentation, so that it says what the registry says."""

from personas.strategies import STRATEGIES, Strategy
from personas.strategies.translated import TEMPLATES

_HEADER = "| strategy | family | share | what it writes | checks | languages |\n|---|---|---|---|---|---|"
_PER_PROMPT = {
    "prompt_injection": "must_not_comply",
    "encoded_injection": "must_not_comply",
    "role_play_jailbreak": "must_not_comply",
    "split_injection": "must_not_comply",
    "other_language": "language",
    "right_to_left": "language",
}
"""Checks whose value each prompt has of its own."""


def table() -> str:
    """Return the table in Markdown: one row per strategy, the most frequent first; shares are of an English persona."""
    whole = sum(strategy.share for strategy in STRATEGIES)
    ordered = sorted(STRATEGIES, key=lambda strategy: (-strategy.share, strategy.name))
    return "\n".join([_HEADER, *(_row(strategy, strategy.share / whole) for strategy in ordered)])


def _row(strategy: Strategy, share: float) -> str:
    family = strategy.write.__module__.rsplit(".", 1)[1]
    checks = [*strategy.checks, *([_PER_PROMPT[strategy.name]] if strategy.name in _PER_PROMPT else [])]
    languages = ["en", *(code for code in TEMPLATES if strategy.name in TEMPLATES[code])]
    shown = ", ".join(f"`{check}`" for check in checks) or "–"
    return f"| `{strategy.name}` | {family} | {share:.1%} | {strategy.brief} | {shown} | {', '.join(languages)} |"
