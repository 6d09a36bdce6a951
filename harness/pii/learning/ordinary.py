"""Learns which words are ordinary in a log's domain: those that the assistant says in lower case, to many users, as nouns.

A bank's tagger takes "Cards" and "Branches" for names; the bank's assistant writes "the cards", "our branches". A name stands in
no such place, so a word is learned by where it stands, not by how often it is said: an agent's or a doctor's name is
said to everybody. What is counted does not depend on the order of the log nor on how it is cut.
"""

import re
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from harness.pii.known.folding import fold
from harness.pii.learning.samples import SmallestHashes, hash_of
from harness.pii.lexicon import words
from harness.pii.patterns.rules import word_set

LOWER, NOUN, CAPITAL, NAMED = 1, 2, 4, 8
"""How the assistant wrote a word to a user: in lower case; so after an article or a possessive; with a
capital inside a sentence; where a name is due."""
_USERS = 1_000
"""Users whose assistant is listened to: those with the smallest hashes."""
_MOST_WORDS = 4_000
"""Words remembered of a user."""
_FEWEST_USERS = 20
_SHARE = 0.05
"""Of all users who must have been told a word."""
_CAPITAL_SHARE = 0.02
"""Of these users, who may have been told it with a capital inside a sentence."""
_MOST_LEARNED = 1_000
_SHORTEST = 3
_REMEMBERED_TEXTS = 2_000
_LONGEST_TEXT = 20_000
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+(?:[.,]\d+)*")
_JOINED = frozenset("@/\\_-#&+=~0123456789")
"""Signs beside what is part of an address, a code or a compound."""
_SENTENCE = re.compile(r"[.!?:;\n\"“”„«(\[•*–—>|/]|-")
_GREETED = re.compile(r"[\s.,:!–-]{1,4}")
_BADLY_CASED = re.compile(r"(?:^|[.!?]\s+|\n\s*)[^\w\s]*[a-zà-ÿ]|\bi\b")
_DETERMINERS = word_set(
    "a an the your our my their this these those any some every each other another several few"
    " votre vos ton tes notre nos mes su sus tu tus nuestro nuestra nuestros nuestras seu seus sua suas vostro vostra vostri vostre tuo tua tuoi tue nostro nostra uw je jouw onze"
)
_MENU = word_set("under choose tap open select press click then menu section tab sous wähle unter bajo elige")
"""What stands before the name of a menu or a button."""
_TITLES = word_set(
    "mr mrs ms miss mister dr prof st sr sra mme mlle herr herrn frau monsieur madame señor señora don dona sir madam"
)
_GREETINGS = word_set("dear hi hello hey regards sincerely cheers truly thanks bye liebe lieber hola bonjour olá ciao")
_CALLINGS = word_set(
    "i'm im named called signed name's agent adviser advisor assistant specialist colleague representative operator manager nurse doctor professor therapist consultant engineer technician"
    " driver courier host teacher coach tutor counsellor counselor attorney lawyer guide teammate rep surgeon dentist physician psychologist psychiatrist sister brother mother father"
    " husband wife son daughter friend partner"
)
_PHRASES = {
    "am": "i", "is": "this name it agent adviser advisor representative doctor therapist nurse", "are": "you", "with": "chatting speaking talking connected meeting appointment",
    "to": "speaking talking connected assigned transferred forwarded", "by": "handled answered signed written helped served", "bin": "ich", "suis": "je", "soy": "yo", "llamo": "me",
}  # fmt: skip
_BEFORE_NAMES = {last: word_set(firsts) for last, firsts in _PHRASES.items()}
_AFTER_NAMES = word_set("here speaking")


