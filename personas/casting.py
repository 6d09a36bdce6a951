"""Which persona talks about what, in which language, and in which ways it is difficult."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import log1p

from harness.pii import PiiDetector
from personas.corpus import Corpus
from personas.foreign import LANGUAGES, mine_foreign
from personas.offline import Cast
from personas.phrasebook import LIGHT_VERBS
from personas.phrases import Phrase, mine_questions, without_personal
from personas.portrait import portraits
from personas.scene import Material
from personas.segments import Segment
from personas.strategies import STRATEGIES
from personas.strategies.everyday import LONG_CONVERSATION
from personas.strategies.translated import TEMPLATES

FOREIGN = 40.0
"""How much more often a persona whose language has no templates writes it all the same: most of its prompts."""
_UNTRANSLATED = 0.15
"""Of the share of a strategy that has no templates in a persona's language."""
_SEVERAL_TURNS = frozenset({"follow_up", "goal_change"})
_HOLDS_CONVERSATIONS = 4.0
"""How much more often a persona holds conversations whose users do so."""
_SINGLE_QUESTIONS = 0.6
_MORE_THAN_CHANCE = 2.0
"""How much more often a later question is asked about a matter than anywhere."""
_NEAR_THE_BEST = 0.85
_FEWEST_SESSIONS = 2
"""Sessions of a segment that a phrase has to be in to say anything about it."""


def cast_of(
    segments: Sequence[Segment], phrases: Sequence[Phrase], corpus: Corpus, personal: PiiDetector
) -> list[Cast]:
    """Return a persona for each segment, with what it talks about.

    Args:
        segments: Of the corpus.
        phrases: Mined from it.
        corpus: The users' side of the dataset.
        personal: Phrases in which it finds something are passed over.
    """
    questions = without_personal(mine_questions(corpus), personal)
    follows = follows_of([*phrases, *(q for q in questions if q.kind == "ask")], questions, corpus)
    spoken = [segment.languages.most_common(1)[0][0] for segment in segments]
    foreign = {code: without_personal(mine_foreign(corpus, code), personal) for code in LANGUAGES if code in spoken}
    their_own = [
        _typical(foreign[language], segment.members, len(corpus.sessions)) if language in foreign else None
        for segment, language in zip(segments, spoken, strict=True)
    ]
    return [
        Cast(
            persona,
            # English sentences take English phrases only.
            Material.of(
                segment.phrases if language == "en" else (),
                phrases,
                _typical(questions, segment.members, len(corpus.sessions)),
                follows,
            )
            if own is None
            else Material.foreign(own, foreign[language]),
            segment.manner,
            language,
        )
        for persona, segment, own, language in zip(
            portraits(segments, their_own), segments, their_own, spoken, strict=True
        )
    ]


def shares_of(player: Cast) -> dict[str, float]:
    """Return the strategies' relative shares for a persona: by its language, and by whether it holds conversations."""
    shares = {}
    for strategy in STRATEGIES:
        share = strategy.share
        if strategy.name in _SEVERAL_TURNS:
            share *= _HOLDS_CONVERSATIONS if player.manner.turns >= LONG_CONVERSATION else _SINGLE_QUESTIONS
        if player.language in TEMPLATES:
            share *= 1.0 if strategy.name in (*TEMPLATES[player.language], "other_language") else _UNTRANSLATED
        elif player.language != "en":
            share *= FOREIGN if strategy.name == "other_language" else 1.0
        shares[strategy.name] = share
    return shares


def _matter(phrase: Phrase) -> str:
    """Return what says what a phrase is about: the last noun of a thing, the verb too of a wish, the whole of a sentence."""
    first, last = phrase.text.split(" ", 1)[0], phrase.text.rsplit(" ", 1)[-1].lower()
    if phrase.kind == "do":
        # To find, book and reserve a room is one matter; to lose, to freeze and to order a card are three.
        return last if first in LIGHT_VERBS else f"{first} {last}"
    return last if phrase.kind == "thing" else phrase.text


def follows_of(openings: Sequence[Phrase], questions: Sequence[Phrase], corpus: Corpus) -> dict[str, tuple[str, ...]]:
    """Return what users ask later in conversations about a phrase: questions that at least k users put after it.

    Args:
        openings: Wishes, things, troubles and opening questions.
        questions: Of which those that follow something are looked at.
        corpus: Knows whose the sessions are.
    """
    matters: dict[str, set[int]] = defaultdict(set)
    for phrase in openings:
        matters[_matter(phrase)].update(phrase.sessions)
    asked: dict[str, list[str]] = defaultdict(list)
    for question in questions:
        lifts = _lifts(question, matters, corpus) if question.kind == "follow" else {}
        for matter, lift in lifts.items():
            # Matters that come in one conversation share its questions: only those that a question fits best count.
            if lift > max(_MORE_THAN_CHANCE, _NEAR_THE_BEST * max(lifts.values())):
                asked[matter].append(question.text)
    return {phrase.text: tuple(asked[matter]) for phrase in openings if (matter := _matter(phrase)) in asked}


def _lifts(question: Phrase, matters: Mapping[str, set[int]], corpus: Corpus) -> dict[str, float]:
    """Return how much more often a question is asked about each matter than anywhere; of those with k users only."""
    lifts: dict[str, float] = {}
    named = set(question.text.lower().split())
    for matter, sessions in matters.items():
        if matter in named:
            # A question is no answer to what it is about: it follows something else.
            continue
        both = sessions.intersection(question.sessions)
        if len({corpus.sessions[i].user_key for i in both}) >= corpus.min_users:
            lifts[matter] = len(both) / len(question.sessions) / (len(sessions) / len(corpus.sessions))
    return lifts


def _typical(phrases: Sequence[Phrase], group: Sequence[int], sessions: int) -> list[Phrase]:
    """Return the phrases of a group's sessions, by support in the group times the logarithm of its lift over all."""
    members, expected = set(group), len(group) / sessions
    scored = []
    for phrase in phrases:
        inside = sum(index in members for index in phrase.sessions)
        lift = inside / len(phrase.sessions) / expected
        if inside >= _FEWEST_SESSIONS:
            scored.append((-inside * log1p(lift * lift), phrase.text, phrase))
    return [phrase for _, _, phrase in sorted(scored, key=lambda item: item[:2])]
