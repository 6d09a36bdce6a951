"""``[telemetry]``: where a run's metrics and traces go, if anywhere."""

import re

from pydantic import Field, field_validator

from harness.config.sections import Section

_URL = re.compile(r"https?://[^\s/?#@]+(?:/[^\s?#@]*)?")


class TelemetrySection(Section):
    """Sends a run's metrics and traces to an OpenTelemetry collector; nothing is sent unless it says where; see docs/telemetry.md."""

    otlp_endpoint: str | None = None
    """URL of a collector that takes OTLP over HTTP, such as ``http://127.0.0.1:4318``; ``/v1/traces`` and ``/v1/metrics`` are added to it. Absent: nothing is sent."""
    headers: dict[str, str] = Field(default_factory=dict)
    """What the collector asks for, such as ``{ authorization = "Bearer ${OTLP_TOKEN}" }``."""

    @field_validator("otlp_endpoint")
    @classmethod
    def _is_url(cls, endpoint: str | None) -> str | None:
        if endpoint is not None and not _URL.fullmatch(endpoint):
            raise ValueError("must be http://HOST:PORT or https://HOST:PORT, without user, query and fragment")
        return endpoint
