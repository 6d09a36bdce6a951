"""Which language a text is in: the few a check needs to tell apart, by frequent words and by script."""

import re
import unicodedata
from collections import Counter, defaultdict

_WORD = re.compile(r"[^\W\d_]+")
_PROFILES = {
    "en": "the of and to in is you that it for on are with as your be this have from can will what how we not please my do i if an at by was there which would about but our when who has or may",
    "de": "der die das und ist nicht sie ich ein eine einen zu mit für auf den dem im von es wie kann haben wird werden oder bei auch sich aus nach wir ihr ihre mein meine bitte wenn sind war was einer hat als um",
    "fr": "le la les de des et est un une pour vous que je dans pas sur avec ce votre vos nous qui au du en il mon ma ne plus sont être mes par comment ou cette son aux si quel quelle avez",
    "es": "el la los las de y que en un una por para con su sus no es se lo como más está mi usted puede al del son pero me si qué cómo este esta hay le nos tiene desde",
    "it": "il lo la gli di e che un una per con non è si sono del della nel come più questo questa mi ha al dei alla le può anche ma se suo sua posso vostro dove quando",
    "pt": "o a os as de e que em um uma para com não é se do da no na por mais como seu sua ao dos das está meu minha você pode mas ou são foi tem eu isso",
    "nl": "de het een en van is dat niet ik je u met voor op te in zijn aan er om kan naar bij ook uw mijn hoe wat als door heeft hebben wordt maar nog of wij",
}
_WORDS: dict[str, list[str]] = {}
for _language, _words in _PROFILES.items():
    for _word in _words.split():
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
_MIN_EVIDENCE = 3.0
_MIN_LEAD = 1.8
_READ_CHARS = 4000


def language_of(text: str) -> str | None:
    """Return the ISO 639-1 code of a text's language; None where it is too short or too mixed to be sure."""
    text = text[:_READ_CHARS]
    if not text.isascii() and (foreign := _by_script(text)):
        return foreign
    votes: defaultdict[str, float] = defaultdict(float)
    for word in _WORD.findall(text.lower()):
        languages = _WORDS.get(word, ())
        for language in languages:
            votes[language] += 1 / len(languages)
    ranked = sorted(votes.items(), key=lambda vote: -vote[1])[:2]
    if not ranked or ranked[0][1] < _MIN_EVIDENCE:
        return None
    if len(ranked) > 1 and ranked[0][1] < _MIN_LEAD * ranked[1][1]:
        return None
    return ranked[0][0]


def _by_script(text: str) -> str | None:
    scripts: Counter[str] = Counter()
    letters = 0
    for character in text:
        if not character.isalpha():
            continue
        letters += 1
        if ord(character) > 0x36F:
            scripts[_SCRIPTS.get(unicodedata.name(character, "?").split()[0].split("-")[0], "")] += 1
    if "ja" in scripts:
        # Japanese mixes its kana with Chinese characters.
        scripts["ja"] += scripts.pop("zh", 0)
    known = [(count, code) for code, count in scripts.items() if code]
    if not known:
        return None
    count, code = max(known)
    return code if count > letters / 2 else None
