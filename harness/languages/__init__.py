"""Which language a text is in, told by its script, its little words and how its other words are spelled.

No model is loaded: what is known of a language is a list of its everyday
words, and the letters that these are made of.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache

from harness.languages.vocabulary import LITTLE, NEUTRAL, TOPICAL

NAMES = {
    "en": "English",
    "de": "German",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "pt": "Portuguese",
    "nl": "Dutch",
    "pl": "Polish",
    "tr": "Turkish",
    "sv": "Swedish",
    "ar": "Arabic",
    "he": "Hebrew",
    "ru": "Russian",
    "el": "Greek",
    "zh": "Chinese",
    "ja": "Japanese",
    "ko": "Korean",
    "hi": "Hindi",
    "th": "Thai",
}
SURE = 1.6
"""How much likelier (a natural logarithm) the likeliest language has to be than the next one."""
READ_CHARS = 4_000
_WORD = re.compile(r"[^\W\d_]+")
_SCRIPTS = {
    "ARABIC": "ar",
    "HEBREW": "he",
    "CYRILLIC": "ru",
    "GREEK": "el",
    "CJK": "zh",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "HANGUL": "ko",
    "DEVANAGARI": "hi",
    "THAI": "th",
}
_OWN_SCRIPT = 0.4
"""Share of the letters from which a script decides; foreign names and products stand in Latin letters everywhere."""
_ELSEWHERE = math.log(0.03)
"""Of a word that is not of a language's everyday words, but of another one's."""
_SPELLING_MOST = 2.5
"""What the spelling of one unknown word says at most: it may be a name."""
_SPELLING_WEIGHT = 0.6
"""Pieces of a word overlap, so that each says less than if it stood alone."""
_PIECE = 3
_SMOOTHING = 0.3
_REMEMBERED = 50_000
"""Words whose fit is not worked out again."""
_COMMON = {language: f"{LITTLE[language]} {TOPICAL[language]}" for language in LITTLE}
_LANGUAGES = tuple(_COMMON)
_NEUTRAL = frozenset(NEUTRAL.split())


def language_of(text: str) -> str | None:
    """Return the ISO 639-1 code of the language a text is in; None where it says too little to be sure.

    Words that several languages share count for each of them, words of no list by the likelihood of their
    three-letter pieces (Cavnar and Trenkle 1994; naive Bayes), so that short messages of a few nouns are told apart, too.

    Args:
        text: Its beginning is read.
    """
    text = text[:READ_CHARS]
    if (by_script := _by_script(text)) is not None:
        return by_script
    found = [fit for word in _WORD.findall(text.lower()) if (fit := _fit(word))]
    if not found:
        return None
    likely = [sum(values) for values in zip(*found, strict=True)]
    next_most, most = sorted(likely)[-2:]
    return _LANGUAGES[likely.index(most)] if most - next_most >= SURE else None


@cache
def little_words(language: str) -> frozenset[str]:
    """Return the words that say nothing of what a text is about, as they are typed with and without accents; none for languages without a list."""
    return frozenset(_spellings(LITTLE.get(language, "")))


@cache
def _homes() -> Mapping[str, frozenset[str]]:
    """Return the languages of each everyday word."""
    homes: dict[str, set[str]] = {}
    for language, text in _COMMON.items():
        for word in _spellings(text):
            homes.setdefault(word, set()).add(language)
    return {word: frozenset(own) for word, own in homes.items() if word not in _NEUTRAL}


@cache
def _spelling() -> Sequence[tuple[Mapping[str, float], float]]:
    """Return for each language the logarithm of each three-letter piece's probability, and that of any other piece."""
    counts = [
        Counter(piece for word in set(_spellings(text)) if len(word) >= _PIECE for piece in _pieces(word))
        for text in _COMMON.values()
    ]
    kinds = len({piece for own in counts for piece in own})
    found = []
    for own in counts:
        whole = own.total() + _SMOOTHING * kinds
        logarithms = {piece: math.log((count + _SMOOTHING) / whole) for piece, count in own.items()}
        found.append((logarithms, math.log(_SMOOTHING / whole)))
    return found


@lru_cache(maxsize=_REMEMBERED)
def _fit(word: str) -> tuple[float, ...]:
    """Return for each language how well a word fits it: logarithms, 0 for the best one; nothing where it says nothing."""
    if homes := _homes().get(word):
        return tuple(0.0 if language in homes else _ELSEWHERE for language in _LANGUAGES)
    if len(word) < _PIECE or word in _NEUTRAL:
        return ()
    pieces = _pieces(word)
    fit = [_SPELLING_WEIGHT * sum(known.get(piece, rare) for piece in pieces) for known, rare in _spelling()]
    best = max(fit)
    return tuple(max(-_SPELLING_MOST, value - best) for value in fit)


def _spellings(text: str) -> list[str]:
    """Return the words of a list, and how they are typed where accents are too much trouble."""
    found = _WORD.findall(text)
    return [
        *found,
        *("".join(c for c in unicodedata.normalize("NFD", w) if not unicodedata.combining(c)) for w in found),
    ]


def _pieces(word: str) -> list[str]:
    edged = f" {word} "
    return [edged[i : i + _PIECE] for i in range(len(edged) - _PIECE + 1)]


def _by_script(text: str) -> str | None:
    if text.isascii():
        return None
    letters = [c for c in text if c.isalpha()]
    found: Counter[str] = Counter()
    for letter in letters:
        if not letter.isascii():
            script = unicodedata.name(letter, "").split(" ", 1)[0].split("-", 1)[0]
            if script in _SCRIPTS:
                found[_SCRIPTS[script]] += 1
    if not found or found.total() < _OWN_SCRIPT * len(letters):
        return None
    # Japanese mixes its kana with Chinese characters.
    return "ja" if "ja" in found else found.most_common(1)[0][0]
