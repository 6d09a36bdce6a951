"""The word lists from which fakes are made: by region, written for this project."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

from harness.pii.known import fold

Gender = Literal["female", "male", "neutral"]
REGIONS = (
    "english",
    "germanic",
    "nordic",
    "french",
    "iberian",
    "italian",
    "slavic",
    "cyrillic",
    "middle_eastern",
    "south_asian",
    "japanese",
    "sinitic",
    "african",
)
"""Broad ones; the first is taken where nothing says more. A name that several share is the first one's."""
_TO_LATIN = str.maketrans(
    {
        "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "yo", "ж": "zh", "з": "z", "и": "i", "й": "y", "к": "k",
        "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f", "х": "kh", "ц": "ts",
        "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya",
    }
)  # fmt: skip
_UNMARKED = str.maketrans(
    {"ß": "ss", "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
)
"""Letters that Unicode does not take apart."""
_TWO_FOR_ONE = re.compile("ae|oe|ue|aa|ss")


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who probably has a given name."""

    region: str
    gender: Gender


def canonical(word: str) -> str:
    """Return the one spelling of a word under which its fake is chosen: "Müller", "MULLER" and "Mueller" have the same."""
    return _TWO_FOR_ONE.sub(lambda match: match[0][0], fold(word))


@cache
def words(region: str, section: str) -> tuple[str, ...]:
    """Return a section of a region's list as it is written; empty where it has none."""
    return _sections(region).get(section, ())


@cache
def pool(region: str, section: str, endings: str = "") -> tuple[str, ...]:
    """Return all names of a section, put together with its endings where it has some.

    Args:
        region: One of ``REGIONS``, or ``neutral``.
        section: ``female``, ``male``, ``family``.
        endings: The section of the endings; the section's own where it is left out.
    """
    ends = words(region, endings or f"{section}_endings") or ("",)
    return tuple(dict.fromkeys(_joined(stem, end) for stem in words(region, section) for end in ends))


@cache
def bearers() -> Mapping[str, Bearer]:
    """Return by canonical given name who probably has it."""
    found: dict[str, Bearer] = {}
    for region in REGIONS:
        for gender in ("female", "male"):
            # Names of syllables may also be one syllable.
            for name in (*words(region, gender), *pool(region, gender)):
                for spelling in {canonical(name), canonical(latin(name))}:
                    known = found.setdefault(spelling, Bearer(region, gender))
                    if known.region == region and known.gender != gender:
                        found[spelling] = Bearer(region, "neutral")
    return found | {canonical(name): Bearer("neutral", "neutral") for name in words("neutral", "neutral")}


@cache
def families() -> Mapping[str, str]:
    """Return by canonical surname the region where it is frequent."""
    found: dict[str, str] = {}
    for region in REGIONS:
        for name in words(region, "known_family"):
            for spelling in (canonical(name), canonical(latin(name))):
                found.setdefault(spelling, region)
    return found


def latin(name: str) -> str:
    """Return a name in Cyrillic letters in Latin ones; others as they are."""
    written = name.lower().translate(_TO_LATIN)
    return written if name.islower() else written.capitalize()


def unmarked(text: str) -> str:
    """Return Latin text as people type it who have no keys for accents."""
    if text.isascii():
        return text
    taken_apart = unicodedata.normalize("NFKD", text.translate(_UNMARKED))
    return "".join(c for c in taken_apart if not unicodedata.combining(c))


def cased(fake: str, like: str) -> str:
    """Return a name in capitals or small letters where its original is."""
    if like.islower():
        return fake.lower()
    return fake.upper() if len(like) > 1 and like.isupper() else fake


def _joined(stem: str, end: str) -> str:
    # "Bress" and "son" have no three s between them.
    return stem + end.removeprefix(stem[-1]) if end and stem[-2:] == end[0] * 2 else stem + end


@cache
def _sections(region: str) -> Mapping[str, tuple[str, ...]]:
    text = resources.files(__package__).joinpath("lists", f"{region}.txt").read_text(encoding="utf-8")
    found: dict[str, list[str]] = {}
    section: list[str] = []
    for line in text.splitlines():
        if line.startswith("["):
            section = found.setdefault(line.strip("[] "), [])
        elif not line.startswith("#"):
            section += line.split()
    return {name: tuple(dict.fromkeys(members)) for name, members in found.items()}
