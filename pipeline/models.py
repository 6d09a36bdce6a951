"""Language models as the commands name them: connected, checked, priced."""

from collections.abc import Mapping

from harness.config import Settings
from harness.models import ModelClient, RetryPolicy
from pipeline.console import Console


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


def warn_unpriced(model: ModelClient | None, settings: Settings, console: Console) -> None:
    """Say so if a budget in dollars cannot hold a model because nobody knows its price."""
    if model is None or settings.budget.usd is None:
        return
    from harness.models.pricing import TokenCount, cost_usd
    from harness.models.spec import parse_spec

    spec = parse_spec(model.model_id, key="model")
    if cost_usd(spec, TokenCount(input_tokens=1000, output_tokens=1000)) is None:
        console.say(f"the price of {spec.text} is not known, so [budget] usd does not stop it", "yellow")
