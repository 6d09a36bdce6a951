"""A worker: sends what its master deals, and reports every reply at once. Import Locust before this module."""

import os
import signal
from collections.abc import Callable
from typing import Any

import gevent
import gevent.event
import gevent.socket
import locust
from locust.env import Environment
from locust.rpc import Message
from locust.runners import WorkerRunner

from harness.config import TargetSection
from harness.errors import ConfigurationError, DependencyError, ExitCode, HostNotAllowedError, ReverseRagError
from swarm import background
from swarm.clock import Clock
from swarm.distributed.offset import ClockOffset
from swarm.distributed.sockets import SecureSockets
from swarm.distributed.wire import VERSION, Kind, call_of, packed, reply_row, unpacked
from swarm.replay import Call
from swarm.sender import HttpSender

JOIN_WITHIN_S = 120.0
"""How long a worker waits for its master."""
REFUSALS = 3
"""So many handshakes in a row that fail are no accident."""
POLL_S = 0.05
PULSE_EVERY_S = 1.0
FIRST_PULSES = 3
"""These follow each other at once: they measure the clocks."""
LEAVE_WITHIN_S = 5.0


class Runner(WorkerRunner):  # type: ignore[misc]  # Locust is not followed by the type checker
    """Locust's side of a worker, which has no users: the master counts every request itself."""

    abandoned = False
    """Whether nothing was heard of the master for a minute."""

    def connect_to_master(self) -> None:
        """Announce this worker, and wait for the master's word.

        Raises:
            ConfigurationError: If the master has another key.
            DependencyError: If there is no master.
        """
        self.client.send(Message("client_ready", locust.__version__, self.client_id))
        give_up_at = Clock.now() + JOIN_WITHIN_S
        where = f"{self.master_host}:{self.master_port}"
        while not self.connection_event.wait(POLL_S):
            self.client.look()
            if self.client.refusals >= REFUSALS:
                raise ConfigurationError(
                    f"the master at {where} does not take this worker's key",
                    hint="REVERSE_RAG_SWARM_KEY has to be the same for the master and every worker",
                )
            if Clock.now() >= give_up_at:
                raise DependencyError(
                    f"no master answered at {where} within {JOIN_WITHIN_S:.0f} s",
                    hint="start the master first, and see that its port can be reached from here",
                )
        self.connected = True

    def quit(self) -> None:
        """Give up waiting for a master that is silent."""
        self.abandoned = True
        super().quit()

    def stats_reporter(self) -> None:
        """Report no statistics: a request would be counted twice."""

    def logs_reporter(self) -> None:
        """Send no log lines."""


