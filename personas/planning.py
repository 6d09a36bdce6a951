"""How many prompts each persona and each strategy gets, and what each prompt weighs."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from harness.contracts import Persona, Prompt

FEWEST = 5
"""Prompts that even the smallest persona gets, as far as the whole allows."""


def shared_out(total: int, shares: Sequence[float], *, fewest: int = 0) -> list[int]:
    """Return whole counts in proportion to shares that add up to ``total`` (largest remainder, Hamilton's method).

    Args:
        total: What is shared out.
        shares: Relative sizes; at least one above zero.
        fewest: What everybody gets first, as far as the total allows.
    """
    floor = min(fewest, total // len(shares))
    rest = total - floor * len(shares)
    quotas = [rest * share / sum(shares) for share in shares]
    counts = [int(quota) for quota in quotas]
    by_remainder = sorted(range(len(shares)), key=lambda i: (counts[i] - quotas[i], i))
    for i in by_remainder[: rest - sum(counts)]:
        counts[i] += 1
    return [floor + count for count in counts]


def by_persona(total: int, personas: Sequence[Persona]) -> list[int]:
    """Return how many prompts each persona gets: by its traffic, and every one at least a few."""
    return shared_out(total, [persona.traffic_share for persona in personas], fewest=FEWEST)


def by_strategy(counts: Sequence[int], shares: Sequence[Mapping[str, float]]) -> list[Counter[str]]:
    """Return, for each persona's count, how many prompts of each strategy it gets.

    What a persona's rounding owes a strategy is made up by the personas after
    it, so that the strategies' shares hold for the whole suite.

    Args:
        counts: Prompts of each persona.
        shares: Relative sizes of the strategies, for each persona.
    """
    owed: dict[str, float] = {}
    plan = []
    for count, parts in zip(counts, shares, strict=True):
        whole = sum(parts.values())
        for name, share in parts.items():
            owed[name] = owed.get(name, 0.0) + count * share / whole
        given = Counter({name: max(0, int(due)) for name, due in owed.items()})
        while given.total() > count:
            given[min((n for n in given if given[n]), key=lambda n: owed[n] - given[n])] -= 1
        while given.total() < count:
            given[max(owed, key=lambda n: owed[n] - given[n])] += 1
        for name in owed:
            owed[name] -= given[name]
        plan.append(+given)
    return plan


def weighted(prompts: Iterable[Prompt], personas: Sequence[Persona]) -> Iterator[Prompt]:
    """Yield the prompts with their weights: each persona's traffic spread evenly over its prompts, 1 in all.

    Args:
        prompts: Are gone through twice, because their number decides what each weighs.
        personas: Theirs.
    """
    counts = Counter(prompt.persona_id for prompt in prompts)
    covered = sum(persona.traffic_share for persona in personas if counts[persona.persona_id])
    weight = {p.persona_id: p.traffic_share / covered / counts[p.persona_id] for p in personas if counts[p.persona_id]}
    return (prompt.model_copy(update={"weight": weight[prompt.persona_id]}) for prompt in prompts)