class WordLearner:
    """Counts how the assistant writes words, in bounded memory.

    The same log gives the same state in any order, and states of its parts
    merge into that of the whole: all is remembered that was said to a sample
    of the users.
    """

    def __init__(self) -> None:
        self._users = SmallestHashes(_USERS)
        self._told: dict[int, dict[str, int]] = {}
        self._looked: OrderedDict[str, dict[str, int]] = OrderedDict()

    def add(self, user: str, text: str) -> None:
        """Count the words of one of the assistant's texts.

        Args:
            user: To whom it was said; any key that tells users apart.
            text: What was said, not yet sanitized.
        """
        owner = hash_of(user)
        if self._users.takes(owner):
            self._add(owner, self._uses(text[:_LONGEST_TEXT]))

    def merge(self, other: "WordLearner") -> None:
        """Count what another learner has counted, of the same or another part of the log."""
        for owner, uses in other._told.items():
            self._add(owner, uses)

    def learned(self) -> frozenset[str]:
        """Return the ordinary words, folded."""
        fewest = max(_FEWEST_USERS, round(_SHARE * len(self._told)))
        users = self._counts()
        nouns = {word for (word, use), count in users.items() if use == NOUN and count >= fewest}
        said = (word for (word, use), count in users.items() if use == LOWER and count >= fewest)
        found = [
            word
            for word in said
            if (
                not _is_listed_name(word)
                and not _is_used_as_name(word, users)
                and (word in nouns or word in words("common_words") or not nouns.isdisjoint(_singulars(word)))
            )
        ]
        return frozenset(sorted(found, key=lambda word: (-users[word, LOWER], word))[:_MOST_LEARNED])

    def refuted(self, learned: Iterable[str]) -> frozenset[str]:
        """Return those of words learned from an earlier log that this one uses as names."""
        users = self._counts()
        return frozenset(word for word in learned if _is_used_as_name(word, users))

    def state(self) -> dict[str, dict[str, int]]:
        """Return what was counted as JSON-compatible values: the words said to hashed users."""
        return {f"{owner:016x}": dict(sorted(self._told[owner].items())) for owner in sorted(self._told)}

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> "WordLearner":
        """Return the learner whose state this is."""
        learner = cls()
        for owner, uses in state.items():
            learner._add(int(owner, 16), uses)
        return learner

    def _counts(self) -> Counter[tuple[str, int]]:
        """Return how many users were told each word in each way."""
        return Counter(
            (word, use)
            for told in self._told.values()
            for word, uses in told.items()
            for use in (LOWER, NOUN, CAPITAL, NAMED)
            if uses & use
        )

    def _add(self, owner: int, uses: Mapping[str, int]) -> None:
        if not uses or not self._users.takes(owner):
            return
        gone = self._users.add(owner)
        if gone is not None:
            del self._told[gone]
        told = self._told.setdefault(owner, {})
        for word, use in uses.items():
            told[word] = told.get(word, 0) | use
        if len(told) > _MOST_WORDS:
            # A word that goes once goes again, so that what is left does not depend on the order.
            for word in sorted(told, key=hash_of)[_MOST_WORDS:]:
                del told[word]

    def _uses(self, text: str) -> dict[str, int]:
        uses = self._looked.get(text)
        if uses is None:
            uses = self._looked[text] = uses_of(text)
            if len(self._looked) > _REMEMBERED_TEXTS:
                self._looked.popitem(last=False)
        return uses


def uses_of(text: str) -> dict[str, int]:
    """Return in which ways a text uses its words, those that say something about them."""
    found: dict[str, int] = {}
    tells = not _BADLY_CASED.search(text)
    for place in _places(text):
        word = fold(place.form)
        use = _use(place) if len(word) >= _SHORTEST and word.isalpha() else 0
        # Who does not write capitals where they belong does not write names with them either.
        if use in (CAPITAL, NAMED) or (use and tells):
            found[word] = found.get(word, 0) | use
    return found


@dataclass(frozen=True, slots=True)
class _Place:
    """A word that stands alone, and what is around it."""

    form: str
    before: tuple[str, str]
    """The two words or numbers before it, in lower case but for the capital of the last."""
    gap: str
    """What stands between it and the word before."""
    after: str
    """The next word; empty where a sentence ends before it."""


def _places(text: str) -> Iterator[_Place]:
    matches = list(_WORD.finditer(text))
    for number, match in enumerate(matches):
        start, end = match.span()
        if match[0][0].isdigit() or text[start - 1 : start] in _JOINED or text[end : end + 1] in _JOINED:
            continue
        if text[end : end + 1] == "." and text[end + 1 : end + 2].isalpha():
            continue
        one, two = (matches[place] if place >= 0 else None for place in (number - 2, number - 1))
        following = matches[number + 1] if number + 1 < len(matches) else None
        yield _Place(
            form=match[0],
            before=(one[0].lower() if one else "", two[0] if two else ""),
            gap=text[two.end() if two else 0 : start],
            after=following[0] if following and text[end : following.start()] in (" ", "-") else "",
        )


def _use(place: _Place) -> int:
    last = place.before[1].lower()
    if _is_named(place, last):
        return NAMED
    form = place.form
    if form.islower():
        if place.gap != " ":
            return LOWER
        return LOWER | NOUN if last in _DETERMINERS else LOWER
    greeted = place.before[0] in _GREETINGS and place.gap == ", "
    if form.isupper() or not last or greeted or _SENTENCE.search(place.gap) or last in _MENU:
        return 0
    return CAPITAL


def _is_named(place: _Place, last: str) -> bool:
    blank = place.gap == " "
    if place.after.lower() in _AFTER_NAMES or (last in _TITLES and place.gap in (" ", ". ")):
        return True
    if last in _GREETINGS and (blank or (not place.after and _GREETED.fullmatch(place.gap))):
        return True
    if blank and last in _CALLINGS:
        return True
    if blank and place.before[0] in _BEFORE_NAMES.get(last, ()):
        return True
    return place.form[0].isupper() and (
        (blank and place.before[1][:1].isupper() and _is_listed_name(last))
        or (place.after[:1].isupper() and _is_listed_name(place.after.lower()))
    )


def _is_used_as_name(word: str, users: Mapping[tuple[str, int], int]) -> bool:
    """Return whether a word was said where a name is due, even once, or hardly ever without a capital."""
    return users.get((word, NAMED), 0) > 0 or users.get((word, CAPITAL), 0) > _CAPITAL_SHARE * users.get(
        (word, LOWER), 0
    )


def _singulars(word: str) -> tuple[str, ...]:
    """Return what a word may be the plural of."""
    return tuple(word.removesuffix(ending) for ending in ("s", "es") if word.endswith(ending))


@cache
def _names() -> frozenset[str]:
    lists = ("given_names", "surnames", "word_names", "name_particles", "honorifics", "callings")
    return frozenset(fold(word) for name in lists for word in words(name))


def _is_listed_name(word: str) -> bool:
    return word in _names()
