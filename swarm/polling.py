"""Asynchronous APIs: where the answer is asked for, and whether it is there."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Literal
from urllib.parse import quote, urlsplit

from harness.config import PollSection
from harness.errors import ConfigurationError
from swarm.clock import Clock
from swarm.delivery import Delivery, Flight
from swarm.hosts import Origin, joined, origin_of, request_path
from swarm.mapping import Request
from swarm.paths import Getter, compiled, is_truth
from swarm.reply import Received, json_or_none

Progress = Literal["waiting", "done", "failed", "refused"]
_PLACE = re.compile(r"\{([^{}]+)\}")


class Polling:
    """Reads the replies of an asynchronous target.

    Args:
        poll: Where to ask, and how to tell that the answer is there.

    Raises:
        ConfigurationError: If an expression is not valid JMESPath; names its key.
    """

    def __init__(self, poll: PollSection) -> None:
        self._every_s = poll.every_s
        self._done = _needed(poll.until, "target.poll.until")
        self._failed = compiled(poll.failed, "target.poll.failed")
        self._url = None if poll.url is None else _template(poll.url, "target.poll.url")
        self._result = None if poll.result is None else _template(poll.result, "target.poll.result")

    def answer(
        self, delivery: Delivery, origin: Origin, request: Request, accepted: Received, flight: Flight
    ) -> Received:
        """Ask until the answer is there; return it, or the reply that says that there will be none.

        Args:
            delivery: Brings the questions there.
            origin: Where the prompt was sent.
            request: How.
            accepted: The reply to it.
            flight: The turn's; its deadline holds for everything together.

        Raises:
            NoReplyError: If no byte of a reply to a question came.
            HostNotAllowedError: If a host resolves to an address that is never contacted.
        """
        questions = _Questions(delivery, origin, request, flight)
        received = accepted
        while (progress := self.progress(received)) == "waiting":
            place = None if _is_throttled(accepted) else self.place(questions.url, accepted)
            if place is None:
                flight.refusal = None if _is_throttled(accepted) else "no_place_to_poll"
                return received
            if not _waited(self.pause_s(received), flight.deadline):
                return received if _is_throttled(received) else Received(fault="timeout", body=received.body)
            received = questions.ask(place, received)
            if flight.refusal is not None:
                return received
        if progress == "failed":
            flight.refusal = "job_failed"
        return self._final(questions, received) if progress == "done" else received

    def _final(self, questions: "_Questions", done: Received) -> Received:
        """Return the answer, fetched from a place of its own if it has one."""
        if self._result is None:
            return done
        place = self._result(json_or_none(done.body))
        if place is None:
            questions.flight.refusal = "no_place_of_result"
            return done
        return questions.ask(joined(questions.url, place), done)

    def progress(self, received: Received) -> Progress:
        """Return how far the target says it is.

        ``refused``: the reply is none that says it; what becomes of it is for the table of outcomes.
        """
        if received.fault is not None:
            return "refused"
        if _is_throttled(received) and "retry-after" in received.headers:
            return "waiting"
        if received.status is None or not 200 <= received.status < 300:
            return "refused"
        value = json_or_none(received.body)
        if self._failed is not None and is_truth(self._failed(value)):
            return "failed"
        return "done" if is_truth(self._done(value)) else "waiting"

    def place(self, url: str, accepted: Received) -> str | None:
        """Return where to ask after a reply to the prompt; None where it does not say.

        Args:
            url: Where the prompt was sent.
            accepted: The reply.
        """
        place = accepted.headers.get("location") if self._url is None else self._url(json_or_none(accepted.body))
        return None if not place else joined(url, place)

    def pause_s(self, received: Received) -> float:
        """Return how long to wait before asking again."""
        return max(self._every_s, retry_after_s(received.headers.get("retry-after")))


@dataclass(frozen=True, slots=True)
class _Questions:
    """Asks about one prompt's answer."""

    delivery: Delivery
    origin: Origin
    request: Request
    flight: Flight

    @property
    def url(self) -> str:
        """Where the prompt was sent."""
        return self.origin.url(self.request.path)

    def ask(self, place: str, before: Received) -> Received:
        """Return the reply to a question; the reply before where the place is not to be contacted."""
        if not self.delivery.may_ask(self.url, place, self.flight):
            return before
        origin = origin_of(place)
        # What another origin says is no place to bring the target's secrets to.
        self.flight.strayed = self.flight.strayed or origin != self.origin
        question = self.request._replace(method="GET", path=request_path(urlsplit(place)), body=b"")
        return self.delivery.deliver(origin, question, self.flight)


def _waited(pause_s: float, deadline: float) -> bool:
    """Wait, but not beyond the deadline; return whether there is time left."""
    left_s = deadline - Clock.now()
    time.sleep(max(min(pause_s, left_s), 0.0))
    return pause_s < left_s


def _is_throttled(received: Received) -> bool:
    return received.status in {429, 503}


def retry_after_s(header: str | None) -> float:
    """Return what a ``Retry-After`` header says, in seconds from now (RFC 9110, 10.2.3); 0 where it says nothing."""
    text = (header or "").strip()
    if text.isdecimal():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
        return max(moment.timestamp() - time.time(), 0.0)
    except (ValueError, OverflowError):
        return 0.0


def _template(template: str, key: str) -> Callable[[Any], str | None]:
    """Return a template as a function of a reply's JSON; it gives None where a value is missing."""
    # Literal text and expressions in turn.
    pieces = _PLACE.split(template)
    getters = [_needed(path, key) for path in pieces[1::2]]
    whole = len(getters) == 1 and not pieces[0] and not pieces[2]
    own_dots = _dot_segments("_".join(pieces[::2]))

    def fill(value: Any) -> str | None:
        found = [_text(get(value)) for get in getters]
        if any(one is None for one in found):
            return None
        if whole:
            # A URL that the target gives is taken as it is.
            return found[0]
        filled: list[str] = list(pieces)
        filled[1::2] = [quote(one or "", safe="") for one in found]
        place = "".join(filled)
        # A value such as ".." would lead to another path than the configuration names.
        return place if _dot_segments(place) == own_dots else None

    return fill


def _dot_segments(place: str) -> int:
    """Return how many segments of a path a URL parser takes away (RFC 3986, 5.2.4)."""
    path = re.split(r"[?#]", place, maxsplit=1)[0]
    return sum(segment in {".", ".."} for segment in path.split("/"))


def _needed(path: str, key: str) -> Getter:
    getter = compiled(path, key)
    if getter is None:
        raise ConfigurationError(f"'{key}' is empty")
    return getter


def _text(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value) or None
