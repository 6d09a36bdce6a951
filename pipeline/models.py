"""Language models as the commands name them: connected, checked, priced."""

from collections.abc import Mapping

from harness.config import Settings
from harness.errors import ConfigurationError
from harness.models import OFFLINE, Budget, Limit, ModelClient, RetryPolicy, TokenRate
from harness.storage import Storage
from judge.judgements import Judgements
from judge.panel import Panel
from pipeline.console import Console

JUDGING = RetryPolicy(patience_s=60.0, cap_s=5.0)
"""How often a judge is asked again: an answer is not given up because a model throttles while it answers others. The pace
lowers the load, so that waits need not grow long."""
_JUDGEMENTS = "judgements"
"""Name of the private folder of judgements under the storage root."""


def connect_model(
    spec: str,
    settings: Settings,
    *,
    key: str,
    concurrency: int,
    policy: RetryPolicy | None = None,
    timeout_s: float | None = None,
    adaptive: bool = False,
) -> ModelClient | None:
    """Return the configured language model; None for ``offline``. Nothing is sent yet.

    Args:
        spec: The configured value.
        settings: The configuration.
        key: The dotted key the value stands at.
        concurrency: Calls in flight at most.
        policy: How often is asked again; None takes the defaults.
        timeout_s: Of one call; None takes the judge's.
        adaptive: Begin with few calls in flight, and have fewer while the model throttles.

    Raises:
        ConfigurationError: If the value means no model that can be asked, or a key or region is missing.
    """
    if spec == "offline":
        return None
    from harness.models.connection import connect

    return connect(
        spec,
        timeout_s=timeout_s or settings.judge.timeout_s,
        concurrency=concurrency,
        key=key,
        policy=policy,
        adaptive=adaptive,
    )


def connect_judge(
    settings: Settings, storage: Storage | None = None, *, concurrency: int | None = None
) -> Panel | None:
    """Return the judge's models, within the budget and the tokens a minute; None for a judge without. Sends nothing yet.

    Args:
        settings: Of the tier.
        storage: Where judgements are kept for another time; None: nowhere.
        concurrency: Calls to each model in flight at most; None takes the configuration's.

    Raises:
        ConfigurationError: If a value means no model that can be asked, or a key or region is missing.
        StorageError: If the folder of judgements cannot be used.
    """
    judge = settings.judge
    named = [("judge.model", judge.model), *(("judge.jury", spec) for spec in judge.jury)]
    named += [("judge.escalate_to", judge.escalate_to)] if judge.escalate_to is not None else []
    if judge.model == OFFLINE:
        if len(named) > 1:
            raise ConfigurationError(
                f"'{named[1][0]}' needs a model that judges first, and 'judge.model' is 'offline'",
                hint="set [judge] model",
            )
        return None
    for key, spec in named:
        if [other for _, other in named].count(spec) > 1:
            raise ConfigurationError(f"'{key}' names a model that judges already", hint="each needs one of its own")
    caps = settings.budget
    budget = Budget(usd=caps.usd, tokens=caps.tokens) if caps.usd is not None or caps.tokens is not None else None
    limits: list[Limit] = [budget] if budget is not None else []
    limits += [TokenRate(judge.tokens_per_minute)] if judge.tokens_per_minute is not None else []
    from harness.models.connection import connect

    models = [
        connect(
            spec,
            timeout_s=judge.timeout_s,
            concurrency=concurrency or judge.concurrency,
            key=key,
            policy=JUDGING,
            adaptive=True,
            limits=limits,
            stable_system=True,
        )
        for key, spec in named
    ]
    second = models.pop() if judge.escalate_to is not None else None
    known = Judgements(storage.work(_JUDGEMENTS)) if storage is not None and judge.cache else None
    return Panel(models, second=second, audit_share=judge.audit_share, known=known, budget=budget)


def require_models(settings: Settings, specs: Mapping[str, str]) -> None:
    """Check what can be checked of models without asking them, before anything is read, written or sent.

    Args:
        settings: Of the tier, where there is one.
        specs: Configuration values by their dotted keys.

    Raises:
        ConfigurationError: If one means no model that can be asked, or a key or region is missing.
    """
    for key, spec in specs.items():
        connect_model(spec, settings, key=key, concurrency=1)


def warn_unpriced(model: ModelClient | Panel | None, settings: Settings, console: Console) -> None:
    """Say so if a budget in dollars cannot hold a model because nobody knows its price."""
    if model is None or settings.budget.usd is None:
        return
    from harness.models.pricing import TokenCount, cost_usd
    from harness.models.spec import parse_spec

    for model_id in model.model_ids if isinstance(model, Panel) else [model.model_id]:
        spec = parse_spec(model_id, key="model")
        if cost_usd(spec, TokenCount(input_tokens=1000, output_tokens=1000)) is None:
            console.say(f"the price of {spec.text} is not known, so [budget] usd does not stop it", "yellow")
