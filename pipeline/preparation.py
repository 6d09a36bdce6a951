"""Beginning a run, or taking up an interrupted one: what is fixed before anything is sent."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from harness.config import GateSection, Settings, TierSection
from harness.config.secrets import resolve_secret
from harness.contracts import BaselineUse, CardUse, GateResult, Manifest, Pair, Parents, PlantedControl, Prompt, RunPlan
from harness.errors import ConfigurationError, UsageError
from harness.identity import run_id, utc_now
from harness.models import OFFLINE
from harness.storage import Storage
from harness.suites import read_manifest, read_prompts, require_whole
from judge.draw import draw
from judge.grading import Judge
from judge.rubric import template_hashes
from pipeline.artifacts import read_record, write_record
from pipeline.baselines import choose, keep_baseline, kept_baseline
from pipeline.calibrating import kept_card
from pipeline.commits import seed_of, whole_hash
from pipeline.traffic import stages_for
from swarm.distribution import Distribution
from swarm.job import PLAN_FILE, SwarmJob, read_job
from swarm.sender import HttpSender

RESUMABLE_STOPS = frozenset({"budget", "max_requests", "lockout"})
"""``stopped_because`` of runs that can go on once there is more money, or the ban is lifted, unless they are decided."""
MANIFEST_FILE = "manifest.json"
GATE_FILE = "gate.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedRun:
    """Everything a run needs, on local disk."""

    folder: Path
    plan: RunPlan
    job: SwarmJob
    prompts: dict[str, Prompt]
    suite_folder: Path
    settings: Settings
    tier: TierSection
    card: CardUse | None = None
    """What is known of the judge's error; None where nobody looked for a judge card."""
    baseline: BaselineUse | None = None
    """What the run is compared with; None where it is compared with nothing."""
    labelled: tuple[PlantedControl, ...] = ()
    """Answers that people judged, to be planted among the run's own."""
    resumed: bool = False
    distribution: Distribution | None = None
    """Which processes send; None: one. No part of the plan, so that a resumed run may choose anew."""


def require_usable(settings: Settings) -> None:
    """Check target and judge as far as they go without sending anything, before anything is read or written.

    Raises:
        ConfigurationError: If a secret, an expression or a file that they need is missing or not valid.
        HostNotAllowedError: If the target's host is not listed, or is one that is never contacted.
    """
    HttpSender(settings.located_target(), "check").close()
    known = Judge(settings, None).certain
    # What is off by default is in the default list all the same.
    unknown = set(settings.gate.zero_tolerance) - known - set(GateSection().zero_tolerance)
    if unknown:
        raise ConfigurationError(
            f"'gate.zero_tolerance' names {min(unknown)}, and no check of this configuration decides that: no hit "
            "would ever be seen",
            hint=f"checks that are on: {', '.join(sorted(known))}",
        )


def begin(
    settings: Settings,
    storage: Storage,
    *,
    suite: str,
    tier_name: str,
    commit: str | None = None,
    baseline: str | None = None,
    judge_id: str | None = None,
) -> PreparedRun:
    """Draw the tier's prompts from a suite and write the new run's plan.

    Args:
        settings: The configuration.
        storage: Where suite and run are.
        suite: Its id, or ``latest``.
        tier_name: A tier of the configuration.
        commit: Draws the prompts of this commit; None: of ``[gate] commit``, if that is set.
        baseline: The run to compare with, an id or ``latest``; None: ``[gate] baseline``, if that is set.
        judge_id: The judge, whose verdicts alone can be compared with its own; None compares with nothing.

    Raises:
        UsageError: If there is no such suite, it holds no prompt, the commit is no whole hash, or the named baseline
            is not there.
        StorageError: If the suite was changed since it was published.
        ConfigurationError: If there is no such tier, target or judge cannot be used as configured, or production's
            arrivals are asked for and not known.
        HostNotAllowedError: If the target's host is not listed.
    """
    effective, tier = settings.tier(tier_name)
    require_usable(effective)
    suite_id = storage.resolve("suites", suite)
    suite_folder = storage.fetch("suites", suite_id)
    require_whole(suite_folder, suite_id)
    everything = read_prompts(suite_folder)
    prompts = {prompt.prompt_id: prompt for prompt in everything}
    asked = baseline if baseline is not None else effective.gate.baseline
    use = None
    if asked is not None and judge_id is not None:
        use = choose(storage, asked, suite_folder=suite_folder, prompts=prompts, judge_id=judge_id)
    plan = _planned(effective, tier, tier_name, suite_id, everything, commit=commit, baseline=use)
    production = stages_for(effective.load, storage, suite_folder, prompts, plan.order)
    job = SwarmJob(
        run_id=plan.run_id,
        target=effective.located_target(),
        load=effective.load,
        production=list(production),
        prompts_file=_prompts_file(suite_folder),
        hold_duration=holds_load(effective),
        max_requests=effective.budget.requests,
    )
    folder = storage.create("runs", plan.run_id)
    write_record(folder / PLAN_FILE, plan)
    job.write(folder)
    if use is not None:
        keep_baseline(folder, use)
    manifest = _manifest(effective, plan, suite_folder, prompts=len(prompts), baseline=use)
    write_record(folder / MANIFEST_FILE, manifest)
    storage.point_latest("runs", plan.run_id)
    return PreparedRun(
        folder=folder,
        plan=plan,
        job=job,
        prompts=prompts,
        suite_folder=suite_folder,
        settings=effective,
        tier=tier,
        baseline=use,
    )


