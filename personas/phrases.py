"""Phrases mined from what users wrote: what they want to do, what they talk about, what went wrong.

A phrase is kept when at least k distinct users wrote it, so that none of them
can be told from it.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from harness.pii import PiiDetector
from personas.corpus import Corpus, Utterance
from personas.grammar import Grammar, Kind
from personas.lexicon import DETERMINERS

FEW_THINGS = 8
"""With fewer noun phrases than this, single nouns stand in."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that at least k users wrote."""

    kind: Kind
    """See ``grammar.Kind``."""
    text: str
    users: int
    sessions: tuple[int, ...]
    """Indexes of the sessions it occurs in."""

    @property
    def bare(self) -> str:
        """The phrase without its determiner."""
        head, _, rest = self.text.partition(" ")
        return rest if rest and head in DETERMINERS else self.text


class _Sightings:
    """Who wrote a phrase, and where."""

    __slots__ = ("sessions", "spellings", "users")

    def __init__(self) -> None:
        self.users: set[str] = set()
        self.sessions: set[int] = set()
        self.spellings: Counter[str] = Counter()

    @property
    def spelling(self) -> str:
        return self.spellings.most_common(1)[0][0]

    def add(self, utterance: Utterance, text: str) -> None:
        self.users.add(utterance.user)
        self.sessions.add(utterance.session)
        self.spellings[text] += 1


def mine(corpus: Corpus) -> list[Phrase]:
    """Return the phrases that at least k users wrote, those of most users first."""
    grammar = Grammar(corpus)
    phrases = supported(corpus, grammar.spelled, grammar.candidates)
    if sum(phrase.kind == "thing" for phrase in phrases) < FEW_THINGS:
        known = {phrase.bare for phrase in phrases}
        phrases += [p for p in supported(corpus, grammar.spelled, grammar.nouns) if p.bare not in known]
    return _without_fragments(phrases)


def mine_questions(corpus: Corpus) -> list[Phrase]:
    """Return the short questions that at least k users asked, word for word, those of most users first."""
    grammar = Grammar(corpus)
    return supported(corpus, grammar.spelled, grammar.questions)


def without_personal(phrases: Iterable[Phrase], personal: PiiDetector | None) -> list[Phrase]:
    """Return the phrases in which nothing personal is found.

    Stricter than the screen of prompts: a phrase stands in many prompts, in goals, labels and descriptions, out of the
    sentence that would give it away, and users lack nothing where one of hundreds is passed over for nothing.
    """
    return [phrase for phrase in phrases if personal is None or not personal.find(phrase.text)]


def supported(
    corpus: Corpus, spelled: Callable[[str], str], find: Callable[[Utterance], Iterator[tuple[Kind, Sequence[str]]]]
) -> list[Phrase]:
    """Return what ``find`` finds in the messages of at least k users, in its most usual spelling."""
    seen: dict[tuple[Kind, str], _Sightings] = defaultdict(_Sightings)
    for utterance in corpus.utterances:
        for kind, found in find(utterance):
            text = " ".join(spelled(token) for token in found)
            seen[kind, text.lower()].add(utterance, text)
    phrases = [
        Phrase(kind, sightings.spelling, len(sightings.users), tuple(sorted(sightings.sessions)))
        for (kind, _), sightings in seen.items()
        if len(sightings.users) >= corpus.min_users
    ]
    return sorted(phrases, key=lambda phrase: (-phrase.users, phrase.kind, phrase.text))


def _without_fragments(phrases: list[Phrase]) -> list[Phrase]:
    """Drop what hardly ever stands without the words that follow it."""
    by_kind: dict[Kind, list[Phrase]] = defaultdict(list)
    for phrase in phrases:
        by_kind[phrase.kind].append(phrase)
    kept = []
    for phrase in phrases:
        longer = [p for p in by_kind[phrase.kind] if p.text.startswith(phrase.text + " ")]
        if not any(p.users > 0.8 * phrase.users for p in longer):
            kept.append(phrase)
    return kept
