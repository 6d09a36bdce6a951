"""What a tier can decide, and what it takes, before anything is spent."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from harness.config import Settings, TierSection
from harness.contracts import CardUse, Prompt
from harness.reviews import FOLDER, ReviewFolder
from harness.storage import Storage
from harness.suites import read_prompts, require_whole
from harness.wording import counted
from judge.calibration.card import use_of
from judge.calibration.wording import doubt
from judge.draw import draw
from judge.grading import Judge
from judge.phrases import percent
from pipeline.calibrating import calibration_of
from pipeline.confirming import MOST_PROMPTS
from pipeline.loadpreview import LoadPreview, Turns, preview, sending_minutes, sent_again
from pipeline.models import connect_judge
from pipeline.outlook import Decidable, decidable
from pipeline.spending import Price, experience, price
from pipeline.traffic import stages_for
from swarm.arrivals import Profile
from swarm.pacing import load_stages

SECONDS_UNKNOWN = 2.0
"""A plain guess at the duration of a turn, or of a call to a judge's model, where none was measured; said as such."""

_MOST = 0.9
"""A tier is large enough if so many flawless releases pass in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgingPlan:
    """What the judge's models take if nothing is decided earlier."""

    answers: int
    """Planted ones included."""
    controls_share: float
    """Share of the cost that testing the judge itself takes, by answers of known quality."""
    tokens_per_answer: float
    tokens: float
    usd_per_answer: float | None
    usd: float | None
    """None: a model's price is not known."""
    usd_flawless: float | None
    """For a release without any failure, which passes early; None also where the tier cannot pass."""
    minutes: float
    """At ``[judge] concurrency`` and ``tokens_per_minute``."""
    seconds_per_call: float
    """Always a guess: verdicts do not record how long their calls took."""
    tokens_per_minute_needed: float
    """For judging to keep up with sending."""
    tokens_per_minute: int | None
    """The cap."""
    source: str
    """The run that paid so much per answer, or ``estimate``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatePlan:
    """What a tier can and cannot decide, and what it takes."""

    tier: str
    threshold: float
    confidence: float
    prompts: int
    """Prompts the test can read: the tier's, at most the suite's thinned sample."""
    suite_prompts: int
    """Generated prompts of the suite."""
    suite_sample: int
    """As many of them as a test could read: the suite, thinned to production's traffic."""
    suite_ended: bool
    turns: int
    requests: int
    """To the target, if nothing is decided earlier: the control and the golden arm and ``paired`` included, and what a
    load that outlasts the prompts sends again."""
    confirming: int
    """Requests that failing prompts are asked again with at most, once the run is decided; in no other figure."""
    paired: int
    """Prompts that are asked for the comparison with a baseline alone, if it has so many."""
    minutes: float
    """If nothing is decided earlier: sending and judging go on at the same time."""
    sending_minutes: float
    seconds_per_request: float
    measured_by: str | None
    """The run that ``seconds_per_request`` comes from; None: a guess."""
    judge_card: str
    """``valid``, ``expired``, ``other_judge`` or ``missing``."""
    card_id: str | None
    decides: Decidable
    """With the judge card where it is valid, else without."""
    without_card: Decidable | None
    """What the same prompts could decide were every verdict true; None where no card is valid, so that ``decides`` is that."""
    load: LoadPreview | None
    """None: plain concurrency."""
    judging: JudgingPlan | None
    """None: no model judges."""
    warnings: list[str]

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-compatible values."""
        return asdict(self)


def plan_gate(settings: Settings, storage: Storage, *, suite: str, tier_name: str) -> GatePlan:
    """Return what a tier can decide with a suite, and what it takes.

    Raises:
        UsageError: If there is no such suite.
        StorageError: If it was changed since it was published.
        ConfigurationError: If there is no such tier, or production's arrivals are asked for and not known.
    """
    effective, tier = settings.tier(tier_name)
    suite_id = storage.resolve("suites", suite)
    folder = storage.fetch("suites", suite_id)
    require_whole(folder, suite_id)
    everything = read_prompts(folder)
    prompts = {p.prompt_id: p for p in everything if p.origin == "generated"}
    golden = [p for p in everything if p.origin == "golden"]
    golden += [p for p in everything if p.origin == "regression"][: tier.prompts]
    drawn = draw(list(prompts.values()), wanted=tier.prompts, seed=effective.personas.seed)
    production = stages_for(effective.load, storage, folder, prompts, drawn.order)
    profile = Profile(load_stages(effective.load, production)) if effective.load is not None else None
    past = experience(effective, storage)
    card = _card(effective, storage)
    calibration = calibration_of(card, [len(prompts[p].turns) for p in drawn.order[: drawn.counted]])
    threshold, confidence = effective.gate.threshold, effective.gate.confidence
    turns = _turns(prompts, drawn.order, effective, tier, golden)
    seconds = past.service_s or SECONDS_UNKNOWN
    sending = sending_minutes(effective.load, profile, turns, seconds)
    decides = decidable(threshold, confidence, drawn.counted, calibration)
    cost = price(effective, [prompts[p] for p in drawn.order], past)
    judging = _judging(effective, tier, cost, turns, sending, decides) if cost else None
    made = GatePlan(
        tier=tier_name,
        threshold=threshold,
        confidence=confidence,
        prompts=drawn.counted,
        suite_prompts=len(prompts),
        suite_sample=draw(list(prompts.values()), wanted=len(prompts), seed=effective.personas.seed).counted,
        suite_ended=drawn.suite_ended,
        turns=turns.main,
        requests=turns.total + sent_again(effective, profile, turns, seconds),
        confirming=round(MOST_PROMPTS * effective.gate.confirm * turns.each),
        paired=_paired(prompts, drawn.order, tier),
        minutes=max(sending, judging.minutes if judging else 0.0),
        sending_minutes=sending,
        seconds_per_request=seconds,
        measured_by=past.timed_by,
        judge_card=card.standing if card is not None else "missing",
        card_id=card.card.card_id if card is not None and card.card is not None else None,
        decides=decides,
        without_card=decidable(threshold, confidence, drawn.counted) if calibration is not None else None,
        load=preview(effective.load, profile, turns.each) if effective.load and profile else None,
        judging=judging,
        warnings=[],
    )
    return replace(made, warnings=[*_evidence_warnings(made, card), *_spending_warnings(made, effective)])


def _card(settings: Settings, storage: Storage) -> CardUse | None:
    """Return what is known of the judge's error; None where nobody has ever measured one."""
    cards = ReviewFolder(storage.side(FOLDER)).cards()
    if not cards:
        return None
    return use_of(cards, Judge(settings, connect_judge(settings)).judge_id, now=datetime.now(UTC))


