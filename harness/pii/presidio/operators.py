"""Our placeholders as an operator of presidio-anonymizer, which is no dependency of ours."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from harness.errors import UsageError
from harness.pii.interface import PiiSpan
from harness.pii.redaction import SessionRedactor


class PlaceholderOperator:
    """Replaces values by ``<PERSON_1>``, the same value by the same placeholder through a whole session.

    Presidio makes a new operator for every value, so the session comes as a
    parameter: ``OperatorConfig("placeholder", {"session": SessionRedactor()})``.
    The engine replaces from the end of a text, so that is where numbers begin.
    """

    def operate(self, text: str, params: Mapping[str, Any]) -> str:
        """Return the placeholder of a value."""
        session: SessionRedactor = params["session"]
        return session.replace(text, [PiiSpan(start=0, end=len(text), entity=params["entity_type"], score=1.0)])

    def validate(self, params: Mapping[str, Any]) -> None:
        """Check the parameters.

        Raises:
            UsageError: If there is no session among them.
        """
        if not isinstance(params.get("session"), SessionRedactor):
            raise UsageError(
                "the operator 'placeholder' has no parameter 'session' of type SessionRedactor",
                hint='OperatorConfig("placeholder", {"session": SessionRedactor()})',
            )

    def operator_name(self) -> str:
        """Return the name under which an ``OperatorConfig`` finds it."""
        return "placeholder"

    def operator_type(self) -> Any:
        """Return ``OperatorType.Anonymize``."""
        return import_module("presidio_anonymizer.operators").OperatorType.Anonymize
