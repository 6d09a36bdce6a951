"""The copy firewall: no prompt repeats what somebody wrote."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from personas.lexicon import words

RUN = 8
"""Words in a row that no prompt shares with a logged line."""
NEAR_RUN = 10
"""A run of so many words may not equal a logged one but for one word either."""
WHOLE = 4
"""A whole message of at least so many words may not be somebody's whole message."""

_Ids = NDArray[np.uint64]


class CopyFirewall:
    """Knows every run of words in the logs.

    Words become numbers and runs 64-bit polynomial hashes, so that 100,000
    sessions take some tens of megabytes. A collision (one in 10¹² or so) only
    rejects a prompt that was fine.

    Args:
        lines: Every logged line, of users and assistant alike.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self._vocabulary: dict[str, int] = {}
        stream: list[int] = []
        whole: set[int] = set()
        for line in lines:
            ids = [self._vocabulary.setdefault(word, len(self._vocabulary) + 1) for word in words(line)]
            if len(ids) >= WHOLE:
                whole.add(hash(tuple(ids)))
            stream.extend(ids)
            stream.append(0)  # no run crosses the end of a line
        self._whole = whole
        self._stream = np.array(stream + [0] * NEAR_RUN, dtype=np.uint64)
        self._runs = np.unique(_run_hashes(self._stream, RUN))
        halves = _run_hashes(self._stream, NEAR_RUN // 2)
        self._half_places = np.argsort(halves, kind="stable")
        self._halves = halves[self._half_places]

    def reason(self, turns: Sequence[str]) -> str | None:
        """Return why a prompt is a copy: ``copied_run``, ``copied_message`` or ``near_copy``; None where it is none."""
        # The suite's texts are also searched with their turns joined, so runs across turns count.
        ids = self._ids(" ".join(turns))
        if len(ids) >= RUN and self._has_run(ids):
            return "copied_run"
        if any(self._is_whole(turn) for turn in turns):
            return "copied_message"
        return "near_copy" if self._near(ids) else None

    def _has_run(self, ids: _Ids) -> bool:
        hashes = _run_hashes(ids, RUN)
        places = np.minimum(np.searchsorted(self._runs, hashes), len(self._runs) - 1)
        return bool((self._runs[places] == hashes).any())

    def _ids(self, text: str) -> _Ids:
        # An unknown word gets a number of its own, so that no run over it is found.
        unknown = 1 << 40
        return np.array(
            [self._vocabulary.get(word, unknown + i) for i, word in enumerate(words(text))], dtype=np.uint64
        )

    def _is_whole(self, turn: str) -> bool:
        ids = [self._vocabulary.get(word, -1) for word in words(turn)]
        return len(ids) >= WHOLE and hash(tuple(ids)) in self._whole

    def _near(self, ids: _Ids) -> bool:
        """Whether a window equals a logged one but for one word: then one of its halves equals exactly."""
        half = NEAR_RUN // 2
        if len(ids) < NEAR_RUN:
            return False
        hashes = _run_hashes(ids, half)
        first = np.searchsorted(self._halves, hashes, "left")
        last = np.searchsorted(self._halves, hashes, "right")
        for i in np.flatnonzero(last > first):
            places = self._half_places[first[i] : last[i]]
            for shift in (half, -half):
                start = int(i) + shift
                if 0 <= start <= len(ids) - half and self._differ_once(places + shift, ids[start : start + half]):
                    return True
        return False

    def _differ_once(self, places: NDArray[np.intp], half: _Ids) -> bool:
        places = places[places >= 0]
        other = self._stream[places[:, None] + np.arange(len(half))]
        return bool(((other != half).sum(axis=1) <= 1).any())


def _run_hashes(ids: _Ids, size: int) -> _Ids:
    """Return the hash of every run of ``size`` words; runs over a line's end get one that no prompt has."""
    count = len(ids) - size + 1
    if count <= 0:
        return np.empty(0, dtype=np.uint64)
    hashes = np.zeros(count, dtype=np.uint64)
    broken = np.zeros(count, dtype=bool)
    for offset in range(size):
        part = ids[offset : offset + count]
        # Odd multiplier of Knuth's 64-bit congruential generator; unsigned arithmetic wraps on purpose.
        hashes = hashes * np.uint64(6364136223846793005) + _scrambled(part)
        broken |= part == 0
    hashes[broken] = 0
    return hashes


def _scrambled(ids: _Ids) -> _Ids:
    """Return numbers spread over 64 bits (the finalizer of SplitMix64, Steele et al. 2014)."""
    mixed = (ids ^ (ids >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
