"""Which words are ordinary: a name that is one, or is only like one, must not take the word out of every sentence."""

from functools import cache, lru_cache
from importlib import resources

from harness.pii.known.folding import fold
from harness.pii.lexicon import words

_ENDINGS = (
    "s",
    "es",
    "d",
    "ed",
    "ing",
    "er",
    "ers",
    "ly",
    "y",
    "est",
    "ness",
    "ful",
    "less",
    "able",
    "n",
    "en",
    "e",
    "ment",
    "al",
    "or",
)
_SHORTEST_STEM = 3
_REMEMBERED_WORDS = 65_536


def is_everyday(word: str) -> bool:
    """Return whether a folded word is so common in lower case that only its context can make it a name: "will"."""
    return word in _everyday()


def is_listed(word: str) -> bool:
    """Return whether a folded word is an everyday one, an ordinary one or a large place, as it stands."""
    return word in _everyday() or word in _ordinary() or word in words("places")


@lru_cache(maxsize=_REMEMBERED_WORDS)
def is_ordinary(word: str) -> bool:
    """Return whether a folded word, or what is left of it without an ending, is an ordinary one.

    Names are not: the word lists of names that are words do not count here.
    """
    listed = _ordinary()
    if word in listed:
        return True
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            stem = word[: -len(ending)]
            if stem in listed or stem + "e" in listed or (stem[-1] == stem[-2] and stem[:-1] in listed):
                return True
            if stem[-1] == "i" and stem[:-1] + "y" in listed:
                return True
    return False


@cache
def word_file(name: str) -> tuple[str, ...]:
    """Return the lines of a word list of this package, without its comments."""
    text = resources.files(__package__).joinpath(f"{name}.txt").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))


@cache
def _everyday() -> frozenset[str]:
    return words("common_words") | {word for line in word_file("name_words") for word in line.split()}


@cache
def _ordinary() -> frozenset[str]:
    listed = {fold(word) for line in word_file("ordinary_words") for word in line.split()}
    return frozenset({fold(word) for word in words("common_words")} | listed)
