"""Pairs the answers of the control arm with those that the same prompts got under load."""

import hashlib
from collections.abc import Mapping
from typing import Literal

from harness.contracts import Exchange, RunPlan, Verdict
from judge.reading import ConversationReading

_Side = Literal["control", "load"]
_COUNTS = {
    (True, True): "both_passed",
    (False, True): "only_control_failed",
    (True, False): "only_load_failed",
    (False, False): "both_failed",
}
"""By whether the control answer and the one under load passed."""


class Pairing:
    """Counts what became of the same prompts alone and under load; it never touches the failure rate.

    A conversation passes when all its turns do. A pair counts once both its
    sides passed or failed; where the judge or the infrastructure failed it
    says nothing.

    Args:
        plan: The pairs.
        turns: Number of turns by prompt id; a prompt that is missing counts as one turn.
    """

    def __init__(self, plan: RunPlan, turns: Mapping[str, int]) -> None:
        self._arm = plan.arm
        sides: tuple[_Side, _Side] = ("control", "load")
        self._pairs = {
            pair.prompt_id: {side: ConversationReading(turns.get(pair.prompt_id, 1)) for side in sides}
            for pair in plan.pairs
        }
        self._texts: dict[tuple[str, str], dict[int, bytes]] = {}

    def __contains__(self, prompt_id: str) -> bool:
        """Return whether a prompt is asked in both arms."""
        return prompt_id in self._pairs

    def add(self, exchange: Exchange, verdict: Verdict) -> None:
        """Take in one exchange and its verdict; what belongs to no pair is passed over."""
        pair = self._pairs.get(exchange.prompt_id)
        side = self._side(exchange)
        if pair is None or side is None or exchange.attempt != 1 or verdict.control is not None:
            return
        pair[side].add(exchange, verdict)
        if exchange.response_text:
            said = exchange.response_text.encode("utf-8", "replace")
            digest = hashlib.blake2b(said, digest_size=16).digest()
            self._texts.setdefault((exchange.prompt_id, side), {})[exchange.turn] = digest

    @property
    def figures(self) -> dict[str, int]:
        """How many pairs there are, how many of them passed on which side, and how many answers were the same."""
        counts = {"pairs": 0, **dict.fromkeys(_COUNTS.values(), 0), "same_text": 0}
        for prompt_id, pair in self._pairs.items():
            control, load = pair["control"].fate(), pair["load"].fate()
            if {control, load} <= {"passed", "failed"}:
                counts["pairs"] += 1
                counts[_COUNTS[control == "passed", load == "passed"]] += 1
                counts["same_text"] += self._same(prompt_id)
        return counts

    @property
    def only_load_failed(self) -> list[str]:
        """Ids of the prompts that passed alone and failed under load, in the plan's order."""
        fates = {p: (pair["control"].fate(), pair["load"].fate()) for p, pair in self._pairs.items()}
        return [prompt_id for prompt_id, both in fates.items() if both == ("passed", "failed")]

    def _same(self, prompt_id: str) -> bool:
        control = self._texts.get((prompt_id, "control"))
        return control is not None and control == self._texts.get((prompt_id, "load"))

    def _side(self, exchange: Exchange) -> _Side | None:
        if exchange.arm == "control":
            return "control"
        return "load" if exchange.arm == self._arm else None
