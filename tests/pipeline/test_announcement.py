"""The decision in the terminal: what stands beside the reasons."""

import pytest

from harness.contracts import EvidencePoint, FailureRate, GateResult, PromptCounts, Rate
from pipeline.announcement import announce
from pipeline.console import Console


def announced(
    capsys: pytest.CaptureFixture[str], *, read: int = 20, judged: int = 22, recovery_s: float | None = None
) -> str:
    """Return what is said of a run that broke its target, 22 of whose prompts are judged."""
    rate = Rate(estimate=0.3, lower=0.1, upper=0.5)
    tripped = {"tripped_after_s": 4.0, "error_share": 0.8, "limit": 0.5, "requests": 60, "recovery_s": recovery_s}
    result = GateResult(
        run_id="run-1",
        suite_id="suite-1",
        decision="fail",
        reasons=["too many failed: see `reverse-rag calibrate`"],
        exit_code=1,
        tier="pr",
        threshold=0.02,
        confidence=0.95,
        failure_rate=FailureRate(estimate=0.3, lower=0.1, upper=0.5, raw=rate),
        prompts=PromptCounts(planned=50, sent=24, judged=judged, failed=6),
        evidence=[EvidencePoint(judged=n, failed=6, lower=0.1, upper=0.5, decision="fail") for n in (14, read) if n],
        load={"requests": 90, "kill_switch": {**tripped, "gone": False}},
        stopped_because="kill_switch",
    )
    announce(Console(options={"-c": "my.toml"}), result, "out/runs/run-1")
    return " ".join(capsys.readouterr().err.split())


def test_two_counts_are_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    """The rate reads prompts in the order of the draw, so some that are judged wait behind one that is not."""
    whole = "22 judged of 50 planned, 6 failed"
    assert f"{whole}; the rate reads the first 20 in the draw's order load" in announced(capsys)
    assert f"{whole} load" in announced(capsys, read=22)


@pytest.mark.parametrize(
    ("recovery_s", "expected"),
    [
        (28.012, "left alone, the target answered again after 28 s"),
        (3.21, "left alone, the target answered again after 3.2 s"),
        (None, "the target did not answer again in the time it was given"),
    ],
)
def test_a_broken_target_is_told_with_its_recovery(
    recovery_s: float | None, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert f"recovery {expected}" in announced(capsys, recovery_s=recovery_s)


def test_reasons_name_commands_that_work_here(capsys: pytest.CaptureFixture[str]) -> None:
    """They come from artifacts, which know nothing of this call."""
    assert "see `reverse-rag calibrate -c my.toml`" in announced(capsys)


def test_a_run_that_tested_nothing_says_so_first(capsys: pytest.CaptureFixture[str]) -> None:
    """It may exit 0, where the tier lets an inconclusive run pass."""
    assert announced(capsys, read=0, judged=0).startswith("FAIL — nothing was tested")
    assert "nothing was tested" not in announced(capsys)
