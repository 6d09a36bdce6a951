"""What users wrote, and how many of them wrote each word."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from harness.contracts import SanitizedSession
from personas.lexicon import PLACEHOLDER, tokens

RARE = "<RARE>"
OPENING_CHARS = 400
"""Of a session's text that is looked at."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """One message of a user."""

    session: int
    """Index of its session."""
    user: str
    first: bool
    """Whether it opens its session."""
    tokens: tuple[str, ...]


class Corpus:
    """The user's side of a dataset's sessions.

    Args:
        sessions: Sanitized sessions; those in which no user said anything are left out.
        min_users: k: a word that fewer users wrote is rare.
    """

    def __init__(self, sessions: Iterable[SanitizedSession], *, min_users: int) -> None:
        self.min_users = min_users
        self.sessions: list[SanitizedSession] = [s for s in sessions if any(texts_of(s))]
        self.utterances = list(self._read())
        self._writers = self._count_writers()

    @property
    def users(self) -> int:
        """Distinct users."""
        return len({session.user_key for session in self.sessions})

    def place(self, session_id: str) -> int:
        """Return a session's index.

        Raises:
            KeyError: If there is no such session.
        """
        return self._places[session_id]

    @cached_property
    def _places(self) -> dict[str, int]:
        return {session.session_id: index for index, session in enumerate(self.sessions)}

    def all_texts(self) -> Iterator[str]:
        """Yield every logged line, the assistant's too."""
        for session in self.sessions:
            for turn in session.turns:
                yield turn.text

    def is_common(self, word: str) -> bool:
        """Return whether at least k users wrote a word (any case)."""
        return self._writers.get(word.lower(), 0) >= self.min_users

    def is_rare(self, word: str) -> bool:
        """Return whether somebody wrote a word (any case), but fewer than k users."""
        return 0 < self._writers.get(word.lower(), 0) < self.min_users

    def masked(self, text: str) -> str:
        """Return a logged text in which rare words and numbers stand as ``<RARE>``; placeholders stay."""
        parts = []
        for token in tokens(text):
            keeps = not token[0].isalnum() or PLACEHOLDER.fullmatch(token) or self.is_common(token)
            parts.append(token if keeps else RARE)
        return _joined(parts)

    def _read(self) -> Iterator[Utterance]:
        for index, session in enumerate(self.sessions):
            for place, text in enumerate(texts_of(session)):
                yield Utterance(index, session.user_key, place == 0, tuple(tokens(text)))

    def _count_writers(self) -> dict[str, int]:
        writers: dict[str, set[str]] = defaultdict(set)
        for utterance in self.utterances:
            for token in utterance.tokens:
                known = writers[token.lower()]
                if len(known) < self.min_users:
                    known.add(utterance.user)
        return {word: len(users) for word, users in writers.items()}


def texts_of(session: SanitizedSession) -> list[str]:
    """Return what the user said in a session, turn by turn."""
    return [turn.text for turn in session.turns if turn.role == "user" and turn.text.strip()]


def opening_of(session: SanitizedSession) -> str:
    """Return the beginning of what the user said in a session: what somebody wants, and in which language, is said early.

    What is measured on it costs the same for a conversation of a hundred messages as for one of three.
    """
    return " \n ".join(texts_of(session))[:OPENING_CHARS]


def _joined(parts: Sequence[str]) -> str:
    text = ""
    for part in parts:
        glued = not part[0].isalnum() and part[0] != "<"
        text += part if glued or not text else f" {part}"
    return text
