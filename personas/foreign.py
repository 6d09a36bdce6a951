"""Phrases of users who write German, Spanish or French: what they want to do, and what is theirs.

All three say a wish as a frame and an infinitive phrase ("ich möchte meine
Karte sperren"), so that what one user wants fits another sentence unchanged.
"""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from personas.corpus import Corpus, Utterance
from personas.grammar import MAX_WORDS, Kind
from personas.lexicon import word_set
from personas.phrases import Phrase, supported

_FRAMES: Mapping[str, Sequence[Sequence[str]]] = {
    "de": [
        f.split()
        for f in [
            "wie kann ich",
            "kann ich",
            "ich möchte",
            "ich moechte",
            "ich will",
            "ich muss",
            "ich würde gerne",
            "ich würde gern",
            "ich wollte",
            "wo kann ich",
            "darf ich",
        ]
    ],
    "es": [
        f.split()
        for f in [
            "cómo puedo",
            "como puedo",
            "puedo",
            "quiero",
            "quisiera",
            "necesito",
            "me gustaría",
            "dónde puedo",
            "donde puedo",
            "no puedo",
        ]
    ],
    "fr": [
        f.split()
        for f in [
            "je veux",
            "je voudrais",
            "comment puis-je",
            "comment",
            "puis-je",
            "je dois",
            "j'aimerais",
            "je souhaite",
            "où puis-je",
            "je peux",
            "pour",
        ]
    ],
}
_INFINITIVES: Mapping[str, tuple[str, ...]] = {"de": ("en", "ern", "eln"), "es": ("ar", "er", "ir", "arme", "irme", "erme"), "fr": ("er", "ir", "re")}  # fmt: skip
_OWN: Mapping[str, frozenset[str]] = {"de": word_set("meine"), "es": word_set("mi"), "fr": word_set("mon ma")}
_STOPS: Mapping[str, frozenset[str]] = {
    "de": word_set(
        "ich du sie er es wir ihr und oder aber weil dass wenn bitte nicht nur noch das dies da hier danke ist sind habe hat"
    ),
    "es": word_set("y o pero porque que si por favor no ya gracias es está esto eso lo cuando"),
    "fr": word_set("et ou mais parce que si s'il svp ne pas déjà merci est c'est cela ça quand je"),
}
_FUNCTION: Mapping[str, frozenset[str]] = {
    "de": word_set("der die das ein eine einen mein meine meinen in im an am auf für mit von zu zur zum ins ihnen mir mich heute jetzt"),
    "es": word_set("el la los las un una mi mis de del en a al para con me se hoy ahora"),
    "fr": word_set("le la les un une mon ma mes de du des en à au pour avec me se mon maintenant"),
}  # fmt: skip
LANGUAGES = tuple(_FRAMES)
NONE: Mapping[str, list[Phrase]] = MappingProxyType({})


def mine_foreign(corpus: Corpus, language: str) -> list[Phrase]:
    """Return the wishes and belongings that at least k users of a language wrote, those of most users first."""
    return supported(corpus, str, lambda utterance: _candidates(utterance, language))


def _candidates(utterance: Utterance, language: str) -> Iterator[tuple[Kind, Sequence[str]]]:
    tokens = utterance.tokens
    lowered = [token.lower() for token in tokens]
    for place, word in enumerate(lowered):
        for frame in _FRAMES[language]:
            if word == frame[-1] and lowered[max(0, place + 1 - len(frame)) : place + 1] == frame:
                wish = _wish(tokens, lowered, place + 1, language)
                if wish:
                    yield "do", wish
        if word in _OWN[language] and place + 1 < len(tokens) and _is_content(lowered[place + 1], language):
            yield "thing", (word, tokens[place + 1])


def _wish(tokens: Sequence[str], lowered: Sequence[str], start: int, language: str) -> Sequence[str]:
    """Return the infinitive phrase that begins here; nothing where there is none, or it is too long to be told whole."""
    end = start
    while end < len(tokens) and lowered[end][0].isalpha() and lowered[end] not in _STOPS[language]:
        end += 1
    found = tokens[start:end]
    if not 2 <= len(found) <= MAX_WORDS:
        return ()
    verb = lowered[end - 1] if language == "de" else lowered[start]
    last = lowered[end - 1]
    named = verb.endswith(_INFINITIVES[language]) and len(verb) > 3 and verb not in _FUNCTION[language]
    return found if named and (language == "de" or _is_content(last, language)) else ()


def _is_content(word: str, language: str) -> bool:
    return word[0].isalpha() and len(word) > 2 and word not in _FUNCTION[language] | _STOPS[language]