def _paired(prompts: Mapping[str, Prompt], order: Sequence[str], tier: TierSection) -> int:
    """Return how many prompts of a baseline's are asked besides, if it has so many that the tier has not drawn."""
    return min(tier.paired, len(prompts) - len(order))


def _turns(
    prompts: Mapping[str, Prompt], order: Sequence[str], settings: Settings, tier: TierSection, golden: Iterable[Prompt]
) -> Turns:
    drawn = [len(prompts[prompt_id].turns) for prompt_id in order]
    paired = _paired(prompts, order, tier)
    return Turns(
        prompts=len(drawn) + paired,
        main=sum(drawn) + round(paired * sum(drawn) / len(drawn)),
        alone=sum(drawn[: settings.load.control if settings.load else 0]),
        golden=sum(len(prompt.turns) for prompt in golden),
    )


def _judging(
    settings: Settings,
    tier: TierSection,
    cost: Price,
    turns: Turns,
    sending: float,
    decides: Decidable,
) -> JudgingPlan:
    controls = settings.gate.controls
    answers = turns.total + controls
    tokens, cap = cost.tokens * answers, settings.judge.tokens_per_minute
    waiting = answers * cost.rounds * SECONDS_UNKNOWN / settings.judge.concurrency / 60
    flawless = next((outlook for outlook in decides.outlooks if outlook.passes > 0.5), None)
    early = flawless.mean_prompts if flawless is not None and not tier.run_all else None
    # Whatever is decided early, these are judged to the end.
    rest = controls + turns.alone + turns.golden
    return JudgingPlan(
        answers=answers,
        controls_share=controls / answers,
        tokens_per_answer=cost.tokens,
        tokens=tokens,
        usd_per_answer=cost.usd,
        usd=None if cost.usd is None else cost.usd * answers,
        usd_flawless=None if cost.usd is None or early is None else cost.usd * (early * turns.each + rest),
        minutes=max(waiting, tokens / cap if cap else 0.0),
        seconds_per_call=SECONDS_UNKNOWN,
        tokens_per_minute_needed=tokens / sending if sending else tokens,
        tokens_per_minute=cap,
        source=cost.source,
    )


