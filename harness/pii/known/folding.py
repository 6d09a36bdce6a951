"""One plain spelling for text and values, so that case, accents and odd characters do not hide a value."""

import re
import unicodedata
from dataclasses import dataclass

TOKEN = re.compile(r"[^\W_]+")
"""A run of letters and digits."""
UNSPACED = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Characters of scripts that are written without blanks, or in which endings are joined to names."""

_LETTERS = {
    "ß": "s", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "t", "æ": "a", "œ": "o", "ı": "i", "ŋ": "n", "ħ": "h", "ŧ": "t", "ə": "e",
}  # fmt: skip
"""Letters that Unicode does not take apart, each as the one letter that people type for it."""
_LONG_LETTERS = str.maketrans(
    {
        "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "å": "aa", "æ": "ae", "œ": "oe", "þ": "th", "ñ": "ny", "ş": "sh", "ç": "ch",
        "š": "sh", "č": "ch", "ć": "ch", "ž": "zh", "đ": "dj", "ð": "dh", "ə": "a",
    }
)  # fmt: skip
"""The same and others as the two letters that people type for them."""
_CYRILLIC = str.maketrans(
    {
        "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "e", "ж": "zh", "з": "z", "и": "i", "й": "y", "к": "k", "л": "l",
        "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh",
        "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya", "і": "i", "ї": "yi", "є": "ye", "ґ": "g", "ј": "j",
    }
)  # fmt: skip
_DIGRAPHS = re.compile("ae|oe|ue|ss|aa|th|sh|ch|zh|dj|ny")
_INVISIBLE = re.compile(
    "[\u00ad\u0300-\u036f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff\U000e0000-\U000e007f]"
)


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text that lists them."""
    return frozenset(text.split())


class _Folding(dict[int, str]):
    """Folds characters, each computed once."""

    def __missing__(self, code: int) -> str:
        folded = _fold_one(chr(code))
        self[code] = folded
        return folded


_FOLDING = _Folding()


def fold(text: str) -> str:
    """Return text in lower case without accents, character by character, so that places stay the same."""
    return text.lower() if text.isascii() else text.translate(_FOLDING)


def _fold_one(char: str) -> str:
    lower = char.lower()
    if lower[0] in _LETTERS:
        return _LETTERS[lower[0]]
    if not char.isalnum():
        return lower[:1]
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    if UNSPACED.match(char):
        # Taken apart, all syllables that begin alike would be the same.
        return char
    return next((c for c in unicodedata.normalize("NFKD", lower) if c.isalnum()), char)


def compact(text: str) -> str:
    """Return only the folded letters and digits of a text."""
    return "".join(TOKEN.findall(fold(text)))


def long_spelling(text: str) -> str:
    """Return text folded with two letters for some: "Müller" is mueller. Places do not stay the same."""
    return fold(text.lower().translate(_LONG_LETTERS))


def spellings(word: str) -> frozenset[str]:
    """Return the folded spellings that people use for a word of one token: "Müller" is muller and mueller.

    Args:
        word: As it is written, with its accents.
    """
    base = fold(word)
    if base == word.lower() and not _DIGRAPHS.search(base):
        return frozenset((base,))
    lower = word.lower()
    found = {base, long_spelling(word), fold(lower.translate(_CYRILLIC)), fold(lower.replace("ß", "ss"))}
    # The other way round: "Mueller" in the profile, "Müller" in the text.
    found.add(_DIGRAPHS.sub(lambda match: match[0][0], base))
    return frozenset(spelling for spelling in found if spelling.isalnum())


@dataclass(frozen=True, slots=True)
class Visible:
    """A text without invisible characters and with its accents joined to their letters."""

    text: str
    starts: tuple[int, ...]
    """Where each character stands in the original, and at last the original's length."""


_LOOKALIKES = str.maketrans("013457@$", "oieastas")
_FIGURES_ALONE = frozenset("013457@$")


def without_lookalikes(word: str) -> tuple[str, ...]:
    """Return the words that a folded one is meant to be whose letters are written as figures or signs: "0tt0line".

    Args:
        word: Letters, figures and signs; of figures alone, or of none, nothing is meant.
    """
    if _FIGURES_ALONE.isdisjoint(word) or not any(map(str.isalpha, word)):
        return ()
    plain = word.translate(_LOOKALIKES)
    return (plain, word.replace("1", "l").translate(_LOOKALIKES)) if "1" in word else (plain,)


def visible(text: str) -> Visible | None:
    """Return a text as it is seen, or None if it is already that."""
    if text.isascii() or not _INVISIBLE.search(text):
        return None
    pieces: list[str] = []
    starts: list[int] = []
    for place, char in enumerate(text):
        if unicodedata.combining(char) and pieces:
            joined = unicodedata.normalize("NFC", pieces[-1] + char)
            pieces[-1] = joined if len(joined) == 1 else pieces[-1]
        elif not _INVISIBLE.match(char):
            pieces.append(char)
            starts.append(place)
    return Visible("".join(pieces), (*starts, len(text)))
