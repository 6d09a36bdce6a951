"""Exchanges grouped into sessions, in the order they happened."""

from collections.abc import Iterator
from dataclasses import dataclass

from extract.mapping import Feedback, LoggedExchange
from harness.identity import keyed_hash


@dataclass(frozen=True, slots=True)
class RawSession:
    """One user's conversation as logged. Never written anywhere."""

    session_id: str
    """Keyed hash."""
    user_key: str
    """Keyed hash."""
    exchanges: tuple[LoggedExchange, ...]

    @property
    def feedback(self) -> Feedback | None:
        """``down`` if any exchange was rated so, else ``up`` if any was."""
        ratings = {exchange.feedback for exchange in self.exchanges}
        return "down" if "down" in ratings else "up" if "up" in ratings else None

    @property
    def metadata(self) -> dict[str, str]:
        """The first value of each allow-listed field."""
        found: dict[str, str] = {}
        for exchange in self.exchanges:
            for name, value in exchange.kept.items():
                found.setdefault(name, value)
        return found


class SessionGroups:
    """Collects exchanges by session.

    The key is session and user: logs exist in which several users share a
    session id, and their texts must not end up in one conversation.
    """

    def __init__(self) -> None:
        self._groups: dict[tuple[str, str], list[LoggedExchange]] = {}

    def add(self, exchange: LoggedExchange) -> None:
        """Add one exchange."""
        self._groups.setdefault((exchange.session, exchange.user), []).append(exchange)

    def __len__(self) -> int:
        return len(self._groups)

    def users(self) -> set[str]:
        """Return the raw user ids."""
        return {user for _, user in self._groups}

    def session_ids(self) -> set[str]:
        """Return the raw session ids."""
        return {session for session, _ in self._groups}

    def take(self, key: bytes) -> Iterator[RawSession]:
        """Yield the sessions sorted by hashed id, so that the order of files and lines does not matter; empties the groups."""
        hashed = sorted((keyed_hash(key, f"{session}\x1f{user}"), session, user) for session, user in self._groups)
        for session_id, session, user in hashed:
            exchanges = self._groups.pop((session, user))
            exchanges.sort(key=lambda e: (e.at, e.line, e.source, e.prompt))
            yield RawSession(session_id, keyed_hash(key, user), tuple(exchanges))
