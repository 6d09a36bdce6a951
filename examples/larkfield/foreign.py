"""Messages in other languages: the assistant finds their topic, and answers in English."""

import tomllib
from functools import lru_cache
from importlib.resources import files

from larkfield.ranking import stem, words

_LEAST_FUNCTION_WORDS = 2
_OTHER_SCRIPT_SHARE = 0.3


def is_foreign(message: str) -> bool:
    """Return whether a message is written in another language or script than English."""
    letters = [char for char in message if char.isalpha()]
    other_script = sum(1 for char in letters if ord(char) > 0x24F)
    if letters and other_script / len(letters) >= _OTHER_SCRIPT_SHARE:
        return True
    return len(_glossary()[1].intersection(words(message))) >= _LEAST_FUNCTION_WORDS


def english_terms(message: str) -> frozenset[str]:
    """Return the English search terms behind the foreign words that the glossary knows."""
    known = _glossary()[0]
    return frozenset(known[word] for word in words(message) if word in known)


@lru_cache(maxsize=1)
def _glossary() -> tuple[dict[str, str], frozenset[str]]:
    content = tomllib.loads(files("larkfield").joinpath("glossary.toml").read_text(encoding="utf-8"))
    known = {foreign: stem(english) for english, others in content["words"].items() for foreign in others}
    return known, frozenset(content["function_words"]["other"])
