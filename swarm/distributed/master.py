"""The master's side of the workers: deals calls to them, and deals those of a lost one again. Import Locust first."""

import logging
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import gevent
import gevent.event
from locust.exception import RPCError
from locust.rpc import Message
from locust.runners import STATE_MISSING, STATE_RUNNING, STATE_STOPPED, MasterRunner
from locust.runners import Runner as AnyRunner

from harness.errors import DependencyError, HostNotAllowedError
from swarm.clock import Clock
from swarm.distributed.local import LocalWorkers
from swarm.distributed.sockets import SecureSockets
from swarm.distributed.wire import VERSION, Kind, call_row, packed, reply_of, unpacked
from swarm.distribution import LOOPBACK, Distribution
from swarm.job import SwarmJob
from swarm.monitor import Monitor
from swarm.replay import Call, Reply

LOOK_EVERY_S = 0.1
START_WITHIN_S = 60.0
"""How long this machine's own workers may take to start."""
JOIN_WITHIN_S = 600.0
"""How long workers elsewhere are waited for before anything is sent."""
NEW_WORKERS_WITHIN_S = 30.0
"""How long a run waits when it has lost all its workers."""
log = logging.getLogger("swarm")


class Runner(MasterRunner):  # type: ignore[misc]  # Locust is not followed by the type checker
    """Locust's side of the master. Its users live here, because they decide what is sent when; workers only send."""

    @property
    def user_count(self) -> int:
        """How many users there are."""
        return len(self.user_greenlets)

    def start(self, user_count: int, spawn_rate: float, **_: Any) -> None:  # noqa: ARG002 - Locust's
        """Begin with all users at once."""
        if not user_count:
            return  # Locust would share out its users anew, having forgotten a worker
        self.environment.events.test_start.fire(environment=self.environment)
        self.update_state(STATE_RUNNING)
        self.spawn_users({self.user_classes[0].__name__: user_count})

    def stop(self, **_: Any) -> None:
        """Go on: Locust would end a test that lost its workers, and a run waits for new ones."""

    def check_stopped(self) -> None:
        """Leave the state as it is: workers have none of their own."""

    def quit(self) -> None:
        """End users and workers."""
        AnyRunner.stop(self)
        for client in list(self.clients.all):
            self.server.send_to_client(Message("quit", None, client.id))
        self.update_state(STATE_STOPPED)
        self.greenlet.kill(block=True)
        # Without waiting: the socket goes on for a moment, so that the workers hear it.
        self.server.close()


@dataclass(slots=True, eq=False)
class _Dealt:
    """A call that waits for its reply."""

    call: Call
    reply: Any = field(default_factory=gevent.event.AsyncResult)
    again: int = 0
    """How often it was dealt again."""


@dataclass(slots=True, eq=False)
class _Worker:
    """One worker as the master sees it."""

    client_id: str
    pid: int | None
    """Its process, where the master started it."""
    ready: bool = False
    leaving: bool = False
    dealt: dict[int, _Dealt] = field(default_factory=dict)
    """Calls without a reply, by their numbers."""
    outgoing: list[tuple[Any, ...]] = field(default_factory=list)
    reached: int = 0
    """The number of the last call that was sent to it."""


