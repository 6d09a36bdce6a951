"""What a log teaches about itself while it is read: the formats of its ids, and the words that are ordinary in it."""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import orjson

from extract.records.mapping import LoggedExchange
from harness.config import ExtractSection
from harness.pii.learning.formats import NO_SHAPES, LearnedShapes
from harness.pii.learning.ordinary import WordLearner
from harness.pii.learning.shapes import ShapeLearner
from harness.pii.setup import DetectorSetup

FEWEST_USERS = 20
"""Who must have written a format's values before it is learned."""
_QUICK = 1
"""Of zlib: words repeat so much that trying harder gains little."""
FORMATS = "learned_ids"
WORDS = "learned_ordinary"
"""Where a manifest's details hold what was learned."""


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learned; holds no value of anybody's."""

    ids: LearnedShapes = NO_SHAPES
    """Formats of ids that many users write, each user another value."""
    ordinary: tuple[str, ...] = ()
    """Words that the assistant told many users as ordinary nouns, sorted."""

    def setup(self, setup: DetectorSetup) -> DetectorSetup:
        """Return a detector's setup with what was learned."""
        return replace(setup, learned_ids=self.ids, ordinary=frozenset(self.ordinary))

    def to_details(self) -> dict[str, Any]:
        """Return this as a manifest's details hold it."""
        return {FORMATS: {**self.ids.to_dict(), "shown": list(self.ids.shown)}, WORDS: list(self.ordinary)}

    @classmethod
    def of_details(cls, details: dict[str, Any]) -> "Learned":
        """Return what a manifest's details hold; nothing where an earlier release wrote them.

        Raises:
            InputError: If they cannot be read.
        """
        if FORMATS not in details:
            return cls()
        return cls(LearnedShapes.from_json(orjson.dumps(details[FORMATS]).decode()), tuple(details.get(WORDS, ())))


class LogLearner:
    """Learns from exchanges in any order, in bounded memory; what parts of a log teach merges into what all of it does.

    Args:
        section: Says what is to be learned.
    """

    def __init__(self, section: ExtractSection) -> None:
        self._ids = ShapeLearner() if section.pii.learn_ids else None
        self._words = WordLearner() if section.pii.learn_ordinary else None

    def add(self, user_key: str, exchange: LoggedExchange) -> None:
        """Learn from one exchange.

        Args:
            user_key: Tells users apart.
            exchange: As it was logged.
        """
        if self._ids is not None:
            self._ids.add(user_key, exchange.prompt)
        if self._words is not None and exchange.response is not None:
            self._words.add(user_key, exchange.response)

    def merge(self, states: Iterable[bytes]) -> None:
        """Learn what learners of other parts of the log have learned."""
        for state in states:
            ids, told = orjson.loads(zlib.decompress(state))
            if self._ids is not None:
                self._ids.merge(ShapeLearner.of(ids))
            if self._words is not None:
                self._words.merge(WordLearner.of(told))

    def state(self) -> bytes:
        """Return what ``merge`` takes: hashes of users and values, shapes, and the assistant's words."""
        states = self._ids.state() if self._ids else {}, self._words.state() if self._words else {}
        return zlib.compress(orjson.dumps(states), _QUICK)

    def learned(self, min_users: int, *, earlier: Learned | None = None) -> Learned:
        """Return what was learned.

        Args:
            min_users: k. No format is learned from fewer users, nor from fewer than ``FEWEST_USERS``.
            earlier: What earlier nights taught. Formats are kept; words, too, but those that now stand as names.
        """
        before = earlier or Learned()
        ids = self._ids.learned(max(min_users, FEWEST_USERS)) | before.ids if self._ids is not None else NO_SHAPES
        if self._words is None:
            return Learned(ids)
        ordinary = self._words.learned() | (frozenset(before.ordinary) - self._words.refuted(before.ordinary))
        return Learned(ids, tuple(sorted(ordinary)))
