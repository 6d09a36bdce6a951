"""Locust's users that replay conversations. Import this module first: Locust patches the standard library."""

import locust  # isort: skip  # it has to patch sockets before anything else imports them

import logging
import os
import signal
import traceback
from collections.abc import Callable
from typing import Any

import gevent
import gevent.pool
import gevent.socket
from locust.env import Environment
from locust.exception import StopUser

from harness.errors import HostNotAllowedError, StorageError
from swarm.clock import Clock
from swarm.dealing import Dealer, Wait
from swarm.job import SwarmJob
from swarm.monitor import Monitor, StoppedBecause
from swarm.pacing import arrivals
from swarm.recorder import Recorder
from swarm.replay import Call, Conversation, Reply, Sender, replay

PROGRESS_EVERY_S = 0.5
FIRE_EVERY_S = 0.1
SYNC_EVERY_S = 0.5
POLL_S = 0.05
STOP_GRACE_S = 10.0
"""How long requests in flight may go on after a stop; the target's timeout if that is shorter."""
SIGNAL_GRACE_S = 5.0


class Swarm:
    """One process's part of a run: what its users share.

    Args:
        job: What to send to whom.
        dealer: Deals the conversations.
        sender: Sends a turn.
        recorder: Keeps the exchanges.
        monitor: Counts, and knows whether to stop.
        emit: Tells the parent process an event; false if nobody listens any more.
        clock: The recorder's.
    """

    def __init__(
        self,
        job: SwarmJob,
        *,
        dealer: Dealer,
        sender: Sender,
        recorder: Recorder,
        monitor: Monitor,
        emit: Callable[[dict[str, Any]], bool],
        clock: Clock,
    ) -> None:
        self.job = job
        self.monitor = monitor
        self.clock = clock
        self.conversations = gevent.pool.Group()
        self.exhausted = False
        self._dealer = dealer
        self._sender = sender
        self._recorder = recorder
        self._emit = emit
        self._enough = False
        self._grace_ends_at = float("inf")
        self._environment = Environment(user_classes=[_user_class(job)], host=job.target.url)
        self._environment.swarm = self
        self._environment.events.user_error.add_listener(self._on_user_error)
        self._name = job.target.url.partition("?")[0]
        self._loop = gevent.get_hub().loop
        self._unfired: list[tuple[float, int, str | None]] = []

    def run(self) -> dict[str, Any]:
        """Send until there is nothing left or something stops it; return the ``end`` event."""
        users = self._users()
        runner = self._environment.create_local_runner()
        background = [
            gevent.spawn(loop) for loop in (self._show, self._sync, self._fire, self._read_commands, self._watch_lag)
        ]
        self._handle_signals()
        gevent.sleep(0.01)  # a "stop" that came while this process started is heard before anything is sent
        runner.start(users, spawn_rate=users)
        while not self._finished():
            gevent.sleep(POLL_S)
        gevent.killall(background)
        self.conversations.kill()
        self._flush()
        self._fire_all()
        runner.quit()
        if self.monitor.stopped_because is None:
            self.monitor.stop(self._natural_end())
        return self.monitor.end()

    def deal(self) -> Conversation | Wait | None:
        """Return the next conversation for a user; None when it should go."""
        lasting = self._lasting()
        if self.monitor.stopped_because is not None or (self._enough and not (self.job.hold_duration and lasting)):
            self.exhausted = True
            return None
        dealt = self._dealer.next(self.clock.now(), lasting=lasting)
        self.exhausted = self.exhausted or dealt is None
        return dealt

    def converse(self, conversation: Conversation, due: float) -> None:
        """Replay a conversation and record it."""
        self.monitor.busy += 1
        try:
            for exchanged in replay(conversation, self, due=due, going_on=self._going_on):
                reply = exchanged.reply
                self.monitor.received(reply)
                if self._recorder.add(exchanged):
                    self._loop.run_callback(self._flush)
                failure = None if reply.outcome == "answered" else reply.outcome
                self._unfired.append(((reply.ended - reply.sent) * 1000, reply.bytes_received, failure))
                # Callbacks run in their order, so this goes on when the exchange is written, together with the others
                # that ended meanwhile: nothing more is sent before, and a kill costs no more than what is in flight.
                gevent.sleep(0)
            if self._recorder.has_ended(conversation.prompt_id, 1) and conversation.attempt == 1:
                self.monitor.done += 1
        except HostNotAllowedError as error:
            self.monitor.stop("host_not_allowed", str(error))
        finally:
            self.monitor.busy -= 1

    def _flush(self) -> None:
        try:
            self._recorder.flush()
        except StorageError as error:
            self.monitor.stop("storage", str(error))

    def send(self, call: Call) -> Reply:
        """Send one turn (the ``Sender`` that ``replay`` sees), counting it."""
        self.monitor.sending()
        try:
            return self._sender.send(call)
        except BaseException:
            self.monitor.abandoned()
            raise

    def stop(self, because: StoppedBecause, *, grace_s: float = STOP_GRACE_S, message: str = "") -> None:
        """Begin no further turn; give those in flight some time."""
        self.monitor.stop(because, message)
        self._grace_ends_at = min(self._grace_ends_at, self.clock.now() + min(grace_s, self.job.target.timeout_s))

    def _going_on(self) -> bool:
        return self.monitor.stopped_because is None

    def _users(self) -> int:
        load = self.job.load
        if load is None:
            return self.job.concurrency
        return load.users if load.model == "closed" else 1

    def _lasting(self) -> bool:
        load = self.job.load
        return load is not None and self.clock.now() - self.monitor.started < load.duration_s

    def _finished(self) -> bool:
        if self.monitor.stopped_because is not None and self._grace_ends_at == float("inf"):
            self.stop(self.monitor.stopped_because)
        over = self.exhausted or self.monitor.stopped_because is not None
        return (over and self.monitor.busy == 0) or self.clock.now() >= self._grace_ends_at

    def _natural_end(self) -> StoppedBecause:
        if self._enough:
            return "decided"
        return "duration" if self._dealer.repeated else "prompts_sent"

    def _fire(self) -> None:
        while True:
            gevent.sleep(FIRE_EVERY_S)
            self._fire_all()

    def _fire_all(self) -> None:
        """Tell Locust's listeners (its statistics, plug-ins) about the requests that ended since the last time.

        Many at once: between a reply and the next request it costs twice as much, because Locust's code and data
        have to come back into the processor's cache for each.
        """
        unfired, self._unfired = self._unfired, []
        for response_ms, length, failure in unfired:
            self._environment.events.request.fire(
                request_type=self.job.target.method,
                name=self._name,
                response_time=response_ms,
                response_length=length,
                exception=failure,
                context={},
            )

    def _on_user_error(self, exception: BaseException, **_: object) -> None:
        logging.getLogger("swarm").error("".join(traceback.format_exception(exception)))
        self.stop("bug", grace_s=0.0, message=type(exception).__name__)

    def _show(self) -> None:
        while True:
            gevent.sleep(PROGRESS_EVERY_S)
            if not self._emit(self.monitor.progress()):
                self.stop("parent_gone")

    def _sync(self) -> None:
        """Write to the disk now and then, in a thread: it takes long enough to disturb the schedule."""
        threads = gevent.get_hub().threadpool
        while True:
            gevent.sleep(SYNC_EVERY_S)
            try:
                threads.apply(self._recorder.sync)
            except StorageError as error:
                self.monitor.stop("storage", str(error))
                return

    def _watch_lag(self) -> None:
        """Measure how late this process wakes up, where no schedule shows it."""
        if self.job.load is not None and self.job.load.model == "open":
            return
        while True:
            due = self.clock.now() + POLL_S
            gevent.sleep(POLL_S)
            self.monitor.lag.add(self.clock.now() - due)

    def _read_commands(self) -> None:
        pending = b""
        while True:
            try:
                gevent.socket.wait_read(0)
                block = os.read(0, 4096)
            except OSError:
                block = b""
            if not block:
                self.stop("parent_gone")
                return
            *lines, pending = (pending + block).split(b"\n")
            for line in lines:
                self._command(line.strip())

    def _command(self, line: bytes) -> None:
        if line == b"stop":
            self.stop("stopped")
        elif line == b"enough":
            self._enough = True
            if not self.job.hold_duration:
                self.stop("decided")

    def _handle_signals(self) -> None:
        def on(because: StoppedBecause) -> None:
            again = self.monitor.stopped_because == because
            self.stop(because, grace_s=0.0 if again else SIGNAL_GRACE_S)

        gevent.signal_handler(signal.SIGINT, on, "interrupted")
        gevent.signal_handler(signal.SIGTERM, on, "terminated")


