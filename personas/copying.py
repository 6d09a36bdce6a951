"""The copy firewall: no prompt repeats what somebody wrote, not with a word changed and not in disguise."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from personas.spelling import Vocabulary, joins_words
from personas.windows import Hashes, Windows, runs_at, scrambled, windows_of

RUN = 8
"""Words in a row that no prompt shares with a logged line, unless configured otherwise."""
FEWEST_NEAR = 8
"""A shorter window with a word changed is anybody's: "how do I _ my" is no copy."""
WHOLE = 4
"""A whole message of at least so many words may not be somebody's whole message."""
_CHUNK = 50_000
"""Windows hashed at once."""


class CopyFirewall:
    """Knows every run of words in the logs, and every run with one word left open.

    Words are compared as ``spelling`` reads them: without case, marks, accents,
    look-alikes, hidden characters, and with slips of one letter put right;
    numbers are all alike. Runs become 64-bit hashes, so that memory and time
    grow with the log's length only. A collision (one in 10¹² or so) rejects a
    prompt that was fine.

    Who looks for copies may take "I'm" for two words: runs are compared read so, too.

    A window is near a logged one when the words between its first and its last
    are the same but for one that was replaced, added, left out, or swapped
    with its neighbour.

    Args:
        lines: Every logged line, of users and assistant alike.
        run: Words in a row that count as a copy, at least 4.
    """

    def __init__(self, lines: Iterable[str], *, run: int = RUN) -> None:
        self._vocabulary = Vocabulary()
        self._run = Windows(run)
        self._window = Windows(max(run, FEWEST_NEAR))
        stream, apart = array("Q"), array("Q")
        whole: set[int] = set()
        for line in dict.fromkeys(lines):
            numbers = self._vocabulary.learned(line)
            if len(numbers) >= WHOLE:
                whole.add(hash(tuple(numbers)))
            # No run crosses the end of a line.
            stream.extend((*numbers, 0))
            if joins_words(line):
                apart.extend((*self._vocabulary.learned(line, apart=True), 0))
        self._whole = whole
        ids = _ids(stream)
        self._apart = _known(_ids(apart), self._run.size, self._run.whole)
        """Of the lines that can be read in two ways, read in the other."""
        self._runs = _known(ids, self._run.size, self._run.whole)
        same = self._window.size == run
        self._windows = self._runs if same else _known(ids, self._window.size, self._window.whole)
        self._open = _known(ids, self._window.size, self._window.opened)

    def reason(self, turns: Sequence[str]) -> str | None:
        """Return why a prompt is a copy: ``copied_run``, ``copied_message`` or ``near_copy``; None where it is none."""
        read = [self._vocabulary.read(turn) for turn in turns]
        # Tools that look for copies join the turns, so runs across turns count.
        said = _joined(read)
        apart = said
        if any(map(joins_words, turns)):
            apart = _joined([self._vocabulary.read(turn, apart=True) for turn in turns])
        if self._repeats(said) or self._repeats(apart):
            return "copied_run"
        if any(len(numbers) >= WHOLE and hash(tuple(numbers)) in self._whole for numbers in read):
            return "copied_message"
        return "near_copy" if self._near(said) else None

    def _repeats(self, said: Hashes) -> bool:
        runs = self._run.whole(windows_of(said, self._run.size))
        return _any_in(runs, self._runs) or _any_in(runs, self._apart)

    def _near(self, said: Hashes) -> bool:
        near = self._window
        short, same, long = (windows_of(said, near.size + by) for by in (-1, 0, 1))
        return _any_in(_together(near.opened(same), near.with_one_more(short)), self._open) or _any_in(
            _together(near.with_one_less(long), near.swapped(same)), self._windows
        )


def _ids(stream: "array[int]") -> Hashes:
    return np.frombuffer(stream, dtype=np.uint64) if stream else np.empty(0, dtype=np.uint64)


def _joined(read: Sequence[Sequence[int]]) -> Hashes:
    return scrambled(np.array([number for numbers in read for number in numbers], dtype=np.uint64))


def _known(ids: Hashes, size: int, hashed: Callable[[Hashes], Hashes]) -> Hashes:
    """Return the distinct hashes of all windows inside the lines, sorted; a line's end has the number 0."""
    parts = list(_hashed(ids, size, hashed))
    if not parts:
        return np.empty(0, dtype=np.uint64)
    together = np.concatenate(parts)
    parts.clear()
    together.sort()
    first = np.ones(len(together), dtype=bool)
    np.not_equal(together[1:], together[:-1], out=first[1:])
    return together[first]


def _hashed(ids: Hashes, size: int, hashed: Callable[[Hashes], Hashes]) -> Iterator[Hashes]:
    ends = np.cumsum(np.concatenate([[0], ids == 0]))
    starts = np.flatnonzero(ends[size:] == ends[:-size])
    words = scrambled(ids)
    for begin in range(0, len(starts), _CHUNK):
        yield hashed(runs_at(words, starts[begin : begin + _CHUNK], size)).ravel()


def _together(*parts: Hashes) -> Hashes:
    return np.concatenate([part.ravel() for part in parts])


def _any_in(hashes: Hashes, known: Hashes) -> bool:
    if not len(hashes) or not len(known):
        return False
    places = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
    return bool((known[places] == hashes).any())
