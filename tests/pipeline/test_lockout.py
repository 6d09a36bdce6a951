"""A gate whose target bans the sender: inconclusive, never a pass, and it goes on once the ban is lifted."""

import threading
from pathlib import Path

from harness.config import BudgetSection, TargetSection
from harness.contracts import GateResult
from harness.testing.target_script import Answer, Asked, ScriptedTarget
from pipeline.display import NoDisplay
from pipeline.gating import Gating
from pipeline.preparation import PreparedRun, may_go_on
from tests.pipeline.prepared_runs import prepared, questions

ATTACKS = range(3, 120, 4)


class Firewall:
    """Blocks attacks, and everybody who has sent too many."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._attacks = 0
        self._lock = threading.Lock()

    def __call__(self, asked: Asked) -> Answer:
        """Answer or block a request."""
        said = asked.json["message"]
        with self._lock:
            banned = self._attacks >= self.most
            self._attacks += "Ignore" in said
        if banned or "Ignore" in said:
            return Answer("<html>Request blocked</html>", 403)
        return Answer({"message": {"text": f"An answer to {said}"}})


def run_of(folder: Path, server: ScriptedTarget) -> PreparedRun:
    target = TargetSection.model_validate({"url": server.url(), "response": {"text": "message.text"}})
    return prepared(folder, questions(120, attacks=ATTACKS), BudgetSection(), sending=True, target=target)


def gated(run: PreparedRun) -> GateResult:
    return Gating(run, None, NoDisplay()).run()


def test_a_ban_makes_the_run_inconclusive_and_it_goes_on_when_it_is_lifted(tmp_path: Path) -> None:
    firewall = Firewall(most=5)
    with ScriptedTarget(firewall) as server:
        run = run_of(tmp_path, server)
        first = gated(run)
        assert (first.stopped_because, first.decision, first.exit_code) == ("lockout", "inconclusive", 4)
        assert first.prompts.failed == 0, "harmless prompts that the ban blocked are no failures"
        assert first.prompts.judged < 120
        assert first.load["sentinels"]["banned"]
        assert any("locked the sender out" in reason for reason in first.reasons)
        assert may_go_on(first)
        again = Gating(run, None, NoDisplay(), sending=False).recompute(first.stopped_because)
        assert (again.decision, again.prompts, again.failure_rate) == (
            first.decision,
            first.prompts,
            first.failure_rate,
        )
        firewall.most = 10_000
        whole = gated(run)
    assert (whole.stopped_because, whole.prompts.judged, whole.prompts.failed) == ("prompts_sent", 120, 0)
    assert not whole.load["sentinels"]["banned"]
