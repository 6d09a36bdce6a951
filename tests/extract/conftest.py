"""What the tests of the extract stage share: records, and a configuration around files of them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from harness.config import Settings, load_settings
from harness.storage import Storage

KEY = "a-key-of-more-than-sixteen-characters"
MakeSettings = Callable[..., Settings]


@pytest.fixture(autouse=True)
def hmac_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REVERSE_RAG_HMAC_KEY", KEY)


@pytest.fixture
def make_settings(tmp_path: Path) -> MakeSettings:
    """Return a function that makes settings whose paths start in the test's folder.

    Few tracers bound the recall loosely, so the floor is low unless a test sets it.
    """

    def make(**extract: Any) -> Settings:
        file = tmp_path / "reverse-rag.toml"
        file.write_text("[gate]\nthreshold = 0.02\n", encoding="utf-8")
        return load_settings(
            file,
            flags={
                "extract": {"tracers": 40, "certificate_floor": 0.5, "certificate_structured_floor": 0.5, **extract}
            },
            env={},
        )

    return make


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(str(tmp_path / "out"))


def record(number: int = 0, **values: Any) -> dict[str, Any]:
    """Return a good log record; users and sessions repeat every few numbers."""
    return {
        "user_id": f"customer-{number % 7}",
        "session_id": f"session-{number // 3}",
        "timestamp": f"2026-10-0{1 + number % 5}T08:{number % 60:02}:00Z",
        "prompt": f"How long does a transfer to France take, please? ({number})",
        "response": "Two days.",
        **values,
    }


def write_jsonl(path: Path, records: list[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(orjson.dumps(r) + b"\n" for r in records))
    return path
