"""One attempt at a generation in a process of its own, which a test may kill.

Usage: python -m tests.personas.attempt SETTINGS_FILE ROOT
"""

import sys
from pathlib import Path

from harness.config import Settings
from harness.models import connect
from harness.storage import Storage
from personas.generation import make_suite

if __name__ == "__main__":
    settings = Settings.model_validate_json(Path(sys.argv[1]).read_bytes())
    client = connect(settings.personas.model, timeout_s=60.0, concurrency=4, key="personas.model", adaptive=True)
    make_suite(settings, Storage(sys.argv[2]), model=client)
