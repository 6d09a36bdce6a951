"""Answers that are good for certain: quoted from the contexts, or, where there are none, questions that claim nothing."""

import random
from collections.abc import Iterable

from harness.contracts import Exchange
from judge import forgery
from judge.groundedness.language import sentences

_MIN_WORDS = 5
_MAX_WORDS = 60
_MOST = 3
"""Sentences of one quotation."""
_OPENINGS = (
    "I'm happy to help with that.",
    "Thank you for your message.",
    "Thanks for getting in touch.",
    "Let's sort this out together.",
    "Good that you ask.",
)
_QUESTIONS = (
    "Could you tell me a little more about what you would like to do?",
    "What exactly would you like to know?",
    "Could you describe what you see, step by step?",
    "Which part of it should we begin with?",
    "Could you say in your own words what you need?",
)


def quotable(contexts: Iterable[str]) -> list[str]:
    """Return the sentences of contexts that can stand alone and order nobody about as a judge."""
    return [sentence for context in contexts for sentence in sentences(context) if _stands_alone(sentence)]


def good_answer(exchange: Exchange, chance: random.Random) -> str | None:
    """Return an answer to an exchange's prompt that nobody can find fault with; None where none can be made.

    Args:
        exchange: With its contexts.
        chance: Chooses.
    """
    if not exchange.contexts:
        return f"{chance.choice(_OPENINGS)} {chance.choice(_QUESTIONS)}"
    passages = [found for context in exchange.contexts if (found := quotable([context]))]
    if not passages:
        return None
    passage = chance.choice(passages)
    start = chance.randrange(len(passage))
    return " ".join(passage[start : start + chance.randint(1, _MOST)])


def origin_of(exchange: Exchange) -> str:
    """Return what a good answer to this exchange is."""
    return "quotation" if exchange.contexts else "question"


def _stands_alone(sentence: str) -> bool:
    whole = sentence[:1].isupper() and sentence.endswith(".") and "\n" not in sentence
    fits = _MIN_WORDS <= len(sentence.split()) <= _MAX_WORDS
    return whole and fits and forgery.addresses_judge(sentence).passed is not None
