"""Messages in other languages: the assistant finds their topic, and answers in English."""

import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Any

from larkfield.ranking import stem, words

_LEAST_FOREIGN_WORDS = 2
_OTHER_SCRIPT_SHARE = 0.3
_LAST_LATIN = 0x24F
"""Last code point of the block Latin Extended-B."""


def is_foreign(message: str) -> bool:
    """Return whether a message is written in another language or script than English."""
    if not message.isascii() and _is_other_script(message):
        return True
    said = set(_words(message))
    known, function_words = _glossary()
    topics = sum(1 for word in said if word in known and word not in _english())
    return len(said & function_words) + topics >= _LEAST_FOREIGN_WORDS


def _is_other_script(message: str) -> bool:
    letters = [char for char in message if char.isalpha()]
    return sum(ord(char) > _LAST_LATIN for char in letters) > _OTHER_SCRIPT_SHARE * len(letters)


def english_terms(message: str) -> frozenset[str]:
    """Return the English search terms behind the foreign words that the glossary knows."""
    known = _glossary()[0]
    return frozenset(known[word] for word in _words(message) if word in known)


def _words(message: str) -> list[str]:
    # Other than in English, an apostrophe parts two words: l'étranger.
    return words(message.replace("'", " ").replace("’", " "))


@lru_cache(maxsize=1)
def _glossary() -> tuple[dict[str, str], frozenset[str]]:
    content = _content()
    known = {foreign: stem(english) for english, others in content["words"].items() for foreign in (english, *others)}
    return known, frozenset(content["function_words"]["other"])


@lru_cache(maxsize=1)
def _english() -> frozenset[str]:
    return frozenset(_content()["words"])


@lru_cache(maxsize=1)
def _content() -> dict[str, Any]:
    return tomllib.loads(files("larkfield").joinpath("glossary.toml").read_text(encoding="utf-8"))
