"""A load that comes as production's requests did, from the dataset behind the suite to the target."""

import json
import os
import subprocess
import sys
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from harness.arrivals import ARRIVALS, WEEK_MINUTES
from harness.config import Settings, load_settings
from harness.contracts import ArrivalCell, Arrivals, Exchange
from harness.errors import ConfigurationError
from harness.jsonlines import read_parts
from harness.storage import Storage
from harness.testing.target import TargetServer
from pipeline.loadpreview import load_words
from pipeline.planning import plan_gate
from pipeline.preparation import begin, take_up
from tests.pipeline.test_suites import publish

CLI = str(Path(sys.executable).with_name("reverse-rag"))
CELLS = ((0, 540, 1), (540, 542, 60), (542, 544, 20), (544, WEEK_MINUTES, 1))
"""Requests a minute: four busy minutes on Monday at nine."""
REPLAY = 'model = "replay"\nspeed = 60\nduration_s = 4\n'


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    """A suite of sixty conversations of two turns, and the dataset that it was made from."""
    storage = Storage(str(tmp_path / "out"))
    publish(storage, {"loan": 0.5, "room": 0.5}, each=30)
    dataset = tmp_path / "out" / "sanitized" / "data-1"
    dataset.mkdir(parents=True)
    cells = [ArrivalCell(from_minute=a, to_minute=b, requests_per_minute=rate) for a, b, rate in CELLS]
    (dataset / ARRIVALS).write_bytes(Arrivals(min_users=5, cells=cells).to_json())
    return storage


def configured(folder: Path, load: str, url: str = "http://127.0.0.1:9/chat") -> Settings:
    file = folder / "reverse-rag.toml"
    file.write_text(
        f'[storage]\nroot = "{folder / "out"}"\n[target]\nurl = "{url}"\n[target.response]\ntext = "message.text"\n'
        f"[load]\n{load}[tiers.pr]\nprompts = 60\n",
        encoding="utf-8",
    )
    return load_settings(file, env={})


def test_the_run_s_job_holds_production_s_busiest_minutes(tmp_path: Path, storage: Storage) -> None:
    """A conversation of two turns stands for two requests; an hour of production goes by in a minute."""
    settings = configured(tmp_path, REPLAY)
    begun = begin(settings, storage, suite="latest", tier_name="pr")
    stages = begun.job.production
    assert [stage.duration_s for stage in stages] == pytest.approx([0, 2, 0, 2])
    assert [stage.rate for stage in stages] == pytest.approx([30, 30, 10, 10])
    dataset = tmp_path / "out" / "sanitized" / "data-1"
    (dataset / ARRIVALS).unlink()
    dataset.rmdir()
    assert take_up(settings, storage, run="latest").job.production == begun.job.production, "a resume needs no dataset"


def test_a_resumed_run_takes_its_arrivals_from_the_dataset_that_is_there(tmp_path: Path, storage: Storage) -> None:
    """A run's folder may have been in other hands: it does not say how hard the target is hit."""
    settings = configured(tmp_path, REPLAY)
    begun = begin(settings, storage, suite="latest", tier_name="pr")
    harder = [stage.model_copy(update={"rate": 9000.0}) for stage in begun.job.production]
    begun.job.model_copy(update={"production": harder}).write(begun.folder)
    assert take_up(settings, storage, run="latest").job.production == begun.job.production


def test_a_suite_whose_dataset_was_deleted_cannot_be_replayed(tmp_path: Path, storage: Storage) -> None:
    dataset = tmp_path / "out" / "sanitized" / "data-1"
    (dataset / ARRIVALS).unlink()
    dataset.rmdir()
    with pytest.raises(ConfigurationError, match=r"dataset data-1, .*not in .* any more") as caught:
        begin(configured(tmp_path, REPLAY), storage, suite="latest", tier_name="pr")
    assert "reverse-rag extract" in caught.value.hint
    assert not (tmp_path / "out" / "runs").exists(), "nothing was begun"


def test_a_plan_says_what_a_profile_asks_of_the_target(tmp_path: Path, storage: Storage) -> None:
    def words(load: str) -> str:
        made = plan_gate(configured(tmp_path, load), storage, suite="latest", tier_name="pr")
        assert made.load is not None
        return load_words(made.load)

    assert words(REPLAY) == (
        "80 conversations (160 requests) begin in 4 s, at most 30.0 a second; "
        "prompts that are left then go on at 10.0 a second"
    )
    ramp = 'model = "open"\nstages = [{ duration_s = 10, rate = 20 }, { duration_s = 10, rate = 0 }]\n'
    assert words(ramp) == (
        "200 conversations (400 requests) begin in 20 s, at most 20.0 a second; prompts that are left then are not sent"
    )
    assert words('model = "closed"\nusers = 7\n') == "at most 7 users at once for 60 s"


@pytest.mark.parametrize(
    ("load", "minutes"),
    [
        ('model = "open"\nrate = 2\nduration_s = 12\n', 0.5),
        ('model = "open"\nrate = 2\nduration_s = 120\n', 2.0),
        ('model = "open"\nstages = [{ duration_s = 6, rate = 2 }, { duration_s = 6, rate = 0 }]\n', 0.2),
        ('model = "closed"\nusers = 8\nduration_s = 6\n', 0.5),
    ],
)
def test_a_plan_takes_as_long_as_the_tier_or_its_profile(
    tmp_path: Path, storage: Storage, load: str, minutes: float
) -> None:
    """Sixty prompts of two turns; a profile that ends at 0 ends the run."""
    made = plan_gate(configured(tmp_path, load), storage, suite="latest", tier_name="pr")
    assert made.minutes == pytest.approx(minutes)


def test_the_command_line_sends_production_s_shape(tmp_path: Path, storage: Storage) -> None:
    """By the schedule that is recorded, three of four conversations are due in the busier half of the window."""
    with TargetServer() as server:
        configured(tmp_path, REPLAY + "rate = 15\n", server.url())
        done = subprocess.run(
            [CLI, "swarm", "--tier", "pr", "--json", "--no-progress", "-c", str(tmp_path / "reverse-rag.toml")],
            env={**os.environ, "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    rows = [Exchange.model_validate(row) for row in read_parts(tmp_path / "out/runs" / result["run_id"] / "exchanges")]
    due = sorted(datetime.fromisoformat(r.scheduled_at).timestamp() for r in rows if r.scheduled_at and r.turn == 0)
    gaps = [round(later - earlier, 2) for earlier, later in pairwise(due)]
    assert (result["exchanges"], len(due), {row.arm for row in rows}) == (120, 60, {"load"})
    assert (set(gaps[:44]), set(gaps[45:])) == ({0.04}, {0.13}), "22.5 a second, then 7.5"
