"""What the server remembers of conversations: the latest turns of the latest threads."""

from collections import OrderedDict

from larkfield.answer import Turn

MOST_THREADS = 5_000
MOST_TURNS = 12


class Threads:
    """A bounded memory of conversations: the thread that was quiet longest is forgotten first."""

    def __init__(self, *, most: int = MOST_THREADS) -> None:
        self._most = most
        self._turns: OrderedDict[str, tuple[Turn, ...]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._turns)

    def history(self, thread: str) -> tuple[Turn, ...]:
        """Return the remembered turns of a thread, oldest first."""
        return self._turns.get(thread, ())

    def remember(self, thread: str, turn: Turn) -> None:
        """Add a turn to a thread. A thread without a name is not remembered."""
        if not thread:
            return
        self._turns[thread] = (*self.history(thread), turn)[-MOST_TURNS:]
        self._turns.move_to_end(thread)
        if len(self._turns) > self._most:
            self._turns.popitem(last=False)