def _evidence_warnings(made: GatePlan, card: CardUse | None) -> Iterator[str]:
    """Yield why the tier cannot decide what it is there for."""
    decides, threshold = made.decides, percent(made.threshold)
    if why := doubt(card):
        yield f"the judge's error is unknown ({why}): these rates are of verdicts, not of truth"
    if decides.pass_needs is None:
        yield f"no release can pass at {threshold} with this judge card, however many prompts are read: label more answers"
    elif not decides.can_pass:
        best = f"at best an upper bound of {percent(decides.excludes)}; " if decides.excludes < 1.0 else ""
        yield (
            f"{counted(made.prompts, 'prompt')} cannot certify {threshold}: "
            f"{best}{decides.pass_needs:,} without any failure pass"
        )
    elif decides.outlooks and decides.outlooks[0].passes < _MOST:
        most_by = decides.outlooks[0].most_by
        taken = f"nine in ten take {most_by:,} prompts" if most_by is not None else "nine in ten never do"
        yield (
            f"{percent(decides.outlooks[0].passes)} of flawless releases pass within {counted(made.prompts, 'prompt')}, "
            f"because the judge fails good answers, too; {taken}"
        )
    if decides.pass_needs is not None and made.suite_sample < decides.pass_needs:
        yield (
            f"the suite is too small to pass any release: its sample holds {counted(made.suite_sample, 'prompt')}; "
            "[personas] prompts_per_persona makes it larger"
        )
    elif made.suite_ended:
        yield f"the suite holds fewer prompts than the tier asks for: {made.suite_prompts:,}"


def _spending_warnings(made: GatePlan, settings: Settings) -> Iterator[str]:
    """Yield which budgets and quotas the tier would meet before its end."""
    budget, judging = settings.budget, made.judging
    spent: list[tuple[str, float, float | None, str]] = [
        ("requests", made.requests, budget.requests, "{:,.0f}"),
        ("minutes", made.minutes, budget.minutes, "{:,.1f}"),
    ]
    if judging is not None:
        spent += [
            ("tokens", judging.tokens, budget.tokens, "{:,.0f}"),
            ("usd", judging.usd or 0.0, budget.usd, "{:,.2f}"),
        ]
        if judging.usd is None:
            yield "the price of a judge's model is not known: no cost is planned, and [budget] usd does not stop it"
        if judging.tokens_per_minute is not None and judging.tokens_per_minute_needed > judging.tokens_per_minute:
            yield (
                f"judging needs {judging.tokens_per_minute_needed:,.0f} tokens a minute to keep up with sending, and "
                f"[judge] tokens_per_minute allows {judging.tokens_per_minute:,}"
            )
    for key, needed, cap, form in spent:
        if cap is not None and needed > cap:
            yield f"[budget] {key} of {form.format(cap)} may end the run early: all of it takes {form.format(needed)}"
