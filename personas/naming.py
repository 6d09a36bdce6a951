"""Names of segments: what most of their users want and talk about, in words that set each apart from the others."""

import math
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.languages import NAMES, little_words
from personas.corpus import Corpus
from personas.keyphrases import telling_words
from personas.lexicon import FUNCTION_WORDS, stem
from personas.phrases import Phrase
from personas.scene import is_subject

NAMELESS = "mixed requests"
MIN_LIFT = 0.5
"""What is so much rarer in a segment than elsewhere says nothing about it."""
MIN_SESSIONS = 2
COVERS = 0.15
"""Share of a segment's sessions that hold the words of whatever names it, at least."""
DISTINCT = 1.5
"""So many times as often as elsewhere a segment says what sets it apart."""
_WISH_WORTH = 0.35
"""Of the share that holds the thing: a wish of fewer sessions does not come first, though it says more."""
_NAMED = 2
"""Key phrases of a label."""
_CANDIDATES = 40
"""Phrases of a kind, the most typical first, that may name a segment."""


@dataclass(frozen=True, slots=True)
class Typical:
    """A phrase of a segment."""

    score: float
    """Its support in the segment times the logarithm of its squared lift over all sessions, plus one."""
    phrase: Phrase


@dataclass(frozen=True, slots=True)
class Label:
    """What a segment is called."""

    text: str
    share: float
    """Of its sessions that hold all words of the first phrase of the label; 0 where it has none."""


@dataclass(frozen=True, slots=True)
class _Naming:
    """A phrase that may name a segment."""

    phrase: Phrase
    share: float
    """Of the segment's sessions that hold its words."""
    lift: float
    """The share that holds them there over the share elsewhere."""
    words: frozenset[str]
    """Stems of those that say what it is about."""

    @property
    def worth(self) -> float:
        """How well it names the segment: by whom it covers, and by how much it says."""
        return self.share * math.sqrt(len(self.words))

    @property
    def is_distinct(self) -> bool:
        return self.lift >= DISTINCT


class Holding:
    """Which sessions of which segments hold which words, in any of a word's forms.

    Args:
        corpus: The sessions.
        groups: Each segment's, as indexes.
        languages: What each segment is written in, as ISO 639-1 code.
        phrases: Those that it will be asked about.
    """

    def __init__(
        self, corpus: Corpus, groups: Sequence[Sequence[int]], languages: Sequence[str], phrases: Collection[Phrase]
    ) -> None:
        self._groups = [frozenset(group) for group in groups]
        self._little = [FUNCTION_WORDS if code == "en" else little_words(code) for code in languages]
        self._sessions = sum(len(group) for group in groups)
        asked = {stem(word) for phrase in phrases for word in phrase.text.lower().split()}
        self._holders: dict[str, set[int]] = defaultdict(set)
        for utterance in corpus.utterances:
            for found in asked & {stem(token.lower()) for token in utterance.tokens}:
                self._holders[found].add(utterance.session)

    def naming(self, number: int, phrase: Phrase) -> _Naming:
        """Return how well a phrase says what a segment is about."""
        words = frozenset(stem(word) for word in phrase.text.lower().split() if word not in self._little[number])
        holders = set[int]().union(*[self._holders[word] for word in words][:1])
        for word in words:
            holders &= self._holders[word]
        members = self._groups[number]
        inside, outside = len(holders & members), len(holders - members)
        others = self._sessions - len(members)
        # Half a session more of each (Haldane 1956): a word that nobody says elsewhere has a finite lift.
        lift = (inside + 0.5) / (len(members) + 1) / ((outside + 0.5) / (others + 1)) if others > 0 else DISTINCT
        return _Naming(phrase, inside / max(1, len(members)), lift, words)


def typical_phrases(phrases: Sequence[Phrase], labels: NDArray[np.intp], count: int) -> list[tuple[Typical, ...]]:
    """Return the phrases that each group's sessions hold, those that set it apart first.

    Args:
        phrases: Of all sessions.
        labels: Each session's group; −1 for none.
        count: How many groups there are.
    """
    sizes = np.bincount(labels[labels >= 0], minlength=count)
    expected = sizes / len(labels)
    found: list[list[Typical]] = [[] for _ in range(count)]
    for phrase in phrases:
        homes = labels[np.array(phrase.sessions, dtype=np.intp)]
        for group, inside in enumerate(np.bincount(homes[homes >= 0], minlength=count).tolist()):
            if inside >= MIN_SESSIONS:
                lift = inside / len(phrase.sessions) / expected[group]
                if lift > MIN_LIFT:
                    found[group].append(Typical(inside * float(np.log1p(lift * lift)), phrase))
    return [tuple(sorted(group, key=lambda t: (-t.score, t.phrase.text))) for group in found]


