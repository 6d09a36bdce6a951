"""Which language a text is in: the few a check needs to tell apart, by frequent words and by script."""

import re
import unicodedata
from collections import Counter, defaultdict
from functools import lru_cache

from harness.languages import language_of as language_by_spelling

_WORD = re.compile(r"[^\W\d_]+")
_PROFILES = {
    "en": "the of and to in is you that it for on are with as your be this have from can will what how we not please my do i if an at by was there which would about but our when who has or may "
    "they them their his her she he does did been were could should any all more only also out up into then than where why yes open from after before until between per us me so get one",
    "de": "der die das und ist nicht sie ich ein eine einen zu mit für auf den dem im von es wie kann haben wird werden oder bei auch sich aus nach wir ihr ihre mein meine bitte wenn sind war was einer hat als um "
    "des zum zur bis uns unser unsere ihnen ihren ihrem dass noch nur aber wann welche welcher muss müssen können dieser diese dieses über vom am mehr schon dann hier kein keine gibt wurde sein habe ja nein",
    "fr": "le la les de des et est un une pour vous que je dans pas sur avec ce votre vos nous qui au du en il mon ma ne plus sont être mes par comment ou cette son aux si quel quelle avez "
    "l d j c n s qu nos notre elle ils leur leurs ses tout tous toute très bien oui non peut pouvez avoir fait était sommes êtes même après avant jusqu heures chez quand combien où mais aussi",
    "es": "el la los las de y que en un una por para con su sus no es se lo como más está mi usted puede al del son pero me si qué cómo este esta hay le nos tiene desde "
    "estamos están cuándo cuánto dónde también muy hasta todo todos sin sobre ya ser hace fue sea te tu yo ella ellos nuestro nuestra uno porque cuando gracias sí a o e",
    "it": "il lo la gli di e che un una per con non è si sono della nel come più questo questa mi ha al dei alla le può anche ma se suo sua posso vostro dove quando "
    "l siamo dalle alle dal dalla degli delle nella nei sul sulla ai i da in del quanto quali quale io noi lei loro molto tutto tutti essere fino ore grazie sì ci vi ne",
    "pt": "o a os as de e que em um uma para com não é se do da no na por mais como seu sua ao dos das está meu minha você pode mas ou são foi tem eu isso "
    "estamos vocês às pelo pela nos nas até quando quanto onde muito também já ser nosso nossa este esta esse essa ele ela eles sim obrigado à",
    "nl": "de het een en van is dat niet ik je u met voor op te in zijn aan er om kan naar bij ook uw mijn hoe wat als door heeft hebben wordt maar nog of wij "
    "we ons onze deze dit die tot uit over bent ben was waren worden zal moet kunnen wanneer waar welke geen wel meer al dan daar hier ja nee zij hij",
}
_WORDS: dict[str, list[str]] = {}
for _language, _words in _PROFILES.items():
    for _word in dict.fromkeys(_words.split()):
        _WORDS.setdefault(_word, []).append(_language)
_SCRIPTS = {
    "CYRILLIC": "ru",
    "GREEK": "el",
    "ARABIC": "ar",
    "HEBREW": "he",
    "HANGUL": "ko",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "CJK": "zh",
    "THAI": "th",
    "DEVANAGARI": "hi",
}
_MIN_EVIDENCE = 2.5
_MIN_LEAD = 1.6
_READ_CHARS = 4000
_MIN_WORDS = 4
_MIN_FOREIGN_WORDS = 6
_RARE = 8
"""Of so many words at least one is a little word of its language."""
_MIN_LIKELY_LEAD = 1.5


@lru_cache(maxsize=4096)
def language_of(text: str) -> str | None:
    """Return the ISO 639-1 code of a text's language; None where it is too short or too mixed to be sure."""
    text = text[:_READ_CHARS]
    if not text.isascii() and (foreign := _by_script(text)):
        return foreign
    votes = _votes(text)
    ranked = sorted(votes.items(), key=lambda vote: -vote[1])[:2]
    if not ranked or ranked[0][1] < _MIN_EVIDENCE:
        return None
    if len(ranked) > 1 and ranked[0][1] < _MIN_LEAD * ranked[1][1]:
        return None
    return ranked[0][0]


@lru_cache(maxsize=4096)
def likely_language(text: str) -> str | None:
    """Return the code of a text's language, also of a short one whose spelling tells; None where its words disagree."""
    if (sure := language_of(text)) is not None:
        return sure
    if _distinct_words(text) < _MIN_WORDS or (guess := language_by_spelling(text)) is None:
        return None
    votes = _votes(text[:_READ_CHARS])
    others = max((vote for language, vote in votes.items() if language != guess), default=0.0)
    if guess not in _PROFILES:
        return guess if not votes else None
    return guess if votes.get(guess, 0.0) >= max(1.0, _MIN_LIKELY_LEAD * others) else None


@lru_cache(maxsize=4096)
def other_language(text: str, language: str) -> str | None:
    """Return the code of the language that a text is in instead of another; None where it may well be in that one."""
    guess = language_of(text) or language_by_spelling(text)
    if guess in (None, language):
        return None
    votes = _votes(text[:_READ_CHARS])
    count, for_it = _distinct_words(text), votes.get(language, 0.0)
    if language_of(text) is not None:
        return guess
    if guess in _PROFILES:
        told = count >= _MIN_WORDS and votes.get(guess, 0.0) >= max(1.0, _MIN_LIKELY_LEAD * for_it)
    else:
        told = count >= _MIN_FOREIGN_WORDS and for_it * _RARE <= count
    return guess if told else None


def _distinct_words(text: str) -> int:
    """Return how many different words a text has, abbreviations in capitals left out."""
    return len({word.lower() for word in _WORD.findall(text[:_READ_CHARS]) if len(word) == 1 or not word.isupper()})


def may_be_in(text: str, language: str | None) -> bool:
    """Return whether nothing speaks against a text being in a language, however short it is."""
    spoken = language_of(text)
    if spoken is not None or language is None:
        return spoken is None or language is None or spoken == language
    votes = _votes(text[:_READ_CHARS])
    return not votes or votes.get(language, 0.0) >= max(votes.values())


def _votes(text: str) -> dict[str, float]:
    votes: defaultdict[str, float] = defaultdict(float)
    for word in _WORD.findall(text.lower()):
        if languages := _WORDS.get(word):
            share = 1 / len(languages)
            for language in languages:
                votes[language] += share
    return votes


def _by_script(text: str) -> str | None:
    # Latin letters with accents are foreign to nobody here: only what lies beyond them is looked up.
    foreign = [character for character in text if ord(character) > 0x36F and character.isalpha()]
    letters = sum(map(str.isalpha, text)) if foreign else 0
    scripts: Counter[str] = Counter()
    for character in foreign:
        scripts[_SCRIPTS.get(unicodedata.name(character, "?").split()[0].split("-")[0], "")] += 1
    if "ja" in scripts:
        # Japanese mixes its kana with Chinese characters.
        scripts["ja"] += scripts.pop("zh", 0)
    known = [(count, code) for code, count in scripts.items() if code]
    if not known:
        return None
    count, code = max(known)
    return code if count > letters / 2 else None
