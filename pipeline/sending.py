"""Running the swarm without a judge beside it."""

import math
import time
from collections.abc import Mapping

from harness.contracts import Exchange, PromptCounts
from harness.errors import (
    ConfigurationError,
    DependencyError,
    ExitCode,
    ReverseRagError,
    SafetyError,
)
from harness.jsonlines import PartTail
from pipeline.artifacts import validated
from pipeline.display import Display
from pipeline.preparation import PreparedRun
from pipeline.standing import SenderView, Standing
from swarm.job import EXCHANGES_FOLDER
from swarm.process import SwarmProcess
from swarm.telemetry import Telemetry

POLL_S = 0.2
PATIENCE_S = 15.0
"""How long an interrupted sender may take: it gives what is in flight a few seconds."""


def send(prepared: PreparedRun, display: Display, telemetry: Telemetry | None = None) -> str:
    """Send the run's prompts until the sender ends by itself; return why it did.

    Args:
        prepared: What to send to whom.
        display: Shown how the run stands.
        telemetry: Told of every exchange; None for none.

    Raises:
        KeyboardInterrupt: If the user or the system stopped it; the sender has ended, and everything recorded stays.
        SafetyError: If the target's host is not allowed.
        DependencyError: If the sender died.
    """
    swarm = SwarmProcess(prepared.folder, prepared.job, prepared.distribution)
    minutes = prepared.settings.budget.minutes
    ends_at = math.inf if minutes is None else time.monotonic() + minutes * 60
    swarm.start()
    watch = _Watch(prepared, display, telemetry)
    try:
        while True:
            running = swarm.running
            for event in swarm.events():
                watch.sender.take(event)
            watch.show()
            if not running:
                break
            if time.monotonic() >= ends_at:
                swarm.stop()
            time.sleep(POLL_S)
    except KeyboardInterrupt:
        end_soon(swarm)
        raise
    because = concluded(watch.sender.end, swarm.wait(10))
    return "budget" if because == "stopped" and time.monotonic() >= ends_at else because


class _Watch:
    """Follows a sender that nobody judges beside."""

    def __init__(self, prepared: PreparedRun, display: Display, telemetry: Telemetry | None) -> None:
        self.sender = SenderView(prepared.job, telemetry)
        self._planned = len(prepared.plan.order)
        self._display = display
        self._telemetry = telemetry
        self._tail = PartTail(prepared.folder / EXCHANGES_FOLDER)

    def show(self) -> None:
        """Show how the run stands, and export what was recorded."""
        self._display.show(self._standing)
        if self._telemetry is not None:
            for exchange in validated(self._tail.read(), Exchange, self._tail.folder):
                self._telemetry.add(exchange)

    def _standing(self) -> Standing:
        return Standing(
            phase=self.sender.phase,
            duration_s=self.sender.duration_s,
            prompts=PromptCounts(planned=self._planned, sent=self.sender.done, judged=0, failed=0),
            sending=self.sender.sending,
        )


def end_soon(swarm: SwarmProcess) -> None:
    """End the sender after an interrupt; whoever interrupts again does not wait for what is in flight."""
    try:
        swarm.interrupt()
        swarm.wait(PATIENCE_S)
    except KeyboardInterrupt:
        swarm.kill()
        swarm.wait(PATIENCE_S)
        raise


def concluded(end: Mapping[str, object], code: int) -> str:
    """Return why the sender ended, or raise what made it end.

    Raises:
        SafetyError: If it met a host that is not allowed.
        ConfigurationError: If it could not use the configuration.
        DependencyError: If storage failed it, or it died without saying why.
        ReverseRagError: If it met a bug.
    """
    because = str(end.get("stopped_because") or "")
    if because and code not in _ERRORS:
        return because
    message = str(end.get("message") or f"the sending process ended with status {code} and no reason")
    if because == "bug":
        message = f"a bug in the sending process: {message}"
    hint = str(end.get("hint") or _HINTS.get(code, "resume the run"))
    raise _ERRORS.get(code, DependencyError)(message, hint=hint)


_ERRORS: dict[int, type[ReverseRagError]] = {
    ExitCode.USAGE: ConfigurationError,
    ExitCode.DEPENDENCY: DependencyError,
    ExitCode.SAFETY: SafetyError,
    ExitCode.BUG: ReverseRagError,
}
_HINTS: dict[int, str] = {ExitCode.SAFETY: "list the host in [target] allow_hosts if it is yours to test"}
