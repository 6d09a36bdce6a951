"""One attempt at a generation in a process of its own, which a test may kill.

Usage: python -m tests.personas.attempt SETTINGS_FILE ROOT
"""

import sys
from pathlib import Path

from harness.config import Settings
from harness.models import connect
from harness.storage import Storage
from personas.generation import make_suite

CONCURRENCY = 4
"""Calls in flight at once."""
TIMEOUT_S = 600.0
"""No call is given up before the attempt is killed."""

if __name__ == "__main__":
    settings = Settings.model_validate_json(Path(sys.argv[1]).read_bytes())
    client = connect(settings.personas.model, timeout_s=TIMEOUT_S, concurrency=CONCURRENCY, key="personas.model")
    make_suite(settings, Storage(sys.argv[2]), model=client)
