"""``[telemetry]``: nothing is sent unless it says where."""

from pathlib import Path

import pytest

from harness.config import Settings, TelemetrySection, load_settings
from harness.errors import ConfigurationError


def test_nothing_is_sent_by_default() -> None:
    assert Settings().telemetry.otlp_endpoint is None


def test_where_telemetry_goes_changes_no_outcome() -> None:
    """So a run may be resumed with another collector."""
    other = Settings(telemetry=TelemetrySection(otlp_endpoint="http://127.0.0.1:4318"))
    assert other.fingerprint() == Settings().fingerprint()


@pytest.mark.parametrize("endpoint", ["127.0.0.1:4318", "grpc://x:4317", "http://u:p@x", "http://x?a=b", "http://"])
def test_an_endpoint_is_the_plain_url_of_a_collector(tmp_path: Path, endpoint: str) -> None:
    file = tmp_path / "reverse-rag.toml"
    file.write_text(f'[telemetry]\notlp_endpoint = "{endpoint}"\n', encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"otlp_endpoint.*must be http://HOST:PORT"):
        load_settings(file, env={})
