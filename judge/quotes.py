"""Finds a judge's quotation in the answer it quotes, and returns the answer's own words."""

import re

_ALIKE = ("'‘’‚‛`´", '"“”„‟«»', "-‐‑–—", "<‹")
"""Characters that a model exchanges for each other when it copies, and ours for the one that opens a tag."""
_CLASSES = {character: f"[{re.escape(group)}]" for group in _ALIKE for character in group}
_MOST = 2_000
"""Characters of a quotation that are looked for: more would be most of an answer."""


def quoted(quotation: str, text: str) -> str | None:
    """Return the passage of a text that a quotation copies, word for word as the text has it; None if there is none.

    White space and the shapes of quotation marks and dashes may differ; nothing else may.
    """
    words = quotation[:_MOST].split()
    if not words:
        return None
    pattern = r"\s+".join("".join(_CLASSES.get(c) or re.escape(c) for c in word) for word in words)
    found = re.search(pattern, text)
    return found[0] if found else None
