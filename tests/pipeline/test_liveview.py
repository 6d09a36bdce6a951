"""A run's live view, on a real pseudo-terminal."""

import json
import signal
import sys
from pathlib import Path

import pytest

from harness.contracts import PromptCounts
from harness.jsonlines import read_parts
from harness.storage import Storage
from harness.testing.target import TargetServer
from judge.statistics import SequentialTest
from pipeline.liveview import lines
from pipeline.standing import Quantiles, Sending, Standing
from tests.pipeline.terminal import Screen, Terminal, screens
from tests.pipeline.test_suites import publish
from tests.swarm.runs import wait_until

SENDING = Sending(
    elapsed_s=12.0,
    position_s=12.0,
    sent=1250,
    in_flight=14,
    rate=19.84,
    scheduled=20.0,
    latency=Quantiles(420.0, 12_300.0),
    service=Quantiles(410.0, 12_200.0),
    first_token=Quantiles(180.0, 999.0),
    outcomes={"answered": 1200, "timeout": 20, "http_error": 16},
    lag_p99_ms=3.2,
)
RESIZED = """
import time
from pathlib import Path
from pipeline.liveview import LiveView
from rich.console import Console
from tests.pipeline.test_liveview import standing
console = Console(stderr=True, soft_wrap=True)
view = LiveView(console, clock=iter(range(10**6)).__next__)
with view:
    while console.width == 100:
        view.show(standing)
        time.sleep(0.02)
    console.print("RESIZED")
    for _ in range(3):
        view.show(standing)
"""


def standing(failed: int = 3, judged: int = 1231, sending: Sending | None = SENDING) -> Standing:
    test = SequentialTest(threshold=0.02, confidence=0.95)
    return Standing(
        phase="load",
        duration_s=60.0,
        prompts=PromptCounts(planned=10_000, sent=1240, judged=judged, failed=failed),
        sending=sending,
        verdict=test.update(failed=failed, judged=judged),
        cost_usd=0.42,
        budget_usd=5.0,
    )


def shown(one: Standing) -> str:
    return "\n".join(line.plain for line in lines(one, 12.0))


def test_every_figure_is_there_and_nothing_is_wider_than_eighty_columns() -> None:
    text = shown(standing())
    for figure in (
        "0:12 of 1:00",
        "1,240 of 10,000 sent · 1,231 judged · 3 failed",
        "limit 2.0% passes",
        "19.8 of 20.0 a second · 14 in flight",
        "latency p50 420 ms, p95 12 s · TTFT p50 180 ms, p95 999 ms",
        "36 of 1,236: 20 timeout, 16 http error",
        "on time: lag p99 3 ms",
        "$0.42 of $5.00",
    ):
        assert figure in text
    assert max(map(len, text.splitlines())) < 80


@pytest.mark.parametrize(("failed", "judged", "word"), [(60, 600, "fails"), (1, 30, "limit 2.0%"), (0, 400, "passes")])
def test_the_bar_closes_in_on_the_threshold_in_its_middle(failed: int, judged: int, word: str) -> None:
    verdict = next(line for line in shown(standing(failed, judged)).splitlines() if line.startswith("verdict"))
    bar = verdict.split()[1]
    middle = len(bar) // 2
    assert verdict.endswith(word)
    assert (bar[middle] == "┿") == (word == "limit 2.0%"), "the interval holds the threshold until the gate is decided"
    assert (bar.index("●") > middle) == (failed / judged > 0.02)
    assert len(verdict) < 80


def test_a_generator_that_is_late_says_so() -> None:
    late = Sending(**{name: getattr(SENDING, name) for name in SENDING.__slots__} | {"lag_p99_ms": 840.0})
    assert "behind: lag p99 840 ms, not the target's fault" in shown(standing(sending=late))


