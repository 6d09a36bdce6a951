"""Streets in the English manner: a house number, a name, and a word such as "street"; read word by word."""

import re
from collections.abc import Iterator

from harness.pii.interface import PiiSpan
from harness.pii.lexicon import words
from harness.pii.patterns.localities import tail_end
from harness.pii.patterns.numerals import TEENS, TENS, UNITS
from harness.pii.patterns.quantities import is_money
from harness.pii.patterns.rules import Facts, Recognizer, Scan, word_set

_HOUSE = re.compile(
    r"(?<![\w$€£,/:-])(?<![\d][.])\d{1,6}(?:[-/]\d{1,5}|-?[a-z]|[ ]?bis)?(?![\w%])(?:[ ]\d{1,5}(?=[ ]))?,?(?=[ ])",
    re.IGNORECASE,
)
_NEXT = re.compile(r"[ ]{1,2}([^\W_][\w'’-]*)(\.?)")
_NUMBER = re.compile(r"[ ]\#?(\d{1,5}[a-z]?|[a-z])(?![\w'’])", re.IGNORECASE)
_TOWARDS = re.compile(r"[ ](?:(?:north|south|east|west)(?:east|west)?|[nsew]{1,2})\b\.?(?!['’])", re.IGNORECASE)
_ORDINAL = re.compile(r"\d{1,3}(?:st|nd|rd|th)", re.IGNORECASE)
_LED = re.compile(
    r"(?:(?:\b(?:at|on|to|in|is|address|from|near|reach|located|destination|live|lives|living|moved|with|into|as|deliver|send|ship|towards?|venue|home|house|office|of|was|be|for|it['’]?s)|[a-z][.!?])\s*:?\s*|^\W*|[\n,:;(>–-]\s*)$",
    re.IGNORECASE,
)
_UNIT = r"(?<!\w)(?:flat|apt|apartment|unit|suite|ste|room|studio|floor|level|lot|block)\.?[ ]*"
_FLAT_BEFORE = re.compile(rf"{_UNIT}\#?[ ]?(?:\d{{1,4}}-?[a-z]?|[a-z])[ ]?,?[ ]+$", re.IGNORECASE)
_UNIT_BEFORE = re.compile(rf"{_UNIT}$", re.IGNORECASE)
_SAID_NUMBERS = UNITS | TEENS | TENS
_SAID = "|".join(sorted(_SAID_NUMBERS, reverse=True))
_SAID_PART = re.compile(rf"\b(?:{_SAID})\b", re.IGNORECASE)
_SAID_HOUSE = re.compile(
    rf"(?<![\w-])(?:{_SAID})(?:[ -](?:(?:hundred[ ])?(?:and[ ])?(?:{_SAID})|oh|hundred)(?![\w-]))*(?=[ ])",
    re.IGNORECASE,
)
_TOLD_HOME = re.compile(
    r"\b(?:address(?:\s+is)?|(?:live|living|lives|stay|staying)\s+(?:at|on)|moved\s+to|(?:deliver|send|ship|post)\s+(?:it\s+)?to)\s*:?\s*$",
    re.IGNORECASE,
)
_DIRECTIONS = word_set("n s e w ne nw se sw north south east west northeast northwest southeast southwest")
_MOST_WORDS = 6
_LONG_NUMBER = 3
_LONGEST_ABBREVIATION = 4
_STREETS = words("street_words")
_WEAK = words("street_words_weak")
_LEADING = words("street_words_leading")
# "A 2 bedroom place": in lower case these say little.
_DOUBTFUL = word_set(
    "place way close drive walk rise row court square circle loop gardens mews cove bend crest quay pike pl st ct dr trail"
)
_NEVER = word_set(
    "a an the and or for of to in is are was were be with at on my your his her our their you i we it he she they that this these those from by about off down up more people but not if"
    " as than then when while will would can could should has have had do does did get go going want need per each every other another via through across around between into any some"
    " minute minutes hour hours day days night nights week weeks month months year years"
)


def _find_said_streets(facts: Facts) -> Iterator[PiiSpan]:
    """Yield streets whose house number is said: "one twenty three main street"."""
    text = facts.text
    for house in _SAID_HOUSE.finditer(text):
        several = len(_SAID_PART.findall(house[0])) > 1
        if not several and not _TOLD_HOME.search(text[max(0, house.start() - 24) : house.start()]):
            continue
        if (end := _Street(text, house, shouting=text.isupper(), long=several).end()) is not None:
            yield PiiSpan(start=house.start(), end=tail_end(text, end), entity="LOCATION", score=0.7)


def _find_streets(facts: Facts) -> Iterator[PiiSpan]:
    text = facts.text
    shouting = text.isupper()
    reached = 0
    for house in _HOUSE.finditer(text):
        if house.start() < reached or is_money(text[max(0, house.start() - 8) : house.start()]):
            continue
        street = _Street(text, house, shouting=shouting)
        if (end := street.end()) is not None:
            reached = tail_end(text, end)
            # "flat 3 12 high street": the first of two numbers is the flat's.
            before = _UNIT_BEFORE if " " in house[0] else _FLAT_BEFORE
            flat = before.search(text, max(0, house.start() - 24), house.start())
            yield PiiSpan(start=flat.start() if flat else house.start(), end=reached, entity="LOCATION", score=0.8)


