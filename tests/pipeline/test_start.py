"""The command line starts quickly and says what it cannot do."""

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("boto3", "locust", "gevent", "pandas", "pyarrow", "spacy", "sklearn", "pyspark", "pydantic", "rich.console")
CLI = str(Path(sys.executable).with_name("reverse-rag"))


@pytest.mark.parametrize("words", ["--help", "gate --help", "personas --help", "personas show --help", "--version"])
def test_help_loads_no_heavy_library(words: str) -> None:
    """What `--help` imports is what it costs."""
    code = (
        "import sys\nfrom pipeline.application import app\n"
        f"try:\n    app({words.split()!r})\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize("command", ["serve", "aws"])
def test_a_command_of_a_later_version_says_so_and_exits_2(command: str) -> None:
    """Nothing pretends to work."""
    done = subprocess.run([CLI, command], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "not there yet" in done.stderr


def test_an_unknown_command_names_the_nearest() -> None:
    """A typing error costs one look."""
    done = subprocess.run([CLI, "gat"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "gate" in done.stderr


def test_global_options_work_on_every_command(tmp_path: Path) -> None:
    """`--config` stands after the command, like everywhere else in the documentation."""
    config = tmp_path / "x.toml"
    config.write_text("[gate]\ntreshold = 0.1\n", encoding="utf-8")
    for command in ("extract", "personas", "plan", "swarm", "gate", "run", "report", "verify", "doctor"):
        done = subprocess.run([CLI, command, "-c", str(config), "--quiet"], capture_output=True, text=True, check=False)
        assert done.returncode == 2, (command, done.stderr)
        assert "line 2" in done.stderr
        assert "threshold" in done.stderr
