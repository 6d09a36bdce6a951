"""Samples of a suite for other tools: every persona and strategy in its share, the same for the same seed."""

from collections.abc import Sequence

from harness.contracts import Prompt
from harness.identity import uniform


def sample(prompts: Sequence[Prompt], *, count: int, seed: int) -> list[Prompt]:
    """Return prompts stratified by persona and strategy, in proportion to their weights.

    Systematic sampling with probability proportional to size (Madow 1949):
    prompts stand in a row, persona by persona and within it strategy by
    strategy, each as wide as its weight, and a comb of ``count`` equal steps
    with a random start picks. So every prompt is drawn with probability
    ``count`` × weight, and each persona, as each of its strategies, comes out
    within one prompt of its share. Prompts heavier than a step are all taken.

    A tier of the gate is drawn otherwise (a random permutation, which may be
    read to any length and carries the test): see ``judge.draw``.

    Args:
        prompts: Of a suite; only generated ones, the others stand for no traffic.
        count: How many to return; all where the suite holds fewer.
        seed: Fixes the order within a stratum, the strata's order, and the start.

    Raises:
        ValueError: If ``count`` is not positive.
    """
    if count <= 0:
        raise ValueError(f"count is {count}; a sample needs at least one prompt")
    left = [prompt for prompt in prompts if prompt.origin == "generated"]
    if all(prompt.weight <= 0 for prompt in left):
        left = [prompt.model_copy(update={"weight": 1.0}) for prompt in left]
    certain: list[Prompt] = []
    while left and len(certain) < count:
        step = sum(prompt.weight for prompt in left) / (count - len(certain))
        heavy = [prompt for prompt in left if prompt.weight >= step * (1 - 1e-9)]
        if not heavy:
            break
        certain += heavy
        left = [prompt for prompt in left if prompt.weight < step * (1 - 1e-9)]
    chosen = {prompt.prompt_id for prompt in [*certain[:count], *_combed(left, count - len(certain), seed)]}
    return [prompt for prompt in prompts if prompt.prompt_id in chosen]


def _combed(prompts: Sequence[Prompt], count: int, seed: int) -> list[Prompt]:
    if count <= 0 or not prompts:
        return []
    row = sorted(prompts, key=lambda p: _place(p, seed))
    step = sum(prompt.weight for prompt in row) / count
    tooth = uniform(seed, "start") * step
    chosen: list[Prompt] = []
    reached = 0.0
    for prompt in row:
        reached += prompt.weight
        if reached > tooth and len(chosen) < count:
            chosen.append(prompt)
            tooth += step
    # Rounding may leave the last tooth just beyond the row's end.
    return chosen if len(chosen) == count else [*chosen, next(p for p in reversed(row) if p not in chosen)]


def _place(prompt: Prompt, seed: int) -> tuple[float, float, float]:
    persona, strategy = prompt.persona_id, prompt.strategy
    # Each persona has an order of strategies of its own, so that the whole's rounding favours no strategy.
    return (
        uniform(seed, "persona", persona),
        uniform(seed, "strategy", persona, strategy),
        uniform(seed, "prompt", prompt.prompt_id),
    )
