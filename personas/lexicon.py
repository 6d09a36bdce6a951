"""English function words: what tells phrases apart without a tagger or a model."""

import re

WORD = re.compile(r"[\w']+")
"""A word as the copy firewall counts it."""
TOKEN = re.compile(r"<[A-Z][A-Z_0-9]*>|[^\W\d_]+(?:['\-][^\W\d_]+)*|\d[\w.,:%]*|[^\w\s]")
"""A word, a number, a placeholder, or one mark of punctuation."""
PLACEHOLDER = re.compile(r"<[A-Z][A-Z_0-9]*>")


def word_set(text: str) -> frozenset[str]:
    """Return the words of a list that is written as a text."""
    return frozenset(text.split())


_STEM = 5
"""Letters that a word's forms share."""
_SHORT = 3
"""Words of no more letters have no plural: "was", "yes"."""

_DETERMINERS = "a an the my your our any some"
_POINTERS = (
    "it its that this these those them they their theirs there here he him his she her hers one ones you yours we us ours same another other"
    " others else such both either neither each mine myself itself yourself me someone anybody anyone somebody everybody everything"
    " something anything nothing things thing stuff following above below first second third last next"
)
_PREPOSITIONS = (
    "of in on at to for from with without by about into onto over under up down out off through between after before during until till"
    " against within towards near around across via per than as back away along inside outside using"
)
_CONJUNCTIONS = (
    "and or but nor so because if when while where which who whom whose why how what although though since unless whether however then"
    " therefore whenever wherever once plus instead"
)
_AUXILIARIES = (
    "am is are was were be been being do does did done have has had having can could will would shall should may might must ought"
    " isn't aren't wasn't weren't don't doesn't didn't haven't hasn't hadn't can't cannot couldn't won't wouldn't shouldn't ain't"
    " i'm i've i'd i'll you're you've it's that's there's what's where's how's who's let's he's she's they're we're cant dont wont im ive"
)
_ADVERBS = (
    "not no yes please now just also only still already yet again ever never always often very really quite too even much many more most"
    " less least few little soon later today tomorrow tonight yesterday currently recently immediately quickly urgently asap maybe perhaps"
    " actually possibly right well thanks thank ok okay hi hello hey sorry sure great good fine nice perfect kindly somehow anymore"
    " abroad online instantly directly alone together twice several all own regarding concerning"
)

DETERMINERS = word_set(_DETERMINERS)
POINTERS = word_set(_POINTERS)
PREPOSITIONS = word_set(_PREPOSITIONS)
CONJUNCTIONS = word_set(_CONJUNCTIONS)
AUXILIARIES = word_set(_AUXILIARIES)
ADVERBS = word_set(_ADVERBS)
PARTICLES = word_set("up in out on off back down")
FUNCTION_WORDS = (
    DETERMINERS
    | POINTERS
    | PREPOSITIONS
    | CONJUNCTIONS
    | AUXILIARIES
    | ADVERBS
    | frozenset({"i", "me", "us", "per", "etc"})
)
"""Words that never head a phrase."""


def stem(word: str) -> str:
    """Return what a word's forms share, as far as their beginnings tell: "card" and "cards", "transfer" and "transferring"."""
    singular = word[:-1] if len(word) > _SHORT and word.endswith("s") and not word.endswith("ss") else word
    return singular[:_STEM]


def words(text: str) -> list[str]:
    """Return the words of a text, lower-cased, as the copy firewall counts them."""
    return WORD.findall(text.lower())


def tokens(text: str) -> list[str]:
    """Return words, numbers, placeholders and marks in their order, with the apostrophes made plain."""
    return TOKEN.findall(text.replace("’", "'").replace("`", "'"))
