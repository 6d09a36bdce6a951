"""What pydantic-ai does for every request and needs to do once: a sixth to a quarter of a call's CPU.

Importing this module imports pydantic-ai.
"""

from typing import Any

from pydantic_ai.models import Model, ModelRequestParameters


def fitted_once(model: Model) -> Model:
    """Return the model, which fits the schema of a tool to what its provider takes once, as long as the tool stays."""
    fit = model.customize_request_parameters
    known: dict[int, tuple[ModelRequestParameters, ModelRequestParameters]] = {}

    def fitted(parameters: ModelRequestParameters) -> ModelRequestParameters:
        # With the parameters themselves, so that no others can ever have their id.
        if id(parameters) not in known:
            known[id(parameters)] = parameters, fit(parameters)
        return known[id(parameters)][1]

    vars(model)["customize_request_parameters"] = fitted
    return model


def registering_once(client: Any) -> Any:
    """Return the boto3 client, which takes a handler that has a name once.

    pydantic-ai registers its handlers before each request. botocore would not add them twice either, but inspects the
    signature of each before it notices.
    """
    events = client.meta.events
    register = events.register_first
    known: set[str] = set()

    def register_first(event_name: str, handler: Any, unique_id: str | None = None, **options: Any) -> None:
        if unique_id is None or unique_id not in known:
            register(event_name, handler, unique_id, **options)
        if unique_id is not None:
            known.add(unique_id)

    vars(events)["register_first"] = register_first
    return client
