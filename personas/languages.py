"""Which language a text is in, told by its script and its commonest words."""

import unicodedata
from collections import Counter

from personas.lexicon import words

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
}
_COMMON = {
    "en": "the i my is to and you can how what do not for have it a please of in that was",
    "de": "ich die der das nicht ist und wie mein meine kann sie ein eine bitte es für mit habe wo warum",
    "es": "el la los que de mi en no es por una un cómo como puedo quiero para tengo está gracias hola",
    "fr": "je le la les mon ma est pas que de une un pour comment puis vous j'ai bonjour dans mes pourquoi",
    "it": "il la che di mio mia non è un una per come posso ho vorrei grazie sono del perché ciao",
    "pt": "o a os que de meu minha não é um uma para como posso quero tenho está obrigado olá do",
    "nl": "ik de het mijn niet is en hoe kan een voor met heb wat waarom graag hallo van",
    "pl": "nie jest mój moja jak mogę się na do co dlaczego proszę mam to czy dzień dobry",
    "tr": "bir ve için nasıl benim değil bu ne neden var mı merhaba lütfen hesabım kartım",
    "sv": "jag är inte och min mitt hur kan det en ett för med har vad varför hej tack att",
}
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
}
_COMMON_WORDS = {language: frozenset(text.split()) for language, text in _COMMON.items()}


def language_of(text: str) -> str:
    """Return the likeliest ISO 639-1 code; English where nothing speaks for another."""
    by_script = _script_language(text)
    if by_script is not None:
        return by_script
    found = words(text)
    hits = {language: sum(word in common for word in found) for language, common in _COMMON_WORDS.items()}
    best = max(hits, key=lambda language: (hits[language], language == "en"))
    return best if hits[best] >= 2 and hits[best] > hits["en"] else "en"


def _script_language(text: str) -> str | None:
    if text.isascii():
        return None
    letters = [c for c in text if c.isalpha()]
    scripts = Counter(unicodedata.name(c, "").split(" ", 1)[0].split("-", 1)[0] for c in letters if not c.isascii())
    found: Counter[str] = Counter()
    for script, count in scripts.items():
        if script in _SCRIPTS:
            found[_SCRIPTS[script]] += count
    if not found or sum(found.values()) < 0.4 * len(letters):
        return None
    return "ja" if "ja" in found else found.most_common(1)[0][0]
