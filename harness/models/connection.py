"""From a configuration value to a model that can be asked."""

import gc
import os
from collections.abc import Mapping, Sequence

from harness.errors import ConfigurationError
from harness.models.interface import ModelClient
from harness.models.limits import Limit
from harness.models.retry import RetryPolicy
from harness.models.spec import ModelSpec, parse_spec


def connect(
    spec: str,
    *,
    timeout_s: float,
    concurrency: int,
    key: str,
    policy: RetryPolicy | None = None,
    adaptive: bool = False,
    limits: Sequence[Limit] = (),
    stable_system: bool = False,
    env: Mapping[str, str] | None = None,
) -> ModelClient:
    """Return a client of the model that a configuration value means; sends nothing yet.

    Credentials come from ``OPENAI_API_KEY``, or from AWS's ordinary chain (environment, profile, role). The
    libraries that speak to models are imported here and not before: they take longer than a small command.

    Args:
        spec: ``bedrock:<model-id>``, ``openai:<model>@<base-url>`` or ``openai:<model>``.
        timeout_s: Time for one whole answer; a retry has it again.
        concurrency: Calls in flight at once; more wait for their turn.
        key: The dotted key the value stands at, for errors.
        policy: How often is asked again; None takes the defaults.
        adaptive: Begin with few calls in flight, and have fewer while the model throttles.
        limits: Asked before each request, retries included.
        stable_system: Many calls share their system text: have the provider keep it where it has to be told to.
        env: The environment; None takes the process's own. AWS's library reads the process's own in any case.

    Raises:
        ConfigurationError: If the value means no model that can be asked, or a key or region is missing.
    """
    source = os.environ if env is None else env
    parsed = parse_spec(spec, key=key, env=source)
    if parsed.kind == "offline":
        raise ConfigurationError(f"'{key}' is 'offline', which is no model that can be asked")
    api_key = _api_key(parsed, key, source) if parsed.kind == "openai" else None

    from harness.models.backends import bedrock_backend, openai_backend
    from harness.models.client import PydanticAIClient
    from harness.models.pace import Pace

    if parsed.kind == "bedrock":
        from harness.models.aws import region_in

        region = region_in(source)
        backend = bedrock_backend(
            parsed,
            timeout_s=timeout_s,
            concurrency=concurrency,
            region=region,
            key=key,
            stable_system=stable_system,
        )
    else:
        backend = openai_backend(parsed, timeout_s=timeout_s, concurrency=concurrency, api_key=api_key)
    # What was imported stays: a collector that walks it all the time lets every call in flight wait for a third of a second.
    gc.freeze()
    return PydanticAIClient(
        parsed,
        backend,
        timeout_s=timeout_s,
        concurrency=concurrency,
        policy=policy or RetryPolicy(),
        pace=Pace(concurrency) if adaptive else None,
        limits=limits,
    )


def _api_key(spec: ModelSpec, key: str, env: Mapping[str, str]) -> str | None:
    api_key = env.get("OPENAI_API_KEY")
    if api_key or spec.is_loopback:
        return api_key or None
    raise ConfigurationError(
        f"'{key}' needs the environment variable OPENAI_API_KEY, which is not set",
        hint="export OPENAI_API_KEY=…; only servers on this machine go without (a gateway without keys takes any value)",
    )
