"""Locust's users that replay conversations. Import this module first: Locust patches the standard library."""

from locust.env import Environment  # isort: skip  # Locust has to patch sockets before anything else imports them

import logging
import traceback
from collections.abc import Callable
from functools import partial
from typing import Any, Literal

import gevent
import gevent.event
import gevent.pool

from harness.errors import HostNotAllowedError, StorageError
from swarm import background
from swarm.carrying import Carrier
from swarm.clock import Clock
from swarm.dealing import ConfirmationDealer, ControlDealer, Dealer, GoldenDealer, ProbeDealer, Wait
from swarm.distributed.master import Workers
from swarm.job import SwarmJob
from swarm.killswitch import KillSwitch
from swarm.lockout import Lockout
from swarm.monitor import Monitor, StoppedBecause, stop_grace_s
from swarm.pacing import PLAIN_CONCURRENCY, Schedule
from swarm.recorder import Recorder
from swarm.replay import Call, Conversation, Exchanged, Reply, Sender, replay
from swarm.request_events import RequestEvents
from swarm.saturation import Saturation, SaturationWatch
from swarm.sentinels import Sentinels
from swarm.under_way import UnderWay
from swarm.users import user_class
from swarm.web import serve_statistics

POLL_S = 0.05
SIGNAL_GRACE_S = 5.0


