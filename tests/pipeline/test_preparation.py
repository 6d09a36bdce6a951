"""What is fixed before a run starts."""

from pathlib import Path

import pytest

from harness.config import load_settings
from harness.errors import ConfigurationError
from harness.storage import Storage
from pipeline.preparation import begin


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ('[judge]\nescalate_to = "bedrock:big"', "escalate_to"),
        ("[judge]\ntokens_per_minute = 1000", "tokens_per_minute"),
        ('[load]\nmodel = "replay"', "replay"),
    ],
)
def test_a_key_of_a_later_version_is_refused_before_anything_is_written(tmp_path: Path, table: str, key: str) -> None:
    """Nothing that the configuration asks for is silently ignored."""
    file = tmp_path / "reverse-rag.toml"
    file.write_text(f"{table}\n[tiers.pr]\nprompts = 5\n", encoding="utf-8")
    settings = load_settings(file, env={})
    with pytest.raises(ConfigurationError, match=key):
        begin(settings, Storage(str(tmp_path / "out")), suite="latest", tier_name="pr")
    assert not (tmp_path / "out").exists()