def _planned(
    settings: Settings,
    tier: TierSection,
    tier_name: str,
    suite_id: str,
    everything: Sequence[Prompt],
    *,
    commit: str | None,
    baseline: BaselineUse | None,
) -> RunPlan:
    """Return a new run's plan: which of the suite's prompts are sent, in which order.

    The baseline changes nothing about what the rate is read from: it passed on its own prompts, perhaps by luck, and a
    rate read from the same ones again would inherit that luck.

    Raises:
        UsageError: If the suite holds no prompt that a run sends, or the commit is no whole hash.
    """
    prompts = [prompt for prompt in everything if prompt.origin == "generated"]
    if not prompts:
        raise UsageError(f"suite {suite_id} holds no prompts", hint="`reverse-rag personas` makes a suite")
    commit, seed = _chance(settings, commit)
    drawn = draw(prompts, wanted=tier.prompts, seed=seed)
    order = drawn.order + _paired(tier, drawn.order, baseline, {prompt.prompt_id for prompt in prompts})
    return RunPlan(
        run_id=run_id(),
        suite_id=suite_id,
        tier=tier_name,
        arm="load" if settings.load else "semantic",
        order=order,
        counted=drawn.counted,
        paired=len(order) - len(drawn.order),
        golden=[prompt.prompt_id for prompt in everything if prompt.origin == "golden"],
        # The latest failures come first; a small tier is not to be swamped by what once failed.
        regressions=[prompt.prompt_id for prompt in everything if prompt.origin == "regression"][: tier.prompts],
        pairs=_pairs(settings, drawn.order, seed=seed),
        suite_ended=drawn.suite_ended,
        seed=seed,
        commit=commit,
    )


def take_up(settings: Settings, storage: Storage, *, run: str, any_configuration: bool = False) -> PreparedRun:
    """Return an earlier run as it was planned, to continue it in place.

    Args:
        settings: The present configuration.
        storage: Where the run is.
        run: Its id, or ``latest``.
        any_configuration: The configuration may have changed since, because nothing will be sent or judged.

    Raises:
        UsageError: If there is no such run, or the configuration has changed since it began.
    """
    folder = storage.fetch("runs", run)
    job, plan = read_job(folder)
    manifest = read_record(folder / MANIFEST_FILE, Manifest)
    effective, tier = settings.tier(plan.tier)
    if not any_configuration and manifest.configuration_hash != effective.fingerprint():
        raise UsageError(
            f"{plan.run_id} was begun with another configuration, so its outcomes would not be comparable",
            hint="restore the configuration, or start a new run with `reverse-rag gate`",
        )
    suite_folder = storage.fetch("suites", plan.suite_id)
    require_whole(suite_folder, plan.suite_id)
    prompts = {prompt.prompt_id: prompt for prompt in read_prompts(suite_folder)}
    job = _trusted(job, effective, suite_folder, any_configuration=any_configuration)
    replayed = effective.load is not None and effective.load.model == "replay"
    if replayed and not any_configuration and dataset_of(storage, suite_folder) is not None:
        # Nor how hard the target is hit, as long as the arrivals are there to say it.
        production = stages_for(effective.load, storage, suite_folder, prompts, plan.order)
        job = job.model_copy(update={"production": list(production)})
    return PreparedRun(
        folder=folder,
        plan=plan,
        job=job,
        prompts=prompts,
        suite_folder=suite_folder,
        settings=effective,
        tier=tier,
        card=kept_card(folder),
        baseline=kept_baseline(folder),
        resumed=True,
    )


def _chance(settings: Settings, commit: str | None) -> tuple[str | None, int]:
    """Return the commit that the prompts are drawn for, if there is one, and the seed.

    Raises:
        ConfigurationError: If ``[gate] commit`` names a variable that is not set.
        UsageError: If the commit is no whole hash.
    """
    if commit is None and settings.gate.commit is not None:
        commit = resolve_secret(settings.gate.commit, key="gate.commit")
    if commit is None:
        return None, settings.personas.seed
    whole = whole_hash(commit)
    return whole, seed_of(whole, seed=settings.personas.seed)


