"""What an earlier run sanitized and a later one carries over, joined with what is new."""

import datetime as dt
import heapq
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import reduce
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from extract.sessions import MOST_EXCHANGES, RawSession, part_number
from harness.contracts import SanitizedSession
from harness.pii.detector import merge
from harness.pii.interface import PiiSpan
from harness.pii.known.registry import KnownRegistry
from harness.pii.learning.formats import NO_SHAPES, LearnedShapes
from harness.pii.redaction import SessionRedactor, numbers_in

_MOST_TURNS = 2 * MOST_EXCHANGES
_place = attrgetter("user_key", "session_id")


def sessions_before(folder: Path, oldest: dt.date) -> int:
    """Return how many sessions of a dataset began before a day."""
    import pyarrow.parquet as pq

    columns = (
        pq.read_table(path, columns=["started_on"])["started_on"] for path in sorted(folder.glob("part-*.parquet"))
    )
    return sum(
        day is not None and day < oldest for column in columns for batch in column.chunks for day in batch.to_pylist()
    )


def continued(sessions: Iterable[RawSession], carried: Iterable[SanitizedSession]) -> Iterator[RawSession]:
    """Yield raw sessions, those that an earlier run began with what they need to go on.

    No mapping from values to placeholders is ever stored, so a session that
    goes on cannot know its earlier numbers. It takes new ones: a value may
    have two, but never two values one.

    Args:
        sessions: New ones in the canonical order.
        carried: The earlier run's, in the same order.
    """
    earlier = groupby(carried, key=lambda session: (session.user_key, session.session_id[:16]))
    place, members = next(earlier, (None, iter(())))
    begun: tuple[tuple[str, str], int, dict[str, int]] | None = None
    for raw in sessions:
        here = (raw.user_key, raw.session_id)
        while place is not None and place < here:
            place, members = next(earlier, (None, iter(())))
        if place == here:
            begun = (here, *_state(members))
            place, members = next(earlier, (None, iter(())))
        if begun is not None and begun[0] == here:
            yield replace(raw, part=raw.part + begun[1], taken=begun[2])
        else:
            yield raw


def joined(new: Iterable[SanitizedSession], carried: Iterable[SanitizedSession]) -> Iterator[SanitizedSession]:
    """Yield the sessions of both in the canonical order, those of one id as one."""
    for _, members in groupby(heapq.merge(carried, new, key=_place), key=_place):
        yield reduce(_with, members)


def without_known(
    session: SanitizedSession, registry: KnownRegistry, *, new_ids: LearnedShapes = NO_SHAPES
) -> SanitizedSession:
    """Return a carried session without values that became known since it was sanitized.

    Args:
        session: As the earlier run left it.
        registry: What is known of all users by now.
        new_ids: Formats of ids that the earlier run did not know.
    """
    found: list[list[PiiSpan]] = [
        merge((*registry.find(turn.text), *new_ids.find(turn.text))) for turn in session.turns
    ]
    if not any(found):
        return session
    redactor = SessionRedactor(taken=numbers_in(turn.text for turn in session.turns))
    turns = [
        turn.model_copy(update={"text": redactor.replace(turn.text, spans)})
        for turn, spans in zip(session.turns, found, strict=True)
    ]
    return session.model_copy(update={"turns": turns, "entities": _sum(session.entities, redactor.counts)})


def _state(members: Iterable[SanitizedSession]) -> tuple[int, dict[str, int]]:
    """Return the part that goes on, and the highest placeholder numbers of all parts."""
    taken: dict[str, int] = {}
    last = 0
    for session in members:
        numbers = numbers_in(turn.text for turn in session.turns)
        taken = {entity: max(taken.get(entity, 0), numbers.get(entity, 0)) for entity in {**taken, **numbers}}
        last = part_number(session.session_id) + (len(session.turns) >= _MOST_TURNS)
    return last, taken


def _with(session: SanitizedSession, more: SanitizedSession) -> SanitizedSession:
    ratings = {session.feedback, more.feedback}
    return session.model_copy(
        update={
            "started_on": min(session.started_on, more.started_on),
            "turns": [*session.turns, *more.turns],
            "entities": _sum(session.entities, more.entities),
            "feedback": "down" if "down" in ratings else "up" if "up" in ratings else None,
            "traits": {**session.traits, **more.traits},
            "metadata": {**more.metadata, **session.metadata},
        }
    )


def _sum(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    return dict(sorted((Counter(one) + Counter(other)).items()))
