"""Numbers said in words, digit by digit: "oh seven seven, double five"; also mixed with figures."""

import re
from collections.abc import Iterator

from harness.pii.interface import PiiSpan
from harness.pii.patterns.rules import Facts, Recognizer, Scan, word_set

_UNITS = (
    "zero oh o nought naught nil one two three four five six seven eight nine"
    " null eins ein zwei zwo drei vier fünf fuenf funf sechs sieben acht neun"
    " cero uno una dos tres cuatro cinco seis siete ocho nueve"
    " zéro zero un deux trois quatre cinq six sept huit neuf"
    " due tre quattro cinque sei sette otto nove"
    " um dois três quatro sete oito meia"
    " nul een één twee drie vijf zes zeven acht negen"
    " noll ett två tva tre fyra fem sex sju åtta nio"
    " nulla yksi kaksi kolme neljä viisi kuusi seitsemän kahdeksan yhdeksän"
    " jeden dwa trzy cztery pięć sześć siedem osiem dziewięć"
    " sıfır bir iki üç dört beş altı yedi sekiz dokuz"
    " ноль один два три четыре пять шесть семь восемь девять"
    " shunya ek do teen char chaar paanch panch chhe saat aath nau"
)
_TENS = (
    "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred"
    " zehn elf zwölf zwanzig dreißig dreissig vierzig fünfzig sechzig siebzig achtzig neunzig"
    " diez once doce trece catorce quince veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa"
    " dix onze douze treize quatorze quinze seize vingt trente quarante cinquante soixante septante nonante"
    " dieci undici dodici venti trenta quaranta cinquanta sessanta settanta ottanta novanta"
    " vinte trinta quarenta cinquenta sessenta oitenta"
)
_DIGIT_WORDS = frozenset(_UNITS.split())
_MANY_WORDS = frozenset(_TENS.split())
_REPEATS = frozenset(("double", "triple", "treble", "doppel", "doble", "triple", "duplo", "plus"))
SAID_FIGURES = _DIGIT_WORDS | _MANY_WORDS | _REPEATS
"""Every word that may be part of a number that is said."""
_BETWEEN = frozenset(
    (
        "dash",
        "hyphen",
        "space",
        "dot",
        "point",
        "and",
        "then",
        "und",
        "y",
        "et",
        "e",
        "strich",
        "bindestrich",
        "guion",
        "tiret",
    )
)
_TOKEN = re.compile(r"[^\W\d_]+|\d+")
_GAP = re.compile(r"[\s,.–—()+-]{1,6}")
_FEWEST_ALONE = 7
_FEWEST_TOLD = 3
_FEWEST_OF_TENS, _FEWEST_PAIRS = 10, 6
"""A number in pairs: "forty-one eleven, eleven twenty …"."""
_LONGEST_FIGURES = 4
_TOLD = re.compile(
    r"\b(?:phone|mobile|cell|tel|telephone|nr|customer|client|kunden\w*|policy|member|membership|meter|otp|passcode|dial|call|text|number|numbers|digits?|card|ssn|social|security|account|acct|order|booking|reference|ref|pin|code|zip|postcode"
    r"|cvv|cvc|routing|sort|id|handynummer|telefonnummer|nummer|número|numero|numéro|teléfono|telefono|téléphone|ends?\s+(?:in|with)|ending\s+(?:in|with)|last\s+(?:four|three))\b[^.?!\n]{0,40}$",
    re.IGNORECASE,
)


def _find_spoken(facts: Facts) -> Iterator[PiiSpan]:
    text = facts.text
    run: list[re.Match[str]] = []
    for token in _TOKEN.finditer(text):
        word = token[0].lower()
        joined = not run or _GAP.fullmatch(text, run[-1].end(), token.start()) is not None
        if joined and (_is_part(word) or (run and word in _BETWEEN)):
            run.append(token)
            continue
        yield from _number(text, run)
        run = [token] if _is_part(word) else []
    yield from _number(text, run)


def _is_part(word: str) -> bool:
    return (
        word in _DIGIT_WORDS
        or word in _MANY_WORDS
        or word in _REPEATS
        or (word.isdecimal() and len(word) <= _LONGEST_FIGURES)
    )


def _number(text: str, run: list[re.Match[str]]) -> Iterator[PiiSpan]:
    """Yield a run of number words that is long enough to be somebody's number."""
    while run and run[-1][0].lower() in _BETWEEN | _REPEATS:
        run = run[:-1]
    while run and run[0][0].lower() in _BETWEEN:
        run = run[1:]
    said = [token[0].lower() for token in run]
    digits = sum(_worth(word) for word in said)
    units = sum(word in _DIGIT_WORDS for word in said)
    if units + sum(word in _MANY_WORDS for word in said) < 2 or digits < _FEWEST_TOLD:
        return
    start, end = run[0].start(), run[-1].end()
    if (digits >= _FEWEST_ALONE and units >= 3) or (
        digits >= _FEWEST_OF_TENS and len(run) >= _FEWEST_PAIRS and "hundred" not in said
    ):
        yield PiiSpan(start=start, end=end, entity="PHONE_NUMBER", score=0.8)
    elif units >= _FEWEST_TOLD and _TOLD.search(text[max(0, start - 60) : start]):
        yield PiiSpan(start=start, end=end, entity="ID", score=0.7)


def _worth(word: str) -> int:
    """Return how many digits a word stands for."""
    if word in _DIGIT_WORDS:
        return 1
    if word.isdecimal():
        return len(word)
    return {"double": 1, "doppel": 1, "doble": 1, "duplo": 1, "triple": 2, "treble": 2}.get(
        word, 2 if word in _MANY_WORDS else 0
    )


_TELLING = word_set(
    "three four five six seven eight nine zero drei vier fünf sechs sieben acht neun tres cuatro cinco seis siete ocho nueve trois quatre cinq sept huit neuf"
    " tre quattro cinque sei sette otto nove três quatro sete oito drie vijf zes zeven negen fyra fem sex sju åtta nio kolme neljä viisi kuusi seitsemän"
    " trzy cztery pięć sześć siedem osiem dziewięć üç dört beş altı yedi sekiz dokuz три четыре пять шесть семь восемь девять teen chaar paanch saat aath nau double triple eleven twelve forty fifty sixty seventy eighty ninety"
)

SPOKEN_RULES: tuple[Recognizer, ...] = (Scan(look=_find_spoken, why="number said in words", words=_TELLING),)