def _paired(tier: TierSection, order: Sequence[str], baseline: BaselineUse | None, there: set[str]) -> list[str]:
    """Return the baseline's prompts that are asked for the comparison alone, in its order."""
    known = set(order)
    missing = [p for p in baseline.outcomes if p in there and p not in known] if baseline is not None else []
    return missing[: tier.paired]


def _prompts_file(suite_folder: Path) -> str:
    return str((suite_folder / "prompts.jsonl").resolve())


def _trusted(job: SwarmJob, settings: Settings, suite_folder: Path, *, any_configuration: bool) -> SwarmJob:
    """Return a recorded job with everything that secrets, hosts or money hang on taken from elsewhere.

    A run's folder may have been in other hands: what it says must not choose where our secrets go, which file is
    sent, or how much.

    Args:
        job: The recorded one.
        settings: The present configuration.
        suite_folder: The suite's, found whole.
        any_configuration: Nothing will be sent, so the configuration may have changed.

    Raises:
        UsageError: If the recorded URL refers to a secret that the present one does not.
    """
    present = settings.located_target()
    if not any_configuration:
        fixed = {"prompts_file": _prompts_file(suite_folder), "max_requests": settings.budget.requests}
        return job.model_copy(update={"target": present, "load": settings.load, **fixed})
    if "${" in job.target.url and job.target.url != present.url:
        raise UsageError(f"{job.run_id} was sent to a URL with a secret in it that [target] url does not hold")
    kept = {key: getattr(present, key) for key in ("headers", "allow_hosts", "tls", "auth", "production")}
    return job.model_copy(update={"target": job.target.model_copy(update=kept)})


def finished(folder: Path) -> GateResult | None:
    """Return the decision of a run that has ended; None for one that was interrupted."""
    path = folder / GATE_FILE
    return read_record(path, GateResult) if path.exists() else None


def may_go_on(result: GateResult) -> bool:
    """Return whether a run with this decision can still be resumed: it rests on what was there at the time."""
    if result.stopped_because == "recorded":
        return result.prompts.sent < result.prompts.planned
    if result.stopped_because in RESUMABLE_STOPS:
        return result.decision in {"inconclusive", "void"}
    return result.stopped_because in {"interrupted", "terminated", "parent_gone", "workers_lost"}


def dataset_of(storage: Storage, suite_folder: Path) -> Path | None:
    """Return the folder of the dataset a suite was made from; None if it is no longer there."""
    dataset_id = read_manifest(suite_folder).parents.dataset_id
    if dataset_id is None or dataset_id not in storage.ids("sanitized"):
        return None
    return storage.fetch("sanitized", dataset_id)


def _pairs(settings: Settings, order: Sequence[str], *, seed: int) -> list[Pair]:
    """Return the prompts that the control arm asks too, each with the toss of its coin."""
    wanted = settings.load.control if settings.load is not None else 0
    coin = random.Random(f"pairs:{seed}")
    return [Pair(prompt_id=p, first="control" if coin.random() < 0.5 else "load") for p in order[:wanted]]


def models_of(settings: Settings) -> dict[str, str]:
    """Return the judge's models by what they do."""
    judge = settings.judge
    models = {"judge": judge.model} | {f"juror_{number}": spec for number, spec in enumerate(judge.jury, start=2)}
    return models if judge.escalate_to is None else models | {"judge_escalated": judge.escalate_to}


def holds_load(settings: Settings) -> bool:
    """Return whether the load lasts for its whole duration, with prompts sent again if it outlasts them."""
    if settings.load is None:
        return False
    return settings.load.control > 0 or any(value is not None for value in settings.slo.model_dump().values())


def _manifest(
    settings: Settings, plan: RunPlan, suite_folder: Path, *, prompts: int, baseline: BaselineUse | None
) -> Manifest:
    return Manifest(
        kind="run",
        artifact_id=plan.run_id,
        tool_version=version("reverse-rag"),
        created_at=utc_now(),
        configuration_hash=settings.fingerprint(),
        seeds={"draw": plan.seed},
        models=models_of(settings),
        templates=template_hashes() if settings.judge.model != OFFLINE else {},
        counts={"prompts_in_suite": prompts, "prompts_planned": len(plan.order)},
        parents=Parents(suite_id=plan.suite_id, dataset_id=read_manifest(suite_folder).parents.dataset_id),
        details={
            "target": {"url": settings.target.url, "protocol": settings.target.protocol},
            "commit": plan.commit,
            "baseline": baseline.run_id if baseline is not None else None,
        },
    )
