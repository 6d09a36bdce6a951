"""Key phrases of languages that nobody wrote a grammar for: words that say what a text is about, and what joins them."""

from collections.abc import Collection, Iterator, Sequence

from harness.languages import little_words
from harness.pii import PiiDetector
from personas.corpus import Corpus, Utterance
from personas.foreign import LANGUAGES, mine_foreign
from personas.grammar import Kind
from personas.phrases import Phrase, supported, without_personal

MAX_WORDS = 4
_SHORTEST = 3
"""Letters of a word that says something; fewer in scripts that write more with one."""


def mine_key_phrases(
    corpus: Corpus, sessions: Collection[int], language: str, personal: PiiDetector | None = None
) -> list[Phrase]:
    """Return what at least k users of a language talk about, in their words, those of most users first.

    A key phrase is a run of words that begins and ends with one that says something: "carta di credito". Where the
    language's wishes can be told ("meine Karte sperren"), they are among them.

    Args:
        corpus: Knows who wrote what, and k.
        sessions: Indexes of the sessions in this language.
        language: ISO 639-1 code.
        personal: Phrases in which it finds something are passed over; None passes over none.
    """
    little = little_words(language)

    def found(utterance: Utterance) -> Iterator[tuple[Kind, Sequence[str]]]:
        return _runs(utterance.tokens, little) if utterance.session in sessions else iter(())

    wishes = mine_foreign(corpus, language) if language in LANGUAGES else []
    return without_personal(wishes + supported(corpus, str, found), personal)


def telling_words(text: str, language: str) -> list[str]:
    """Return the words of a phrase that say what it is about."""
    little = little_words(language)
    return [word for word in text.lower().split() if _tells(word, little)]


def _runs(tokens: Sequence[str], little: Collection[str]) -> Iterator[tuple[Kind, Sequence[str]]]:
    lowered = [token.lower() for token in tokens]
    for start, first in enumerate(lowered):
        if not _tells(first, little):
            continue
        for end in range(start, min(start + MAX_WORDS, len(tokens))):
            if not lowered[end][0].isalpha():
                break
            if _tells(lowered[end], little):
                yield "thing", lowered[start : end + 1]


def _tells(word: str, little: Collection[str]) -> bool:
    return word[0].isalpha() and (len(word) >= _SHORTEST or not word.isascii()) and word not in little