def test_before_anything_is_known_there_is_a_line_all_the_same() -> None:
    one = Standing(phase="", prompts=PromptCounts(planned=10, sent=0, judged=0, failed=0))
    assert shown(one).split() == ["starting", "0:12", "prompts", "0", "of", "10", "sent"]


def test_a_terminal_that_changes_its_size_gets_what_fits() -> None:
    terminal = Terminal([sys.executable, "-c", RESIZED], columns=100, lines=24)
    wait_until(lambda: "limit" in terminal.written)
    terminal.resize(40, 4)
    terminal.finish()
    assert terminal.process.returncode == 0, terminal.written
    before, after = terminal.written.split("RESIZED")
    assert 40 < Screen(100).write(before).longest <= 99
    assert Screen(40).write(after).longest <= 39
    assert Screen(40).write(after).text == "", "at the end the block is taken away"


def configured(tmp_path: Path, server: TargetServer, tables: str) -> list[str]:
    """Return the command that runs the gate on a suite of sixty prompts."""
    storage = Storage(str(tmp_path / "out"))
    publish(storage, {"loan": 0.5, "room": 0.5}, each=30)
    file = tmp_path / "reverse-rag.toml"
    file.write_text(
        f'[storage]\nroot = "{tmp_path / "out"}"\n[target]\nurl = "{server.url("/stream")}"\nstream = true\n'
        f'protocol = "openai-chat"\n[budget]\nusd = 2.0\n[tiers.pr]\nprompts = 40\nrun_all = true\n{tables}',
        encoding="utf-8",
    )
    return [sys.executable, "-m", "pipeline.cli", "gate", "--config", str(file), "--tier", "pr", "--json"]


@pytest.mark.parametrize("columns", [80, 120])
def test_a_gate_shows_its_figures_while_it_runs(tmp_path: Path, columns: int) -> None:
    with TargetServer(delay_s=0.02) as server:
        load = '[load]\nmodel = "open"\nrate = 15.0\nduration_s = 2\n'
        terminal = Terminal(configured(tmp_path, server, load), columns=columns)
        gate = json.loads(terminal.finish())
    assert gate["prompts"]["sent"] == 40
    frames = screens(terminal.written, columns, lambda text: "in flight" in text)
    whole = "\n".join(frames)
    for figure in ("of 0:02", "of 40 sent", "of 15.0 a second", "latency p50", "TTFT p50", "limit 2.0%", "lag p99"):
        assert figure in whole
    assert "of $2.00" in whole
    block = [row for frame in frames for row in frame.splitlines() if row.startswith(("rate", "last", "verdict"))]
    assert max(map(len, block)) < 80
    assert not any("TTFT" in row for row in Screen(columns).write(terminal.written).rows), "it is gone at the end"


def test_ctrl_c_leaves_a_clean_terminal_and_says_how_to_resume(tmp_path: Path) -> None:
    with TargetServer() as server:
        load = '[load]\nmodel = "open"\nrate = 10.0\nduration_s = 600\n[slo]\nerror_rate = 0.5\n'
        terminal = Terminal(configured(tmp_path, server, load))
        wait_until(lambda: "in flight" in terminal.written)
        terminal.process.send_signal(signal.SIGINT)
        terminal.finish()
    assert terminal.process.returncode == 130
    assert terminal.written.rindex("\x1b[?25h") > terminal.written.rindex("\x1b[?25l"), "the cursor is back"
    text = Screen(80).write(terminal.written).text
    assert "in flight" not in text
    assert "--resume run-" in text.replace("\n", "")


def test_no_prompt_is_shown(tmp_path: Path) -> None:
    with TargetServer() as server:
        command = configured(tmp_path, server, "")
        terminal = Terminal(command)
        gate = json.loads(terminal.finish())
    rows = read_parts(tmp_path / "out" / "runs" / gate["run_id"] / "exchanges")
    texts = {text for row in rows for text in (row["prompt"], row["response_text"]) if text}
    assert len(texts) > 10
    assert not [text for text in texts if text in terminal.written]
