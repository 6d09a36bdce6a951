"""Letters that only look like others, and characters that cannot be seen: what hides words from a reader of code points."""

import re
import unicodedata

INVISIBLE = "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff"
"""As a regular expression's class has them."""
_INVISIBLE = re.compile(f"[{INVISIBLE}\U000e0000-\U000e007f]")
_PAIRS = {
    "а": "a", "в": "b", "с": "c", "ԁ": "d", "е": "e", "һ": "h", "і": "i", "ј": "j", "к": "k", "ӏ": "l", "м": "m",
    "н": "h", "о": "o", "р": "p", "ԛ": "q", "г": "r", "ѕ": "s", "т": "t", "ѵ": "v", "ԝ": "w", "х": "x", "у": "y",
    "α": "a", "β": "b", "ε": "e", "η": "n", "ι": "i", "κ": "k", "ν": "v", "ο": "o", "ρ": "p", "τ": "t", "υ": "u",
    "χ": "x", "γ": "y", "ɑ": "a", "ɡ": "g", "ı": "i", "ʟ": "l", "ɴ": "n", "ʀ": "r", "ᴄ": "c", "ᴏ": "o", "ꜱ": "s",
}  # fmt: skip
_LATIN = str.maketrans({**_PAIRS, **{a.upper(): b for a, b in _PAIRS.items() if len(a.upper()) == 1}})
_OPENING = str.maketrans("＜﹤〈⟨❮", "<<<<<")


def plain(text: str) -> str:
    """Return a text in lower case as a reader sees it: without what is invisible, in Latin letters where they look so."""
    if text.isascii():
        return text.lower()
    seen = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    return seen.translate(_OPENING).lower().translate(_LATIN)


def same_length(text: str) -> str:
    """Return a text of equal length in which letters and angle brackets that look alike are alike; nothing is left out."""
    if text.isascii():
        return text.lower()
    return "".join(c if len(c) == 1 else o for c, o in zip(map(_one, text), text, strict=True))


def _one(character: str) -> str:
    return unicodedata.normalize("NFKC", character).translate(_OPENING).lower().translate(_LATIN)
