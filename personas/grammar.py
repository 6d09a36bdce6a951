"""A small grammar of user messages: where wishes, things and troubles stand, told without a tagger or a model.

Frames ("how do I …", "my …") say what kind a phrase is, so that it can be put
into a sentence of our own and stay grammatical.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal

from personas.corpus import Corpus, Utterance
from personas.lexicon import (
    ADVERBS,
    AUXILIARIES,
    CONJUNCTIONS,
    DETERMINERS,
    FUNCTION_WORDS,
    PARTICLES,
    POINTERS,
    PREPOSITIONS,
    word_set,
)

Kind = Literal["do", "thing", "issue", "ask", "follow"]
"""``do``: bare verb phrase ("change my pin"); ``thing``: noun phrase with its determiner; ``issue``: whole clause;
``ask``: whole question that opens a conversation; ``follow``: one that comes later in it."""

MAX_WORDS = 6
"""Longer phrases would be a copy of somebody's sentence."""

_FRAMES = [
    frame.split()
    for frame in [
        "how do i",
        "how can i",
        "how would i",
        "how should i",
        "how could i",
        "how to",
        "i want to",
        "i need to",
        "i would like to",
        "i'd like to",
        "i wish to",
        "i am trying to",
        "i'm trying to",
        "i tried to",
        "i have to",
        "i am looking to",
        "i'm looking to",
        "i plan to",
        "want to",
        "like to",
        "need to",
        "trying to",
        "can i",
        "could i",
        "may i",
        "am i able to",
        "are you able to",
        "be able to",
        "is it possible to",
        "possible to",
        "help me",
        "help me to",
        "can you",
        "could you",
        "can you please",
        "could you please",
        "would you",
        "will you",
        "you please",
        "where can i",
        "where do i",
        "when can i",
        "what do i need to",
        "unable to",
        "not able to",
    ]
]
_FRAMES_BY_LAST = {last: [frame for frame in _FRAMES if frame[-1] == last] for last in {frame[-1] for frame in _FRAMES}}
_VAGUE_VERBS = word_set(
    "be been know like ask say think wonder hear let tell give show try need want thank thanks mean understand help assist have has do does"
    " go come happen believe guess suppose confirm make sure is are was were keep look looking see sort talk speak expect start write"
)
_WEAK_ENDS = word_set(
    "way lot kind sort type able order bit number amount couple part case use used using need want like would could able going wrong new"
    " time day today something anything of out them stay dates back"
)
_SPLITS = POINTERS | CONJUNCTIONS | AUXILIARIES | (ADVERBS - {"abroad", "online", "not"}) | {"i"}
_ISSUE_VERBS = word_set(
    "is isn't was wasn't has hasn't won't doesn't didn't got keeps still does did are aren't were have haven't can't cannot couldn't don't"
)
_I_VERBS = word_set("lost forgot was can't cannot couldn't didn't haven't")
_NO_THINGS = word_set(
    "help assistance moment mind wait impression reason cause mistake bunch problem issue process steps source option best rest past future"
    " morning afternoon evening night noon week month year hour hours minute minutes days weeks months side top bottom end start beginning"
    " daughter son child children kids friend friends family wife husband boyfriend girlfriend partner boss employer landlord mother father"
    " mom dad brother sister cat dog name names group least most check try look question answer mood needs break winner"
    " opportunity chance idea fact favor favour taking being person people hurry while bit english neighbour neighbor colleague flatmate robot"
)
_CIRCUMSTANCES = word_set("at in near behind inside outside during after before until since by")
"""What stands after these is where or when something happened, not what the message is about."""
_OBLIGATIONS = frozenset({"have", "need"})
"""With a question or another person before them ("do I have to …", "you need to …") these say no wish."""
_NOT_ME = word_set("you they he she it someone somebody do does did will would must should")
_TOWARDS_ME = word_set(
    "send resend give show provide explain mail email text forward return write answer call react charge block"
)
"""Of the assistant these are asked for the user's own sake: "can you send the link" is no wish to send one."""
_LOOSE_VERBS = word_set("get use move add request link")
_LOOSE_OBJECTS = word_set("money cash funds card account app")
"""With a loose verb these say something only where the clause ends: "get money" begins "get money out of my account"."""
_PHRASAL = word_set("back off down")
_NOT_OF_PEOPLE = word_set("declined pending rejected refused")
_ENDS = frozenset(".?!")
_QUESTION_WORDS = word_set(
    "what what's which when where where's how why who is are do does can will did was were has have"
)
_SAYS_NOTHING = word_set("help explain tell problem please wrong happening happened going up")
"""Questions with these fit anything, and so say nothing about the product."""
_UNFINISHED = word_set(
    "out wondering thinking hoping trying asking make do authorize recognize recognise find get have use see know"
)