class Swarm:
    """One process's part of a run: what its users share.

    Args:
        job: What to send to whom.
        dealer: Deals the conversations.
        golden: Deals those of the golden arm.
        control: Deals those of the control arm.
        probes: Makes what deals the probes of a target that broke under the load.
        lockout: Deals sentinels, and holds back what may be a ban's doing.
        sender: Sends a turn; a master's is its workers.
        recorder: Keeps the exchanges.
        under_way: Keeps what was sent and is not recorded yet.
        monitor: Counts, and knows whether to stop.
        schedule: Says when conversations are due, and how long users think.
        emit: Tells the parent process an event; false if nobody listens any more.
        keep: Keeps how the sending stands, for a process that takes up the run.
        load_over: An earlier process brought the load to its end.
        clock: The recorder's.
        web_port: Where Locust's web UI shows the run; None: nowhere.
    """

    def __init__(
        self,
        job: SwarmJob,
        *,
        dealer: Dealer | ConfirmationDealer,
        golden: GoldenDealer,
        control: ControlDealer,
        probes: Callable[[], ProbeDealer],
        lockout: Lockout,
        sender: Sender,
        recorder: Recorder,
        under_way: UnderWay,
        monitor: Monitor,
        schedule: Schedule,
        emit: Callable[[dict[str, Any]], bool],
        keep: Callable[[dict[str, Any]], None],
        load_over: bool,
        clock: Clock,
        web_port: int | None = None,
    ) -> None:
        self.job = job
        self.monitor = monitor
        self.schedule = schedule
        self.clock = clock
        self.conversations = gevent.pool.Group()
        self.exhausted = False
        self._dealer = dealer
        self._golden = golden
        self._control = control
        self._probes = probes
        self._sentinels = Sentinels(lockout, monitor, converse=self.converse, record=self._record_late, stop=self.stop)
        self._sender = sender
        self._workers = sender if isinstance(sender, Workers) else None
        self._web_port = web_port
        self._recorder = recorder
        self._under_way = under_way
        carrier = Carrier(job.target)
        self._recall = carrier.restored if carrier.needed else None
        self._emit = emit
        self._keep = keep
        self._enough = False
        self._load_began = clock.now()
        self._load_began_at: str | None = None
        """Its wall-clock time; None while this process has begun none."""
        self._load_over = load_over
        self._saturation: Saturation | None = None
        self._grace_ends_at = float("inf")
        self._stopping = gevent.event.Event()
        """Wakes users who think: no further turn of theirs will be sent."""
        self._environment = Environment(user_classes=[user_class(schedule)], host=job.target.url)
        self._environment.swarm = self
        self._environment.events.user_error.add_listener(self._on_user_error)
        self._loop = gevent.get_hub().loop
        self._events = RequestEvents(self._environment, job.target)

    def run(self) -> dict[str, Any]:
        """Send until there is nothing left or something stops it; return the ``end`` event."""
        workers = self._workers
        runner = self._environment.create_local_runner() if workers is None else workers.open(self._environment)
        if self._web_port is not None:
            serve_statistics(self._environment, self._web_port, partial(self.stop, "stopped"))
        beside = [
            gevent.spawn(background.show, self.monitor, self.schedule, self._emit, self.stop),
            gevent.spawn(background.sync, self._recorder, self.monitor),
            gevent.spawn(background.read_commands, self._command, self.stop),
            gevent.spawn(self._events.loop),
            gevent.spawn(self._sentinels.watch),
        ]
        if not self.schedule.paced:  # a schedule shows the lag itself
            beside.append(gevent.spawn(background.watch_lag, self.monitor))
        for one in beside:
            one.link_exception(_report_to(self))
        background.handle_signals(self._on_signal)
        background.calm_collector()
        gevent.sleep(0.01)  # a "stop" that came while this process started is heard before anything is sent
        if workers is not None:
            self._wait_for(lambda: workers.assembled)
            self.monitor.started = self.clock.now()
        self._ask_golden()
        self._phase(self._ask_alone, "control")
        self._load(runner)
        self._phase(self._recover)
        self.monitor.phase = "control_after"
        self._phase(self._ask_alone, "load")
        gevent.killall(beside)
        self.conversations.kill()
        self._flush()
        self._events.fire()
        runner.quit()
        if workers is not None:
            workers.close()
        if self.monitor.stopped_because is None:
            self.monitor.stop(self._natural_end())
        return self._end()

    def _phase(self, work: Callable[..., None], *args: object, at_once: int = 1) -> None:
        """Do a part of the run that no load goes beside, so many times at once."""
        if self.monitor.stopped_because is None:
            workers = [self.conversations.spawn(work, *args) for _ in range(at_once)]
            for worker in workers:
                worker.link_exception(_report_to(self))
            self._wait_for(lambda: all(worker.ready() for worker in workers))

    def _load(self, runner: Any) -> None:
        """Send the load until its profile or its prompts end, or the target breaks."""
        if self._load_over:
            self.exhausted = not self.job.hold_duration and self.monitor.done >= self.monitor.planned
        if self.monitor.stopped_because is not None or self._load_over:
            return
        self.monitor.phase = "load"
        self._load_began = self.clock.now()
        self._load_began_at = self.clock.utc(self._load_began)
        load = self.job.load
        if load is not None and load.kill_switch.enabled:
            self.monitor.kill_switch = KillSwitch(load.kill_switch)
        watching = gevent.spawn(self._watch_saturation)
        users = self.schedule.users
        runner.start(users, spawn_rate=users)
        self._wait_for(self._load_is_over)
        watching.kill()
        if not self.monitor.paused:
            # What comes after is asked alone: no error of it is the load's doing.
            self.monitor.kill_switch = None
            if load is not None and self.monitor.stopped_because is None:
                self._load_over = True
                self._keep(self._end())

    def _wait_for(self, over: Callable[[], bool]) -> None:
        """Wait until a part of the run is over, or the run is stopped and what was in flight has ended."""
        while not over() and self.clock.now() < self._grace_ends_at:
            if self.monitor.stopped_because is not None:
                if self._grace_ends_at == float("inf"):
                    self.stop(self.monitor.stopped_because)
                if self.monitor.busy == 0:
                    return
            gevent.sleep(POLL_S)

    def _ask_golden(self) -> None:
        """Ask the golden arm's prompts at plain concurrency."""
        if self._golden:
            self.monitor.phase = "golden"
            self._phase(self._ask, self._golden.next, at_once=min(PLAIN_CONCURRENCY, len(self._golden)))
            self.monitor.phase = "control_before"

    def _ask_alone(self, first: Literal["control", "load"]) -> None:
        """Ask the pairs whose turn it is one at a time."""
        self._ask(partial(self._control.next, first=first))

    def _ask(self, deal: Callable[[float], Conversation | Wait | None]) -> None:
        """Ask what is dealt, one conversation after the other, once sentinels have cleared what came before."""
        while self._sentinels.clear_doubts() and self._going_on():
            due = self.clock.now()
            dealt = deal(due)
            if dealt is None:
                return
            if isinstance(dealt, Wait):
                self._stopping.wait(max(dealt.until - due, 0.001))
                continue
            self._stopping.wait(self.monitor.pause_s(self.converse(dealt, due)))

    def _recover(self) -> None:
        """Probe a target that broke under the load until it is well again, or long enough."""
        switch = self.monitor.kill_switch
        if switch is None or switch.tripped_at is None:
            return
        self.monitor.phase = "recovery"
        probes = self._probes()
        while not switch.recovered and not switch.gives_up(self.clock.now()):
            self._stopping.wait(switch.pause_s)
            probe = probes.next()
            if probe is None or self.monitor.stopped_because is not None:
                break
            if (reply := self.converse(probe, self.clock.now())) is not None:
                switch.probed(reply)
        self.stop("target_lost" if switch.gone else "kill_switch", message=switch.sentence())

    def deal(self) -> Conversation | Wait | None:
        """Return the next conversation for a user; None when it should go."""
        now = self.clock.now()
        lasting = self.schedule.lasting(now)
        if self._has_enough(lasting=lasting) or not self._going_on():
            self.exhausted = True
            return None
        dealt = self._dealer.next(now, lasting=lasting)
        self.exhausted = self.exhausted or dealt is None
        return dealt

    def _has_enough(self, *, lasting: bool) -> bool:
        """Return whether nothing more has to be sent, because the verdict is decided."""
        return self._enough and not (self.job.hold_duration and lasting)

    def _load_is_over(self) -> bool:
        """Return whether the load has ended; users who wait for what no longer comes do not hold it up."""
        lasting = self.schedule.lasting(self.clock.now())
        self.exhausted = self.exhausted or self._has_enough(lasting=lasting) or self._dealer.spent(lasting=lasting)
        return self.monitor.paused or ((self.exhausted or self.schedule.over) and self.monitor.busy == 0)

    def begin(self, conversation: Conversation, due: float) -> None:
        """Replay a conversation beside whatever else is under way."""
        if self._workers is None:
            self.monitor.lag.add(self.clock.now() - due)
        self.monitor.conversation_begins()
        self.conversations.spawn(self._converse, conversation, due).link_exception(_report_to(self))

    def converse(self, conversation: Conversation, due: float) -> Reply | None:
        """Replay a conversation and record it; return its last reply, None if there is none."""
        self.monitor.conversation_begins()
        return self._converse(conversation, due)

    def _converse(self, conversation: Conversation, due: float) -> Reply | None:
        reply = None
        try:
            for exchanged in replay(
                conversation,
                self,
                due=due,
                going_on=self._going_on,
                recall=self._recall,
                think_s=partial(self.schedule.think_s, conversation.prompt_id, conversation.attempt),
                pause=self._stopping.wait,
            ):
                reply = exchanged.reply
                self.monitor.received(reply, due=exchanged.due)
                held = not exchanged.again and self._sentinels.holds(exchanged)
                if not (held or exchanged.again):
                    self._record(exchanged)
                self._events.add(reply)
                if self._workers is not None and self.schedule.paced:
                    self.monitor.lag.add(reply.sent - exchanged.due)  # the way to the worker is the generator's too
                # Callbacks run in their order, so this goes on when the exchange is written, together with the others
                # that ended meanwhile: nothing more is sent before, and a kill costs no more than what is in flight.
                gevent.sleep(0)
                if not held:
                    self._under_way.recorded(conversation.conversation_id)
            self._count(conversation)
        except HostNotAllowedError as error:
            self.monitor.stop("host_not_allowed", str(error))
        except StorageError as error:
            self.monitor.stop("storage", str(error))
        finally:
            self.monitor.busy -= 1
        return reply

    def _record(self, exchanged: Exchanged) -> None:
        if self._recorder.add(exchanged):
            self._loop.run_callback(self._flush)

    def _record_late(self, exchanged: Exchanged) -> None:
        """Record what was held back."""
        self._record(exchanged)
        self._under_way.recorded(exchanged.conversation.conversation_id)
        self._count(exchanged.conversation)

    def _count(self, conversation: Conversation) -> None:
        arm, prompt_id, attempt = conversation.arm, conversation.prompt_id, conversation.attempt
        if attempt == 1 and arm == self._dealer.arm and self._recorder.has_ended(arm, prompt_id, 1):
            self.monitor.done += 1

    def _flush(self) -> None:
        try:
            self._recorder.flush()
        except StorageError as error:
            self.monitor.stop("storage", str(error))
        except Exception as error:  # noqa: BLE001 - a callback of the loop: nobody else would notice
            self._on_user_error(error)

    def send(self, call: Call) -> Reply:
        """Send one turn (the ``Sender`` that ``replay`` sees), counting it."""
        self.monitor.sending()
        try:
            before = self._under_way.sends(call.conversation_id, call.turn)
            reply = self._sender.send(call)
        except BaseException:
            self.monitor.abandoned()
            raise
        return reply if not before else reply._replace(resent=reply.resent + before)

    def stop(self, because: StoppedBecause, *, grace_s: float | None = None, message: str = "") -> None:
        """Begin no further turn; give those in flight some time."""
        self.monitor.stop(because, message)
        self._stopping.set()
        given_s = stop_grace_s(because, self.job.target.timeout_s) if grace_s is None else grace_s
        self._grace_ends_at = min(self._grace_ends_at, self.clock.now() + min(given_s, self.job.target.timeout_s))

    def _going_on(self) -> bool:
        return self.monitor.stopped_because is None and not self.monitor.paused

    def _end(self) -> dict[str, Any]:
        """Return the ``end`` event: the monitor's, with what befell the target under the load."""
        switch, found = self.monitor.kill_switch, self._saturation
        return {
            **self.monitor.end(),
            "kill_switch": switch.summary(self._load_began) if switch is not None else None,
            "saturation": found.summary(self._load_began) if found is not None else None,
            "sentinels": self._sentinels.summary,
            "workers": self._workers.summary() if self._workers is not None else None,
            "load_began_at": self._load_began_at,
            "load_over": self._load_over,
        }

    def _natural_end(self) -> StoppedBecause:
        if self._enough:
            return "decided"
        return "duration" if self._dealer.repeated or not self.exhausted else "prompts_sent"

    def _on_user_error(self, exception: BaseException, **_: object) -> None:
        # Where, but not the message: it may quote a prompt or a reply.
        frames = "".join(traceback.format_tb(exception.__traceback__))
        logging.getLogger("swarm").error("%s\n%s", type(exception).__name__, frames)
        self.stop("bug", grace_s=0.0, message=type(exception).__name__)

    def _watch_saturation(self) -> None:
        """Notice when a target falls behind the arrivals; a closed load waits for it and cannot overtake it."""
        load = self.job.load
        if load is None or not self.schedule.paced:
            return
        watch = SaturationWatch(load.saturation_s)
        while watch.saturation is None:
            gevent.sleep(watch.every_s)
            watch.add(self.monitor.sample())
        self._saturation = watch.saturation
        if load.stop_when_saturated:
            self.stop("over_saturated", message=watch.saturation.sentence())

    def _command(self, line: bytes) -> None:
        if line == b"stop":
            self.stop("stopped")
        elif line == b"enough":
            self._enough = True
            # A broken target is probed to the end: how long it takes to recover is worth knowing.
            if not (self.job.hold_duration or self.monitor.paused):
                self.stop("decided")

    def _on_signal(self, because: StoppedBecause) -> None:
        again = self.monitor.stopped_because == because
        self.stop(because, grace_s=0.0 if again else SIGNAL_GRACE_S)


def _report_to(swarm: Swarm) -> Callable[[Any], None]:
    return lambda greenlet: swarm._on_user_error(greenlet.exception)
