"""How much a run can send at most."""

from collections.abc import Mapping
from itertools import takewhile

from harness.contracts import RunPlan
from swarm.arrivals import Profile, arrivals
from swarm.job import SwarmJob
from swarm.pacing import load_stages


def most_requests(plan: RunPlan, job: SwarmJob, turns: Mapping[str, int]) -> int | None:
    """Return how many requests the run's own arm can send at most; None where that hangs on how fast the target is.

    Args:
        plan: What is to be sent.
        job: How; a closed load that is held for a time sends as much as the target answers.
        turns: Number of turns by prompt id; a prompt that is missing counts as one turn.
    """
    planned = [turns.get(prompt_id, 1) for prompt_id in plan.order]
    load = job.load
    if load is None or not job.hold_duration:
        most = sum(planned)
    elif load.model == "closed":
        return job.max_requests
    else:
        profile = Profile(load_stages(load, job.production))
        moments = arrivals(profile, seed=plan.seed if load.arrivals == "poisson" else None)
        due = sum(1 for _ in takewhile(lambda moment_s: moment_s <= profile.duration_s, moments))
        most = sum(planned) + max(due - len(planned), 0) * max(planned, default=0)
    return most if job.max_requests is None else min(most, job.max_requests)
