"""What became of prompts that were asked more than once; it never touches the failure rate."""

from collections.abc import Iterator, Mapping

from harness.contracts import Confirmations, Exchange, NoiseFloor, RunPlan, Verdict
from harness.proportions import exact_interval
from judge.phrases import count_of
from judge.reading import ConversationReading, Fate, Reading

NOISE_PROMPTS = 100
"""The first so many prompts of the sample are judged at their second attempt too, where a load sends them again."""


class Repeats:
    """Reads the further attempts of prompts: failing ones that were asked again, and repeats that a load sent.

    Failing prompts are chosen by their failure: asked again, they fail less
    often by chance alone. So they tell a lasting failure from a passing one,
    and the noise floor is read from others: the beginning of the sample,
    whatever became of it at first.

    Args:
        plan: The sample.
        turns: Number of turns by prompt id; a prompt that is missing counts as one turn.
        times: How often a failing prompt is asked again.
    """

    def __init__(self, plan: RunPlan, turns: Mapping[str, int], times: int) -> None:
        self._plan = plan
        self._turns = turns
        self._times = times
        self._noise = frozenset(plan.order[: min(plan.counted, NOISE_PROMPTS)])
        self._again: dict[str, dict[int, ConversationReading]] = {}
        self._second: dict[str, ConversationReading] = {}

    def __contains__(self, exchange: Exchange) -> bool:
        """Return whether an exchange is a repeat that is to be judged."""
        if exchange.attempt == 1:
            return False
        return exchange.arm == "confirmation" or self._measures_noise(exchange)

    def add(self, exchange: Exchange, verdict: Verdict) -> None:
        """Take in one exchange and its verdict; what is no such repeat is passed over."""
        if exchange not in self or verdict.control is not None:
            return
        if exchange.arm == "confirmation":
            attempts = self._again.setdefault(exchange.prompt_id, {})
            reading = attempts.setdefault(exchange.attempt, self._fresh(exchange))
        else:
            reading = self._second.setdefault(exchange.prompt_id, self._fresh(exchange))
        reading.add(exchange, verdict)

    def to_confirm(self, reading: Reading, most: int) -> list[str]:
        """Return the failing prompts to ask again, in the plan's order; ``most`` of them."""
        return self._failed(reading)[:most]

    def confirmations(self, reading: Reading) -> Confirmations | None:
        """Return which failures came back; None where no failing prompt was asked again."""
        failed = self._failed(reading)
        fates = {prompt_id: list(self._fates(prompt_id)) for prompt_id in failed if prompt_id in self._again}
        if not fates:
            return None
        flaky = [prompt_id for prompt_id, again in fates.items() if "passed" in again]
        consistent = [p for p, again in fates.items() if again.count("failed") >= self._times and p not in flaky]
        return Confirmations(
            times=self._times,
            consistent=consistent,
            flaky=flaky,
            unsettled=[prompt_id for prompt_id in fates if prompt_id not in {*flaky, *consistent}],
            not_asked=len(failed) - len(fates),
        )

    def noise_floor(self, reading: Reading, confidence: float) -> NoiseFloor | None:
        """Return how often the second verdict was another one; None where no prompt was judged twice."""
        both = [(reading.fate_of(prompt_id), second.fate()) for prompt_id, second in self._second.items()]
        judged = [first != second for first, second in both if {first, second} <= {"passed", "failed"}]
        if not judged:
            return None
        lower, upper = exact_interval(sum(judged), len(judged), confidence)
        share = sum(judged) / len(judged)
        return NoiseFloor(repeats=len(judged), flipped=sum(judged), estimate=share, lower=lower, upper=upper)

    def _measures_noise(self, exchange: Exchange) -> bool:
        return exchange.attempt == 2 and exchange.arm == self._plan.arm and exchange.prompt_id in self._noise

    def _fresh(self, exchange: Exchange) -> ConversationReading:
        return ConversationReading(self._turns.get(exchange.prompt_id, 1))

    def _failed(self, reading: Reading) -> list[str]:
        return [prompt_id for prompt_id in self._plan.order if reading.fate_of(prompt_id) == "failed"]

    def _fates(self, prompt_id: str) -> Iterator[Fate]:
        fates = (conversation.fate() for conversation in self._again[prompt_id].values())
        return (fate for fate in fates if fate is not None)


def confirmed(found: Confirmations | None) -> list[str]:
    """Return which failures came back when their prompts were asked again; it decides nothing."""
    if found is None:
        return []
    asked = len(found.consistent) + len(found.flaky) + len(found.unsettled)
    again = "once more" if found.times == 1 else f"{found.times} more times"
    sentence = (
        f"Of {count_of(asked, 'failing prompt')} asked again ({again}, no load beside them) {len(found.consistent):,} "
        f"failed every time and {len(found.flaky):,} passed at least once"
    )
    rest = f"; {len(found.unsettled):,} could not be settled" if found.unsettled else ""
    return [f"{sentence}{rest}. The rate reads first answers only."]