class Grammar:
    """Which words of a corpus are names, abbreviations and nouns, told by where they stand."""

    def __init__(self, corpus: Corpus) -> None:
        total: Counter[str] = Counter()
        capital: Counter[str] = Counter()
        inside: Counter[str] = Counter()
        shouted: Counter[str] = Counter()
        after_determiner: Counter[str] = Counter()
        for utterance in corpus.utterances:
            before = "."
            for token in utterance.tokens:
                word = token.lower()
                total[word] += 1
                shouted[word] += token.isupper() and len(token) > 1
                if before not in ".!?":
                    inside[word] += 1
                    capital[word] += token[:1].isupper()
                after_determiner[word] += before in DETERMINERS
                before = word
        self._names = {w for w, n in inside.items() if capital[w] > 0.6 * n and not shouted[w] > 0.3 * n and w != "i"}
        self._abbreviations = {w for w, n in total.items() if shouted[w] > 0.4 * n and len(w) <= 5}
        self._nouns = {w for w, n in total.items() if after_determiner[w] >= max(2, 0.04 * n)}

    def spelled(self, token: str) -> str:
        """Return a token as most users write it: lower case, but for abbreviations and ``I``."""
        word = token.lower()
        if word == "i" or word.startswith("i'"):
            return "I" + word[1:]
        return token.upper() if word in self._abbreviations else word

    def nouns(self, utterance: Utterance) -> Iterator[tuple[Kind, Sequence[str]]]:
        """Yield each noun of a message with an article; for data too small to repeat whole phrases."""
        for token in utterance.tokens:
            word = token.lower()
            if self._content(word) and self._is_head(word) and word not in _NO_THINGS:
                yield "thing", ("the", word)

    def candidates(self, utterance: Utterance) -> Iterator[tuple[Kind, Sequence[str]]]:
        """Yield every phrase of a message that could be put into another sentence."""
        lowered = [token.lower() for token in utterance.tokens]
        for place, word in enumerate(lowered):
            if word in _FRAMES_BY_LAST and _ends_frame(lowered, place) and not _is_obligation(lowered, place):
                asked = "you" in lowered[max(0, place - 1) : place + 1]
                wishes = self._verb_phrases(lowered, place + 1)
                yield from (("do", found) for found in wishes if not (asked and found[0] in _TOWARDS_ME))
            if word in {"my", "the", "a", "an"} and not (place and lowered[place - 1] in _CIRCUMSTANCES):
                yield from (("thing", found) for found in self._noun_phrases(lowered, place))
            if word == "my" or (word == "i" and lowered[place + 1 : place + 2] and lowered[place + 1] in _I_VERBS):
                yield from (("issue", found) for found in self._clauses(lowered, place))

    def questions(self, utterance: Utterance) -> Iterator[tuple[Kind, Sequence[str]]]:
        """Yield every short question that is a sentence of its own; one that points back only where it follows something."""
        sentence: list[str] = []
        for token in (*utterance.tokens, "."):
            if token[0].isalnum():
                sentence.append(token.lower())
                continue
            if token in _ENDS and self._is_question(sentence):
                if not utterance.first:
                    yield "follow", sentence
                elif not set(sentence) & (POINTERS - {"me", "you", "your"}) and any(map(self._is_head, sentence)):
                    yield "ask", sentence
            sentence = []

    def _is_question(self, sentence: Sequence[str]) -> bool:
        return (
            3 <= len(sentence) <= MAX_WORDS
            and sentence[0] in _QUESTION_WORDS
            and (sentence[0] != "have" or sentence[1] in {"i", "you", "they", "we"})
            and not set(sentence) & _SAYS_NOTHING
            and sentence[-1] not in DETERMINERS | AUXILIARIES
            and all(self._usable(word) for word in sentence)
        )

    def _usable(self, word: str) -> bool:
        return word[0].isalpha() and word not in self._names

    def _content(self, word: str) -> bool:
        return self._usable(word) and word not in FUNCTION_WORDS

    def _verb_phrases(self, lowered: list[str], start: int) -> Iterator[Sequence[str]]:
        while start < len(lowered) and lowered[start] in ADVERBS:
            start += 1
        span = self._span(lowered, start, _SPLITS)
        if not span or span[0] in _VAGUE_VERBS or not self._content(span[0]):
            return
        for size in range(2, len(span) + 1):
            following = lowered[start + size] if start + size < len(lowered) else "."
            if self._closes(span[:size], following):
                yield span[:size]

    def _noun_phrases(self, lowered: list[str], place: int) -> Iterator[Sequence[str]]:
        end = place + 1
        while end < len(lowered) and end - place < 4 and self._content(lowered[end]):
            end += 1
        found = lowered[place:end]
        following = lowered[end] if end < len(lowered) else "."
        open_end = following == "of" or (
            following[0].isalnum() and (following not in FUNCTION_WORDS or following in PARTICLES - {"in", "on"})
        )
        if len(found) > 1 and not open_end and self._is_head(found[-1]) and not _NO_THINGS & set(found):
            yield found

    def _clauses(self, lowered: list[str], place: int) -> Iterator[Sequence[str]]:
        span = self._span(
            lowered,
            place,
            CONJUNCTIONS | (ADVERBS - {"not", "yet", "still", "already", "twice", "again"}),
            MAX_WORDS + 1,
        )
        after = lowered[place + len(span)] if place + len(span) < len(lowered) else "."
        whole = after[0] in ".!?," or after in CONJUNCTIONS
        subject = 1 if span[:1] == ["i"] else next((n for n, w in enumerate(span[:4]) if w in _ISSUE_VERBS), 0)
        if not whole or subject < 1 or len(span) < subject + 2 or span[-1] in DETERMINERS | PREPOSITIONS - PARTICLES:
            return
        if span[subject] == "still" and not set(span[subject + 1 :]) & (_ISSUE_VERBS - {"still"}):
            return
        if span[0] == "i" and span[2:] and span[2] in _NOT_OF_PEOPLE:
            return
        opened = span[0] == "i" or all(self._content(w) for w in span[1:subject])
        if (
            opened
            and (subject > 1 or span[0] == "i")
            and not set(span[1:]) & (POINTERS - {"me"})
            and span[-1] not in _UNFINISHED
        ):
            yield span

    def _span(self, lowered: list[str], start: int, stops: frozenset[str], limit: int = MAX_WORDS) -> list[str]:
        """Return the words from ``start`` to the end of the clause, or nothing that is too long to be told whole."""
        span: list[str] = []
        for word in lowered[start : start + limit]:
            if not self._usable(word) or word in stops:
                break
            span.append(word)
        return span

    def _closes(self, phrase: Sequence[str], following: str) -> bool:
        last = phrase[-1]
        at_end = not following[0].isalnum() or following in CONJUNCTIONS or following in {"please", "i"}
        if len(phrase) == 2 and last in PARTICLES - {"out", "in", "on"}:
            return at_end
        if last in {"abroad", "online"}:
            return True
        if last == "back":
            return len(phrase) > 2 and self._is_head(phrase[-2])
        if phrase[0] in _LOOSE_VERBS and last in _LOOSE_OBJECTS and len(phrase) <= 3 and not at_end:
            return False
        boundary = at_end or (
            following in FUNCTION_WORDS and following not in {"of", "than", "as", "up", "not"} | _PHRASAL
        )
        if following == "to" and len(phrase) < 3:
            boundary = False
        return boundary and self._is_head(last)

    def _is_head(self, word: str) -> bool:
        return word in self._nouns and word not in FUNCTION_WORDS and word not in _WEAK_ENDS and not word.endswith("ed")


def _is_obligation(lowered: list[str], place: int) -> bool:
    """Return whether "have to" or "need to" ends here as somebody else's duty, or as one that is asked about."""
    if lowered[place] != "to" or place < 1 or lowered[place - 1] not in _OBLIGATIONS:
        return False
    before = lowered[max(0, place - 4) : place - 1]
    asked = before[-1:] == ["i"] and before[-2:-1] and before[-2] in _NOT_ME and before[:1] != ["what"]
    return bool(asked or (before and before[-1] in _NOT_ME))


def _ends_frame(lowered: list[str], place: int) -> bool:
    return any(
        lowered[max(0, place + 1 - len(frame)) : place + 1] == frame for frame in _FRAMES_BY_LAST[lowered[place]]
    )
