"""Text reduced to what comparing needs: plain letters, words, crude stems, sentences."""

import html
import re
import unicodedata
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+(?:'(?!s\b)[^\W_]+)?")
_SPACED = bytes(code if chr(code).isalnum() else 32 for code in range(128)) + bytes(128)
_SENTENCE = re.compile(r"[^.!?\n]*(?:[.!?](?=\S)[^.!?\n]*)*[.!?\n]*")
_NUMBERS = {
    word: str(number)
    for number, words in enumerate(
        (
            "zero null nul",
            "one ein eins uno",
            "two zwei deux dos due",
            "three drei trois tres tre",
            "four vier quatre cuatro quattro",
            "five funf cinq cinco cinque",
            "six sechs seis sei",
            "seven sieben sept siete sette",
            "eight acht huit ocho otto",
            "nine neun neuf nueve nove",
            "ten zehn dix diez dieci",
            "eleven elf onze once undici",
            "twelve zwolf douze doce dodici",
        )
    )
    for word in words.split()
} | {
    "twenty": "20",
    "thirty": "30",
    "forty": "40",
    "fifty": "50",
    "sixty": "60",
    "seventy": "70",
    "eighty": "80",
    "ninety": "90",
    "hundred": "100",
    "thousand": "1000",
}

_FUNCTION_WORDS = """
    a an the this that these those here there and or but nor so yet if then than as at by for from in into of off on
    onto out over to up with without about after before between during through under until while because since though
    although i me my mine myself you your yours yourself he him his she her hers it its we us our ours they them their
    theirs who whom whose which what when where why how am is are was were be been being do does did done doing have
    has had having can could will would shall should may might must ought not no yes also too very just only even
    still really quite well oh ah um hmm ok okay please thanks thank sure yeah yep actually maybe perhaps like know
    think guess get got gets let lets say says said go goes going one ones thing things something anything some any
    all each every both more most much many lot lots other another such own same it's that's i'm you're don't i've
    der die das den dem des ein eine einen einem einer und oder aber nicht ist sind war wir ihr sie er es ich du mit
    von zu auf fur im in am an bei aus nach wie was wenn auch noch nur sehr haben hat sein wird werden kann konnen
    le la les un une des du de et ou mais ne pas est sont etait je tu il elle nous vous ils elles avec pour dans sur
    par que qui ce cette ces votre vos notre nos plus tres peut pouvez
    el los las una unos y o pero es son era yo usted ustedes nosotros con para en por su sus se lo mas muy puede
    il gli e ma non sono io lei noi voi loro con per nel della delle di da che questo questa piu molto puo
"""
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())
_ENDINGS = ("ations", "ation", "ings", "ing", "edly", "ies", "ied", "ers", "ed", "er", "es", "ly", "s", "e", "y")
FIRST_PERSON = frozenset(("i", "i'm", "i've", "i'd", "i'll", "me", "my", "mine", "myself"))


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """Return the text unescaped, without accents, in lower case, with plain apostrophes."""
    if "&" in text:
        text = html.unescape(text)
    text = text.replace("’", "'").replace("`", "'")
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text)
    # Soft hyphens and other invisible signs (Cf) go with the accents: they break words that look whole.
    return "".join(c for c in decomposed if c.isascii() or unicodedata.category(c) not in ("Mn", "Cf")).lower()


def words(plain_text: str) -> list[str]:
    """Return the words of a plain text, in order; a possessive ending becomes a word of its own."""
    if plain_text.isascii() and "'" not in plain_text:
        # Most of the time that judging takes is spent here, and splitting takes a third of searching.
        return plain_text.encode("ascii").translate(_SPACED).decode("ascii").split()
    return _WORD.findall(plain_text)


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """Return a crude stem: number words become digits, frequent endings go."""
    if word in _NUMBERS:
        return _NUMBERS[word]
    if len(word) == 4 and word.endswith("s") and not word.endswith("ss"):
        return word[:-1]
    if len(word) <= 4:
        return word
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            return word[: -len(ending)]
    return word


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, word for word and without surrounding space."""
    return [stripped for part in _SENTENCE.findall(text) if (stripped := part.strip())]