class _Street:
    """The words behind a house number, which is long itself or said to be so."""

    def __init__(self, text: str, house: re.Match[str], *, shouting: bool, long: bool = False) -> None:
        self._text = text
        self._at = house.end()
        self._shouting = shouting
        self._long = long or sum(c.isdigit() for c in house[0]) >= _LONG_NUMBER
        self._led = _LED.search(text[max(0, house.start() - 24) : house.start()]) is not None
        self._name: list[str] = []

    def end(self) -> int | None:
        """Return where the street ends; None if there is none."""
        found: int | None = None
        at = self._at
        for _ in range(_MOST_WORDS):
            match = _NEXT.match(self._text, at)
            if match is None:
                break
            word, goes_on = match[1], self._goes_on(match.end())
            at = match.end() if goes_on else match.end(1)
            if not self._name and (alone := self._unnamed(word, at)) is not None:
                return alone
            if self._is_street(word) and not self._begins_name(word, at):
                if not self._name:
                    return None
                found = at if self._is_plausible(word) else found
            elif found is not None or not (self._can_be_named(word) or self._begins_name(word, at)):
                break
            self._name.append(word)
            if match[2] and not (len(word) <= _LONGEST_ABBREVIATION and goes_on):
                break
        return None if found is None else self._towards(found)

    def _goes_on(self, end: int) -> bool:
        """Return whether a full stop ends an abbreviation and not the sentence: "12 St. Mary Rd."""
        return re.match(r"[ ,]+(?:[\w#])", self._text[end : end + 3]) is not None

    def _is_street(self, word: str) -> bool:
        plain = word.lower()
        if plain in _LEADING and not self._name:
            return True
        return plain in _STREETS or (
            plain in _WEAK | _LEADING and (self._is_capital(word) or (self._long and self._led))
        )

    def _unnamed(self, word: str, at: int) -> int | None:
        """Return the end of a street that needs no name before its word: "2050 Broadway", "3740 El Camino Real"."""
        if word.lower() == "broadway":
            return at if self._led or self._is_capital(word) else None
        return self._leading(word, at)

    def _begins_name(self, word: str, at: int) -> bool:
        """Return whether a street word is a name's first: "100 park boulevard", "45 Crescent Drive"."""
        return not self._name and (self._is_capital(word) or self._is_followed_by_street(word, at))

    def _is_followed_by_street(self, word: str, at: int) -> bool:
        if word.lower() in _DOUBTFUL or not self._is_street(word):
            return False
        following = [match[1].lower() for match in (_NEXT.match(self._text, at),) if match]
        if (
            following
            and following[0] not in _STREETS
            and (second := _NEXT.match(self._text, at + len(following[0]) + 1))
        ):
            following.append(second[1].lower())
        return (
            bool(following)
            and following[-1] in _STREETS - _DOUBTFUL | {"drive", "court", "square"}
            and (self._long or self._led)
        )

    def _leading(self, word: str, at: int) -> int | None:
        """Return the end of a name that begins with its street word: "3740 El Camino Real", "104 N. Ave 56"."""
        if word.lower() not in _LEADING or not (
            self._long or self._is_capital(word) or (self._led and word.lower() not in _STREETS)
        ):
            return None
        if number := _NUMBER.match(self._text, at):
            return number.end()
        end = at
        for _ in range(2):
            match = _NEXT.match(self._text, end)
            if (
                match is None
                or match[1].lower() in _NEVER
                or not (self._is_capital(match[1]) or match[1].lower() not in words("common_words"))
            ):
                break
            end = match.end(1)
        return end if end > at else None

    def _is_capital(self, word: str) -> bool:
        return word[0].isupper() and not self._shouting

    def _can_be_named(self, word: str) -> bool:
        plain = word.lower()
        if _ORDINAL.fullmatch(word) or plain in _DIRECTIONS:
            return True
        if len(plain) == 1:
            return not self._name and (self._is_capital(word) or (self._long and self._led))
        if plain in _NEVER or (plain[0].isdigit() and not self._name):
            return self._is_capital(word) and plain in words("street_names")
        if not self._name and plain in words("quantities"):
            return self._is_capital(word) and self._long
        if self._is_capital(word) or plain not in words("common_words") or plain in words("places"):
            return True
        return plain in words("street_names") and (self._long or self._led)

    def _is_plausible(self, word: str) -> bool:
        """Return whether name and street word together are one, not "a 2 bedroom place"."""
        if self._is_capital(word) or self._long or self._led:
            first = "" if self._name[0].lower() == "st" else self._name[0].lower()
            named = self._is_capital(self._name[0]) and self._long
            return named or first not in words("quantities") or bool(_ORDINAL.fullmatch(first))
        return word.lower() not in _DOUBTFUL and all(
            self._is_capital(part) or part.lower() not in words("common_words") for part in self._name
        )

    def _towards(self, end: int) -> int:
        if number := re.compile(r"[ ]\d{1,3}(?![\w%]|[.,:]\d)(?=[ ]*(?:[,.!?]|$))").match(self._text, end):
            return number.end()
        match = _TOWARDS.match(self._text, end)
        return match.end() if match else end


_TRIGGERS = _STREETS | _WEAK | _LEADING

STREET_RULES: tuple[Recognizer, ...] = (
    Scan(look=_find_streets, why="house number, name and kind of a street", digits=1, words=_TRIGGERS),
    Scan(
        look=_find_said_streets,
        why="house number in words, name and kind of a street",
        words=_STREETS,
        needs=lambda facts: not facts.words.isdisjoint(_SAID_NUMBERS),
    ),
)
