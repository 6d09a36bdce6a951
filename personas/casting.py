"""Which persona talks about what, in which language, and in which ways it is difficult."""

from collections.abc import Sequence
from math import log1p

from harness.pii import PiiDetector
from personas.corpus import Corpus
from personas.foreign import LANGUAGES, mine_foreign
from personas.offline import Cast
from personas.phrases import Phrase, mine_questions
from personas.portrait import portraits
from personas.scene import Material
from personas.screening import SURE
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
    questions = _clean(mine_questions(corpus), personal)
    spoken = {segment.languages.most_common(1)[0][0] for segment in segments}
    foreign = {language: _clean(mine_foreign(corpus, language), personal) for language in spoken & set(LANGUAGES)}
    return [
        Cast(persona, _material(segment, phrases, questions, foreign, corpus), segment.manner, language)
        for persona, segment in zip(portraits(segments), segments, strict=True)
        for language in [segment.languages.most_common(1)[0][0]]
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


def _clean(phrases: Sequence[Phrase], personal: PiiDetector) -> list[Phrase]:
    return [phrase for phrase in phrases if all(span.score < SURE for span in personal.find(phrase.text))]


def _material(
    segment: Segment,
    phrases: Sequence[Phrase],
    questions: Sequence[Phrase],
    foreign: dict[str, list[Phrase]],
    corpus: Corpus,
) -> Material:
    sessions = len(corpus.sessions)
    language = segment.languages.most_common(1)[0][0]
    if language in foreign:
        return Material.foreign(_typical(foreign[language], segment.members, sessions))
    return Material.of(segment.phrases, phrases, _typical(questions, segment.members, sessions))


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
