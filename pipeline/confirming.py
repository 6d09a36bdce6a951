"""Asking failing prompts again, once a run's own sending has ended and while its decision waits."""

from judge.confirmation import Repeats
from judge.reading import Reading
from pipeline.preparation import PreparedRun
from swarm.job import Confirming, SwarmJob
from swarm.process import SwarmProcess

MOST_PROMPTS = 25
"""So many failing prompts are asked again, the first of the tier's order: a release that fails everywhere shows it in a
few of them."""
_SETTLED = frozenset({"decided", "zero_tolerance", "golden", "regression", "slo_hopeless", "prompts_sent", "duration"})
"""``stopped_because`` of runs after which the target can be asked again: nothing is broken, banned or spent."""


def asks_again(
    prepared: PreparedRun, reading: Reading, repeats: Repeats, *, stopped_because: str
) -> SwarmProcess | None:
    """Return the process that asks failing prompts again, not started yet; None where there is nothing to ask.

    One process on this machine sends them, whichever sent the run.

    Args:
        prepared: The run.
        reading: All verdicts, read.
        repeats: Knows which prompts failed.
        stopped_because: Why the run's own sending ended.
    """
    times = prepared.settings.gate.confirm
    failing = repeats.to_confirm(reading, MOST_PROMPTS) if times and stopped_because in _SETTLED else []
    if not failing:
        return None
    return SwarmProcess(prepared.folder, prepared.job, confirming=Confirming(order=failing, times=times))


def alone(job: SwarmJob) -> SwarmJob:
    """Return the job as it looks while prompts are asked again: no load goes beside them."""
    return job.model_copy(update={"load": None, "hold_duration": False})
