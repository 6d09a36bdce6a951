"""How runs end: the codes of ``stopped_because`` that the gate gives itself, and what each means for the rest of a run."""

from pathlib import Path

from harness.contracts import GateResult
from judge.decision import DOUBTFUL_STOPS, SPENT_STOPS
from judge.strain import KILL_SWITCH
from swarm.job import read_end

CLOSING = frozenset(
    {"decided", "zero_tolerance", "golden", "regression", "slo_hopeless", "budget", "judge_failing", "host_not_allowed"}
)
"""Of runs whose decision needs no further judging."""
FAILING = frozenset({"decided", "zero_tolerance", "golden", "regression", "slo_hopeless"})
"""Those of them that may have decided a failure: the shares of the ledgers, which only keep a run from passing, say
nothing any more."""
UNTESTED = frozenset({"budget", "judge_failing", "host_not_allowed"})
"""Of runs whose judge cannot be asked any more."""
COMPLETE = frozenset({"prompts_sent", "duration"})
"""Of a sending that sent all there was to send."""
NATURAL_ENDS = frozenset({"decided", "stopped", "max_requests", *COMPLETE})
"""How the sending ends where nothing broke it off."""
RECORDED = "recorded"
"""Nothing was sent: what had been recorded was judged."""
_OWN = CLOSING | {RECORDED, "interrupted"}
"""That the gate says itself; every other one is the sender's."""


def as_recorded(folder: Path, because: str) -> str:
    """Return why a run ended whose answers were judged without sending any.

    How the sending ended stays true of what it recorded, whoever judges it and when.

    Args:
        folder: The run's.
        because: Why the judging ended; ``recorded`` where it came to its end.
    """
    ended = str(read_end(folder).get("stopped_because"))
    return ended if ended in DOUBTFUL_STOPS or (ended in SPENT_STOPS and because == RECORDED) else because


def contradiction(folder: Path, result: GateResult) -> str:
    """Return how a run's sending ended, where a decision cannot have followed from that; else an empty string."""
    ended = str(read_end(folder).get("stopped_because") or result.stopped_because)
    if ended == result.stopped_because or result.decision in {"fail", "void"}:
        return ""
    possible = result.stopped_because in _OWN and ended not in DOUBTFUL_STOPS | {KILL_SWITCH}
    return "" if possible or result.stopped_because == "interrupted" else ended