class Worker:
    """One worker's part of a run.

    Args:
        host: The master's address.
        port: Its port.
        key: The shared one.
        local: The master runs on this machine and started the worker, which ends with it.

    Raises:
        ConfigurationError: If the master has another key.
        DependencyError: If there is no master.
    """

    def __init__(self, host: str, port: int, *, key: str, local: bool) -> None:
        if local:
            gevent.spawn(_end_with_master)
        SecureSockets(key).install()
        self._local = local
        self._environment = Environment(user_classes=[])
        self._environment.runner = self._runner = Runner(self._environment, host, port)
        self._clock = ClockOffset()
        self._end: Any = gevent.event.AsyncResult()
        self._sender: HttpSender | None = None
        self._under_way: set[int] = set()
        """Calls whose replies the master was not sent yet."""
        self._reached = 0
        """The master sent everything up to this number before the last message that was read."""
        self._replies: list[tuple[Any, ...]] = []
        self._replied = gevent.event.Event()
        self._lags_ms: list[float] = []
        self._leaving = False
        for kind, listener in (
            ("job", self._on_job),
            ("refused", self._on_refused),
            ("calls", self._on_calls),
            ("pulse", self._on_pulse),
        ):
            # Making ready may take a while: whatever else comes is listened to meanwhile.
            self._runner.register_message(kind, _unpacking(listener), concurrent=kind == "job")

    def run(self) -> None:
        """Send what is dealt until the master ends the run.

        Raises:
            ReverseRagError: If the master refused the worker or went away, or the job cannot be done from here.
        """
        for name in (signal.SIGTERM, signal.SIGINT):
            gevent.signal_handler(name, self._leave)
        for loop in (self._report, self._pulse, self._watch_lag, self._until_told):
            gevent.spawn(loop).link_exception(self._fail)
        self._tell("join", {"version": VERSION, "pid": os.getpid() if self._local else None})
        error: ReverseRagError | None = self._end.get()
        # In this order: a socket that somebody still reads from keeps the process from ending.
        self._runner.greenlet.kill()
        self._runner.client.close()
        if error is not None:
            raise error

    def _tell(self, kind: Kind, content: Any) -> None:
        self._runner.send_message(kind, packed(content))

    def _on_job(self, job: dict[str, Any]) -> None:
        """Make ready for what the master asks for; secrets are this machine's own."""
        try:
            sender = HttpSender(TargetSection.model_validate(job["target"]), job["run_id"])
            sender.authorize()
        except ReverseRagError as error:
            unsafe = error.exit_code == ExitCode.SAFETY
            self._tell("unable", {"message": str(error), "hint": error.hint, "unsafe": unsafe})
            self._end.set(error)
            return
        self._sender = sender
        background.calm_collector()
        self._tell("ready", None)

    def _on_refused(self, reason: dict[str, str]) -> None:
        self._end.set(ConfigurationError(reason["message"], hint=reason["hint"]))

    def _on_calls(self, rows: list[list[Any]]) -> None:
        if self._leaving:
            return
        for row in rows:
            number, call = call_of(row)
            self._under_way.add(number)
            gevent.spawn(self._answer, number, call).link_exception(self._broken(number))

    def _answer(self, number: int, call: Call) -> None:
        assert self._sender is not None  # noqa: S101 - the master deals to workers that are ready
        try:
            reply = self._sender.send(call)
        except HostNotAllowedError as error:
            self._reply(number, {"host_not_allowed": str(error)})
            return
        self._reply(number, reply_row(reply, 0.0 if self._local else self._clock.seconds))

    def _broken(self, number: int) -> Any:
        return lambda greenlet: self._reply(number, {"bug": type(greenlet.exception).__name__})

    def _fail(self, greenlet: Any) -> None:
        """End a worker that would hang: its master then deals again what it had."""
        self._end.set(ReverseRagError(f"a worker broke: {type(greenlet.exception).__name__}", hint="report this bug"))

    def _reply(self, number: int, content: Any) -> None:
        self._replies.append((number, content))
        self._replied.set()

    def _report(self) -> None:
        """Send every reply, together with the others that came meanwhile."""
        while True:
            self._replied.wait()
            self._replied.clear()
            rows, self._replies = self._replies, []
            self._tell("replies", rows)
            # Not before: what is neither under way nor replied to, the master deals again.
            self._under_way.difference_update(number for number, _ in rows)

    def _pulse(self) -> None:
        """Tell the master now and then what is under way, and measure the clocks with its answer."""
        while True:
            lags, self._lags_ms = self._lags_ms, []
            self._tell(
                "pulse",
                {"at": Clock.now(), "reached": self._reached, "under_way": list(self._under_way), "lags_ms": lags},
            )
            gevent.sleep(PULSE_EVERY_S if self._clock.count >= FIRST_PULSES else POLL_S)

    def _on_pulse(self, answer: dict[str, Any]) -> None:
        self._clock.add(answer["at"], answer["answered"], Clock.now())
        self._reached = answer["reached"]

    def _watch_lag(self) -> None:
        """Measure how late this process wakes up."""
        while True:
            due = Clock.now() + POLL_S
            gevent.sleep(POLL_S)
            self._lags_ms.append(round((Clock.now() - due) * 1000, 3))

    def _until_told(self) -> None:
        """Wait until Locust's side has ended: the master said so, or was not heard of any more."""
        self._runner.greenlet.join()
        gone = DependencyError("the master went away", hint="resume the run there, then start this worker again")
        self._end.set(gone if self._runner.abandoned else None)

    def _leave(self) -> None:
        """Take no further calls, finish those under way, and go; at once when asked again."""
        if self._leaving:
            self._end.set(None)
            return
        self._leaving = True
        gevent.spawn(self._finish)

    def _finish(self) -> None:
        self._tell("leaving", None)
        gevent.sleep(POLL_S)
        give_up_at = Clock.now() + LEAVE_WITHIN_S
        while self._under_way and Clock.now() < give_up_at:
            gevent.sleep(POLL_S)
        self._runner.client.send(Message("quit", None, self._runner.client_id))
        self._end.set(None)


def _unpacking(listener: Callable[[Any], None]) -> Callable[..., None]:
    """Return a listener for one of Locust's messages."""

    def listen(environment: Any, msg: Any) -> None:  # noqa: ARG001 - Locust names its arguments
        listener(unpacked(msg.data))

    return listen


def _end_with_master() -> None:
    """Wait until standard input closes, because whoever started this worker is gone; there is nothing to keep then."""
    while True:
        gevent.socket.wait_read(0)
        if not os.read(0, 4096):
            os._exit(ExitCode.OK)