class ClosedUser(locust.User):  # type: ignore[misc]  # Locust is not followed by the type checker
    """One of a fixed number of users: the next conversation begins when the last has ended."""

    @locust.task  # type: ignore[untyped-decorator]
    def converse(self) -> None:
        """Replay conversations until there are none left."""
        swarm: Swarm = self.environment.swarm
        # One task for all of them: Locust's way from one task to the next costs as much as a small reply.
        while True:
            due = swarm.clock.now()
            dealt = swarm.deal()
            if dealt is None:
                raise StopUser
            if isinstance(dealt, Wait):
                gevent.sleep(max(dealt.until - due, 0.001))
                continue
            swarm.converse(dealt, due)
            if pause_s := swarm.monitor.back_off_s():
                gevent.sleep(pause_s)


class OpenUser(locust.User):  # type: ignore[misc]
    """The source of an open load: every arrival begins on schedule, however many are still under way."""

    @locust.task  # type: ignore[untyped-decorator]
    def arrive(self) -> None:
        """Begin conversations on schedule until there are none left."""
        swarm: Swarm = self.environment.swarm
        start = swarm.clock.now()
        for offset in arrivals(swarm.job.load):
            due = start + offset
            gevent.sleep(max(due - swarm.clock.now(), 0.0))
            dealt = swarm.deal()
            if dealt is None:
                break
            swarm.monitor.lag.add(swarm.clock.now() - due)
            if isinstance(dealt, Conversation):
                swarm.conversations.spawn(swarm.converse, dealt, due).link_exception(_report_to(swarm))
        raise StopUser


def _report_to(swarm: Swarm) -> Callable[[Any], None]:
    return lambda greenlet: swarm._on_user_error(greenlet.exception)


def _user_class(job: SwarmJob) -> type[Any]:
    return OpenUser if job.load is not None and job.load.model == "open" else ClosedUser
