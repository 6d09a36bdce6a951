"""Running the swarm without a judge beside it."""

import time

from harness.errors import (
    ConfigurationError,
    DependencyError,
    ExitCode,
    ReverseRagError,
    SafetyError,
)
from harness.progress import Progress
from pipeline.preparation import PreparedRun
from swarm.process import SwarmProcess

POLL_S = 0.2
PATIENCE_S = 15.0
"""How long an interrupted sender may take: it gives what is in flight a few seconds."""


def send(prepared: PreparedRun, progress: Progress) -> str:
    """Send the run's prompts until the sender ends by itself; return why it did.

    Raises:
        KeyboardInterrupt: If the user or the system stopped it; the sender has ended, and everything recorded stays.
        SafetyError: If the target's host is not allowed.
        DependencyError: If the sender died.
    """
    swarm = SwarmProcess(prepared.folder, prepared.job)
    swarm.start()
    end: dict[str, object] = {}
    try:
        while True:
            running = swarm.running
            for event in swarm.events():
                if event.get("event") == "progress":
                    progress.update("sending", int(event.get("done", 0)), len(prepared.plan.order))
                elif event.get("event") == "end":
                    end = event
            if not running:
                break
            time.sleep(POLL_S)
    except KeyboardInterrupt:
        end_soon(swarm)
        raise
    return concluded(end, swarm.wait(10))


def end_soon(swarm: SwarmProcess) -> None:
    """End the sender after an interrupt; whoever interrupts again does not wait for what is in flight."""
    try:
        swarm.interrupt()
        swarm.wait(PATIENCE_S)
    except KeyboardInterrupt:
        swarm.kill()
        swarm.wait(PATIENCE_S)
        raise


def concluded(end: dict[str, object], code: int) -> str:
    """Return why the sender ended, or raise what made it end.

    Raises:
        SafetyError: If it met a host that is not allowed.
        ConfigurationError: If it could not use the configuration.
        DependencyError: If storage failed it, or it died without saying why.
    """
    because = str(end.get("stopped_because") or "")
    if because and code not in _ERRORS:
        return because
    message = str(end.get("message") or f"the sending process ended with status {code} and no reason")
    hint = str(end.get("hint") or _HINTS.get(code, "resume the run"))
    raise _ERRORS.get(code, DependencyError)(message, hint=hint)


_ERRORS: dict[int, type[ReverseRagError]] = {
    ExitCode.USAGE: ConfigurationError,
    ExitCode.DEPENDENCY: DependencyError,
    ExitCode.SAFETY: SafetyError,
}
_HINTS: dict[int, str] = {ExitCode.SAFETY: "list the host in [target] allow_hosts if it is yours to test"}
