"""The copy firewall: no prompt repeats what somebody wrote, not with a word changed and not in disguise."""

from array import array
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from personas.spelling import Vocabulary

RUN = 8
"""Words in a row that no prompt shares with a logged line, unless configured otherwise."""
FEWEST_NEAR = 8
"""A shorter window with a word changed is anybody's: "how do I _ my" is no copy."""
WHOLE = 4
"""A whole message of at least so many words may not be somebody's whole message."""

_Ids = NDArray[np.uint64]
# Odd multiplier of Knuth's 64-bit congruential generator; unsigned arithmetic wraps on purpose.
_FACTOR = 6364136223846793005
_GAP = 1 << 62
"""Stands in a hash for a word that is left open; no word has this number."""


class CopyFirewall:
    """Knows every run of words in the logs, and every run with one word left open.

    Words are compared as ``spelling`` reads them: without case, marks, accents,
    look-alikes, hidden characters, and with slips of one letter put right;
    numbers are all alike. Runs become 64-bit polynomial hashes, so that memory
    and time grow with the log's length only. A collision (one in 10¹² or so)
    rejects a prompt that was fine.

    A window is near a logged one when the words between its first and its last
    are the same but for one that was replaced, added, left out, or swapped
    with its neighbour.

    Args:
        lines: Every logged line, of users and assistant alike.
        run: Words in a row that count as a copy, at least 4.
    """

    def __init__(self, lines: Iterable[str], *, run: int = RUN) -> None:
        self._vocabulary = Vocabulary()
        self._run = run
        self._window = max(run, FEWEST_NEAR)
        stream = array("Q")
        whole: set[int] = set()
        for line in dict.fromkeys(lines):
            numbers = self._vocabulary.learned(line)
            if len(numbers) >= WHOLE:
                whole.add(hash(tuple(numbers)))
            stream.extend(numbers)
            stream.append(0)  # no run crosses the end of a line
        self._whole = whole
        ids: _Ids = np.array(stream, dtype=np.uint64)
        self._runs = np.unique(_run_hashes(ids, self._run))
        self._windows = self._runs if self._window == self._run else np.unique(_run_hashes(ids, self._window))
        self._open = _sorted_together([np.unique(hashes) for hashes in _with_gaps(ids, self._window)])

    def reason(self, turns: Sequence[str]) -> str | None:
        """Return why a prompt is a copy: ``copied_run``, ``copied_message`` or ``near_copy``; None where it is none."""
        read = [self._vocabulary.read(turn) for turn in turns]
        # Tools that look for copies join the turns, so runs across turns count.
        ids = np.array([number for numbers in read for number in numbers], dtype=np.uint64)
        if _any_in(_run_hashes(ids, self._run), self._runs):
            return "copied_run"
        if any(len(numbers) >= WHOLE and hash(tuple(numbers)) in self._whole for numbers in read):
            return "copied_message"
        return "near_copy" if self._near(ids) else None

    def _near(self, ids: _Ids) -> bool:
        size = self._window
        replaced = _with_gaps(ids, size)
        left_out = (_opened(ids, size, place) for place in range(1, size - 1))
        if _any_in(np.concatenate([*replaced, *left_out]), self._open):
            return True
        added = (_skipping(ids, size, place) for place in range(1, size))
        swapped = (_swapping(ids, size, place) for place in range(size - 1))
        return _any_in(np.concatenate([*added, *swapped]), self._windows)


def _run_hashes(ids: _Ids, size: int) -> _Ids:
    """Return the hash of every run of ``size`` words; runs over a line's end have the hash 0, which counts as none."""
    return _hashes(ids, list(range(size)))


def _with_gaps(ids: _Ids, size: int) -> Iterator[_Ids]:
    """Yield, for each place inside a run, the hashes of all runs with that place left open."""
    for place in range(1, size - 1):
        yield _hashes(ids, [*range(place), None, *range(place + 1, size)])


def _opened(ids: _Ids, size: int, place: int) -> _Ids:
    """Return the hashes of all runs one word shorter, with a place opened for the word that was left out."""
    return _hashes(ids, [*range(place), None, *range(place, size - 1)])


def _skipping(ids: _Ids, size: int, place: int) -> _Ids:
    """Return the hashes of all runs one word longer, without the word at a place."""
    return _hashes(ids, [offset for offset in range(size + 1) if offset != place])


def _swapping(ids: _Ids, size: int, place: int) -> _Ids:
    """Return the hashes of all runs with the words at a place and after it swapped."""
    offsets = list(range(size))
    offsets[place], offsets[place + 1] = place + 1, place
    return _hashes(ids, offsets)


def _hashes(ids: _Ids, offsets: Sequence[int | None]) -> _Ids:
    """Return a hash for every place of a text, of the words at these offsets from it; None is an open place."""
    count = len(ids) - max(offset for offset in offsets if offset is not None)
    if count <= 0:
        return np.empty(0, dtype=np.uint64)
    mixed = _scrambled(ids)
    gap = _scrambled(np.array([_GAP], dtype=np.uint64))[0]
    hashes = np.zeros(count, dtype=np.uint64)
    broken = np.zeros(count, dtype=bool)
    for offset in offsets:
        hashes *= np.uint64(_FACTOR)
        hashes += gap if offset is None else mixed[offset : offset + count]
    # An open place may not be the end of a line either.
    for offset in range(len(ids) - count + 1):
        broken |= ids[offset : offset + count] == 0
    hashes[broken] = 0
    return hashes


def _scrambled(ids: _Ids) -> _Ids:
    """Return numbers spread over 64 bits (the finalizer of SplitMix64, Steele et al. 2014)."""
    mixed = (ids ^ (ids >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def _sorted_together(parts: Sequence[_Ids]) -> _Ids:
    together = np.concatenate(parts)
    together.sort()
    return together


def _any_in(hashes: _Ids, known: _Ids) -> bool:
    if not len(hashes) or not len(known):
        return False
    places = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
    return bool(((known[places] == hashes) & (hashes != 0)).any())
