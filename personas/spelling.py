"""Words as the copy firewall compares them: what disguises, accents, marks and small slips hide is put right."""

import re
import unicodedata
from collections.abc import Iterator

_WORD = re.compile(r"[぀-ヿ㐀-鿿]|\d+(?:[.,:]\d+)*|[^\W\d_]+")
"""A word, a number, or one character of a script that does not part its words."""
_ASCII_WORD = re.compile(r"\d+(?:[.,:]\d+)*|[a-z]+")
_LOOK_ALIKES = str.maketrans("аеорсхуіјѕԁһкмтвнɡοανρτικ", "aeopcxyijsdhkmtbhgoavptik")
_JOINING = re.compile(r"['’`´\-‐‑]")
_SHORT = {
    "pls": "please",
    "plz": "please",
    "u": "you",
    "ur": "your",
    "r": "are",
    "cuz": "because",
    "tmrw": "tomorrow",
    "thx": "thanks",
    "abt": "about",
    "ppl": "people",
    "w": "with",
    "2": "to",
    "4": "for",
    "two": "to",
    "four": "for",
    "won": "one",
    "youre": "your",
    "their": "there",
    "buy": "by",
    "knew": "new",
    "sea": "see",
    "hear": "here",
    "no": "know",
    "wear": "where",
    "write": "right",
    "witch": "which",
}
"""What chat and dictation make of words; both sides are read alike, so that a mistake in here costs no copy."""
_NUMBER = "0"
_LEAST = 3
"""Letters of a word that is put right; shorter ones are near too many others."""


def joins_words(text: str) -> bool:
    """Return whether a text holds marks, as in "I'm" and "check-in", that some readers take for the end of a word."""
    return _JOINING.search(text if text.isascii() else unicodedata.normalize("NFKD", text)) is not None


def read_words(text: str, *, apart: bool = False) -> list[str]:
    """Return a text's words as they are compared.

    Args:
        text: Any.
        apart: Take "I'm" and "check-in" for two words instead of one.
    """
    joint = " " if apart else ""
    if text.isascii():
        return [_canonical(word) for word in _ASCII_WORD.findall(_JOINING.sub(joint, text.lower()))]
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss")).casefold()
    kept = "".join(c for c in plain if unicodedata.category(c) not in {"Mn", "Cf", "Me"})
    # A word of look-alikes only is no disguise but a word of that script; read alike on both sides, that does no harm.
    return [_canonical(word) for word in _WORD.findall(_JOINING.sub(joint, kept).translate(_LOOK_ALIKES))]


def _canonical(word: str) -> str:
    if word in _SHORT:
        return _SHORT[word]
    return _NUMBER if word[0].isdigit() else word


class Vocabulary:
    """The words of the logs, each with a number, and found again with a slip of one letter in them."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._shortened: dict[str, str] | None = None

    def learned(self, line: str, *, apart: bool = False) -> list[int]:
        """Return the numbers of a logged line's words, new ones included; ``apart`` as in ``read_words``."""
        self._shortened = None
        return [self._numbers.setdefault(word, len(self._numbers) + 1) for word in read_words(line, apart=apart)]

    def read(self, text: str, *, apart: bool = False) -> list[int]:
        """Return the numbers of a text's words; an unknown one has a number of its own, so that no run over it is found."""
        unknown = 1 << 40
        return [self._number(word) or unknown + place for place, word in enumerate(read_words(text, apart=apart))]

    def _number(self, word: str) -> int | None:
        number = self._numbers.get(word)
        if number is None and len(word) >= _LEAST:
            meant = self._meant(word)
            number = self._numbers[meant] if meant else None
        return number

    def _meant(self, word: str) -> str | None:
        """Return a known word that is one letter away: dropped, added, mistaken, or swapped with its neighbour."""
        if self._shortened is None:
            self._shortened = {}
            for known in self._numbers:
                if len(known) >= _LEAST:
                    for form in (known, *_shortened(known)):
                        self._shortened.setdefault(form, known)
        return next((self._shortened[form] for form in (word, *_shortened(word)) if form in self._shortened), None)


def _shortened(word: str) -> Iterator[str]:
    """Yield a word without each of its letters in turn (the deletions of Garbe's SymSpell, 2012)."""
    return (word[:i] + word[i + 1 :] for i in range(len(word)))