class Workers:
    """Sends turns by workers (the ``Sender`` of a master).

    Every call goes to the worker with the fewest under way; where targets are
    talked to over WebSockets, to its conversation's. A call whose
    worker is lost goes to another one, and what the first may still reply is
    dropped: so one reply at most is ever seen. The texts, the budget and the
    order of things stay with the caller, who does not notice.

    Args:
        job: What workers need to know.
        distribution: Where to wait for which workers.
        key: The shared one.
        monitor: Counts what is sent, and hears why nothing can be.
    """

    def __init__(self, job: SwarmJob, distribution: Distribution, key: str, monitor: Monitor) -> None:
        self._job = {"run_id": job.run_id, "target": job.target.model_dump(mode="json", by_alias=True)}
        self._distribution = distribution
        self._key = key
        self._monitor = monitor
        self._talks = job.target.over_websocket
        self._watches_lag = job.load is None or job.load.model == "closed"
        self._workers: dict[str, _Worker] = {}
        self._known: dict[str, int | None] = {}
        """Whoever was ready once, with its process: one believed lost may be heard of again."""
        self._waiting: list[_Dealt] = []
        """Calls without a worker."""
        self._number = 0
        self._outgoing = gevent.event.Event()
        self._local: LocalWorkers | None = None
        self._began = Clock.now()
        self._alone_since = self._began
        self.assembled = False
        """Whether as many workers as expected have been there at once."""
        self._counts = {"joined": 0, "lost": 0, "dealt_again": 0, "late_replies": 0, "refused": 0}

    def open(self, environment: Any) -> Any:
        """Wait for workers from now on; return Locust's runner.

        Raises:
            DependencyError: If the address cannot be waited at.
            StorageError: If this machine's own workers cannot be started.
        """
        SecureSockets(self._key).install()
        host, port = (
            (LOOPBACK, 0) if self._distribution.local else (self._distribution.bind_host, self._distribution.bind_port)
        )
        try:
            environment.runner = self._runner = Runner(environment, host, port)
        except RPCError as error:
            raise DependencyError(
                f"the master cannot wait for workers at {error}", hint="see --master-bind-host and --master-bind-port"
            ) from None
        for kind, listener in (
            ("join", self._on_join),
            ("unable", self._on_unable),
            ("ready", self._on_ready),
            ("replies", self._on_replies),
            ("pulse", self._on_pulse),
            ("leaving", self._on_leaving),
        ):
            self._runner.register_message(kind, _unpacking(listener))
        for loop in (self._send, self._watch):
            self._runner.greenlet.spawn(loop).link_exception(self._broken)
        if self._distribution.local:
            self._local = LocalWorkers(self._distribution.processes, self._runner.server.port, key=self._key)
        return self._runner

    def close(self) -> None:
        """End the processes that this one started."""
        if self._local is not None:
            self._local.end()

    def send(self, call: Call) -> Reply:
        """Return what became of the turn; see ``Sender``."""
        dealt = _Dealt(call)
        self._deal(dealt)
        reply: Reply = dealt.reply.get()
        return reply._replace(resent=dealt.again) if dealt.again else reply

    def summary(self) -> dict[str, int]:
        """Return how many workers there were, and what became of them and of their calls."""
        return dict(self._counts)

    def _ready(self) -> list[_Worker]:
        return [one for one in self._workers.values() if one.ready and not one.leaving]

    def _deal(self, dealt: _Dealt) -> None:
        ready = self._ready()
        if not ready:
            self._waiting.append(dealt)
            return
        if self._talks:
            # To where the conversation's connection is, as long as no worker comes or goes.
            worker = ready[zlib.crc32(dealt.call.conversation_id.encode()) % len(ready)]
        else:
            worker = min(ready, key=lambda one: len(one.dealt))
        self._number += 1
        worker.dealt[self._number] = dealt
        worker.outgoing.append(call_row(self._number, dealt.call))
        self._outgoing.set()

    def _deal_again(self, dealt: _Dealt) -> None:
        """Give a call whose worker is lost to another one; where the run ends anyway, end what waits for it."""
        if self._monitor.stopped_because is not None:
            dealt.reply.set_exception(gevent.GreenletExit())
            return
        self._counts["dealt_again"] += 1
        dealt.again += 1
        self._monitor.sending()
        self._monitor.abandoned()
        self._deal(dealt)

    def _send(self) -> None:
        """Send what was dealt, to each worker all at once that came together."""
        while True:
            self._outgoing.wait()
            self._outgoing.clear()
            for worker in list(self._workers.values()):
                if worker.outgoing:
                    rows, worker.outgoing = worker.outgoing, []
                    self._tell(worker.client_id, "calls", rows)
                    worker.reached = rows[-1][0]

    def _tell(self, client_id: str, kind: Kind, content: Any) -> None:
        self._runner.send_message(kind, packed(content), client_id)

    def _on_join(self, client_id: str, joining: dict[str, Any]) -> None:
        if joining["version"] != VERSION:
            self._counts["refused"] += 1
            message = f"the worker is reverse-rag {joining['version']}, its master {VERSION}: nothing was dealt to it"
            log.error(message)
            self._tell(client_id, "refused", {"message": message, "hint": "install the same version on both"})
            return
        self._workers[client_id] = _Worker(client_id, joining["pid"])
        self._tell(client_id, "job", self._job)

    def _on_unable(self, client_id: str, reason: dict[str, Any]) -> None:
        worker = self._workers.pop(client_id, None)
        self._counts["refused"] += 1
        if reason["unsafe"]:
            self._monitor.stop("host_not_allowed", reason["message"])
        elif worker is not None and worker.pid is not None:
            self._monitor.stop("workers_lost", f"the workers cannot begin: {reason['message']}")
        else:
            log.error("a worker cannot begin: %s", reason["message"])

    def _on_ready(self, client_id: str, _: None) -> None:
        worker = self._workers.get(client_id)
        if worker is not None:
            self._begin_with(worker)

    def _begin_with(self, worker: _Worker) -> None:
        worker.ready = True
        self._workers[worker.client_id] = worker
        self._counts["joined"] += worker.client_id not in self._known
        self._known[worker.client_id] = worker.pid
        self.assembled = self.assembled or len(self._ready()) >= self._distribution.workers
        waiting, self._waiting = self._waiting, []
        for dealt in waiting:
            self._deal(dealt)

    def _on_replies(self, client_id: str, rows: list[list[Any]]) -> None:
        worker = self._workers.get(client_id)
        for number, content in rows:
            dealt = worker.dealt.pop(number, None) if worker is not None else None
            if dealt is None:
                self._counts["late_replies"] += 1
            elif isinstance(content, list):
                dealt.reply.set(reply_of(content))
            elif "host_not_allowed" in content:
                dealt.reply.set_exception(HostNotAllowedError(content["host_not_allowed"]))
            else:
                dealt.reply.set_exception(RuntimeError(f"a worker failed: {content['bug']}"))

    def _on_pulse(self, client_id: str, pulse: dict[str, Any]) -> None:
        """Give a pulse back, and deal again what was lost on the way.

        Messages come in their order: a call from before the last answer that
        the worker has seen is under way there, or replied to already, or lost
        with a connection that broke.
        """
        worker = self._workers.get(client_id)
        if worker is None:
            if client_id not in self._known or not self._hears_of(client_id):
                return
            worker = _Worker(client_id, self._known[client_id])
            self._begin_with(worker)
        self._tell(client_id, "pulse", {"at": pulse["at"], "answered": Clock.now(), "reached": worker.reached})
        under_way = set(pulse["under_way"])
        for number in [n for n in worker.dealt if n <= pulse["reached"] and n not in under_way]:
            self._deal_again(worker.dealt.pop(number))
        if self._watches_lag:
            for lag_ms in pulse["lags_ms"]:
                self._monitor.lag.add(lag_ms / 1000)

    def _on_leaving(self, client_id: str, _: None) -> None:
        if client_id in self._workers:
            self._workers[client_id].leaving = True

    def _watch(self) -> None:
        """Notice lost workers, and when nobody is left."""
        ended: set[int] = set()
        while True:
            gevent.sleep(LOOK_EVERY_S)
            for worker in list(self._workers.values()):
                if worker.pid in ended or not self._hears_of(worker.client_id):
                    self._lose(worker, for_good=worker.pid in ended)
            # One look later, because what a process said last is still to be read when it has ended.
            ended = self._local.ended() if self._local is not None else ended
            self._give_up_if_alone(ended)
            if self._monitor.stopped_because is not None:
                waiting, self._waiting = self._waiting, []
                for dealt in waiting:
                    dealt.reply.set_exception(gevent.GreenletExit())

    def _hears_of(self, client_id: str) -> bool:
        """Return whether a worker's heartbeats come, by Locust's count."""
        node = self._runner.clients.get(client_id)
        return node is not None and node.state != STATE_MISSING

    def _lose(self, worker: _Worker, *, for_good: bool) -> None:
        del self._workers[worker.client_id]
        if for_good or worker.leaving:
            self._known.pop(worker.client_id, None)
        if not worker.leaving:
            self._counts["lost"] += 1
            log.warning("a worker was lost; what it had not replied to is dealt again")
        for dealt in worker.dealt.values():
            self._deal_again(dealt)

    def _give_up_if_alone(self, ended: set[int]) -> None:
        """End a run whose workers do not come, or are all gone and no others can be expected.

        Args:
            ended: Those processes of this machine's own workers that have ended.
        """
        local, now, there = self._distribution.local, Clock.now(), len(self._ready())
        if not self.assembled:
            wait_s = START_WITHIN_S if local else JOIN_WITHIN_S
            if ended or now - self._began >= wait_s:
                self._monitor.stop("workers_lost", f"{there} of {self._distribution.workers} workers came")
        elif there:
            self._alone_since = now
        elif (local and len(ended) >= self._distribution.workers) or now - self._alone_since >= NEW_WORKERS_WITHIN_S:
            self._monitor.stop("workers_lost", "all workers were lost, and no others came")

    def _broken(self, greenlet: Any) -> None:
        self._monitor.stop("bug", type(greenlet.exception).__name__)


def _unpacking(listener: Callable[[str, Any], None]) -> Callable[..., None]:
    """Return a listener for one of Locust's messages."""

    def listen(environment: Any, msg: Any) -> None:  # noqa: ARG001 - Locust names its arguments
        listener(msg.node_id, unpacked(msg.data))

    return listen