def labels_of(
    typical: Sequence[Sequence[Typical]], languages: Sequence[str], groups: Sequence[Sequence[int]], corpus: Corpus
) -> list[Label]:
    """Return one label per segment, no two alike.

    Of an English one a wish, then the thing it is about where the wish leaves that open; of another one its key
    phrases, in its own language. Nothing names a segment whose words fewer than 15 % of its sessions hold: where no
    phrase comes so far, its requests are mixed. A phrase names one segment only, unless another has nothing else.

    Args:
        typical: Each segment's phrases.
        languages: What each segment is written in, as ISO 639-1 code.
        groups: Each segment's sessions, as indexes.
        corpus: The sessions.
    """
    offered = [_offered(own, code) for own, code in zip(typical, languages, strict=True)]
    holding = Holding(corpus, groups, languages, [p for kinds in offered for own in kinds.values() for p in own])
    covering = [
        {kind: _covering(holding, number, own) for kind, own in kinds.items()} for number, kinds in enumerate(offered)
    ]
    wishes = _shared_out([own.get("do", []) for own in covering])
    things = _shared_out([own.get("thing", []) for own in covering])
    labels: list[Label] = []
    taken: set[str] = set()
    for number, language in enumerate(languages):
        own = covering[number]
        if language == "en":
            named = (
                _named(wishes.get(number), things.get(number))
                or [
                    *own["issue"][:1],
                    *sorted(own["thing"], key=lambda naming: -naming.worth),
                ][:1]
            )
        else:
            named = _key_phrases(own["key"], taken)
        taken |= {naming.phrase.text for naming in named}
        labels.append(_label(named, language, [label.text for label in labels]))
    return labels


def _offered(typical: Sequence[Typical], language: str) -> dict[str, list[Phrase]]:
    """Return the phrases that may name a segment, by kind."""
    if language != "en":
        best = sorted(typical[:_CANDIDATES], key=lambda t: -t.score * len(telling_words(t.phrase.text, language)))
        return {"key": [t.phrase for t in best]}
    kinds: dict[str, list[Phrase]] = {}
    for kind in ("do", "thing", "issue"):
        kinds[kind] = [t.phrase for t in typical if t.phrase.kind == kind and is_subject(t.phrase)][:_CANDIDATES]
    return kinds


def _covering(holding: Holding, number: int, phrases: Sequence[Phrase]) -> list[_Naming]:
    found = (holding.naming(number, phrase) for phrase in phrases)
    return [naming for naming in found if naming.share >= COVERS]


def _shared_out(offers: Sequence[Sequence[_Naming]]) -> Mapping[int, _Naming]:
    """Return the distinct phrase that names each segment best; each phrase goes to the segment that it names best."""
    ranked = sorted(
        (-naming.worth, -naming.lift, number, naming.phrase.text, naming)
        for number, own in enumerate(offers)
        for naming in own
        if naming.is_distinct
    )
    given: dict[int, _Naming] = {}
    gone: set[frozenset[str]] = set()
    for _, _, number, _, naming in ranked:
        if number not in given and naming.words not in gone:
            given[number] = naming
            gone.add(naming.words)
    return given


def _named(wish: _Naming | None, thing: _Naming | None) -> list[_Naming]:
    """Return a wish, and the thing where it says more; the thing alone where few of its sessions hold the wish."""
    if wish is None or thing is None:
        return [naming for naming in (wish, thing) if naming is not None]
    said_twice = wish.words & thing.words
    if wish.share < _WISH_WORTH * thing.share:
        return [thing] if said_twice else [thing, wish]
    return [wish] if said_twice else [wish, thing]


def _key_phrases(offers: Sequence[_Naming], taken: Collection[str]) -> list[_Naming]:
    """Return a segment's phrases that say most, none with a word of another or standing in a label that there is."""
    named: list[_Naming] = []
    known: set[str] = set()
    for naming in offers:
        if len(named) < _NAMED and naming.phrase.text not in taken and not known & naming.words:
            named.append(naming)
            known |= naming.words
    return named


def _label(named: Sequence[_Naming], language: str, labels: Sequence[str]) -> Label:
    nameless = NAMELESS if language == "en" else f"{NAMELESS} in {NAMES.get(language, language)}"
    phrases = [n.phrase.bare if language == "en" else n.phrase.text for n in named]
    return Label(_distinct(", ".join(phrases) or nameless, labels), named[0].share if named else 0.0)


def _distinct(label: str, labels: Sequence[str]) -> str:
    if label not in labels:
        return label
    return next(text for n in range(2, len(labels) + 3) if (text := f"{label} {n}") not in labels)
