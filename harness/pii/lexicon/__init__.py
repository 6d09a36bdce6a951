"""Word lists, compiled by hand: given names, surnames, names that are words, words that are no names, places."""

import unicodedata
from functools import cache
from importlib import resources

_FILES = frozenset(
    {
        "given_names",
        "word_names",
        "surnames",
        "common_words",
        "places",
        "street_words",
        "quantities",
        "country_codes",
        "product_stems",
        "product_words",
        "street_names",
        "street_words_leading",
        "street_words_weak",
        "uk_postal_areas",
        "us_states",
        "name_particles",
        "calendar",
        "honorifics",
        "street_openers",
        "span_edges",
        "callings",
    }
)


@cache
def words(name: str) -> frozenset[str]:
    """Return a list of this package as lower-case words.

    Raises:
        KeyError: If there is no such list.
    """
    if name not in _FILES:
        raise KeyError(name)
    text = resources.files(__package__).joinpath(f"{name}.txt").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    found = {word for line in lines for word in line.lower().split()}
    # People leave accents out: "Zoe" for "Zoé".
    return frozenset(found | {_plain(word) for word in found})


def _plain(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))


@cache
def phrases(name: str) -> frozenset[str]:
    """Return a list of this package whose lines are phrases, in lower case; ``brands`` is the only one."""
    text = resources.files(__package__).joinpath(f"{name}.txt").read_text(encoding="utf-8")
    return frozenset(line.strip().lower() for line in text.splitlines() if line.strip() and not line.startswith("#"))
