"""Which prompts a tier sends, in which order, and which of them the test reads."""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.contracts import Prompt
from harness.identity import uniform


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """A tier's prompts, in its order."""

    order: list[str]
    """Ids: the sample first, then what thinning set aside, as far as the tier wants prompts."""
    counted: int
    """Length of the sample; what follows it only makes load."""
    suite_ended: bool
    """The tier wants more prompts than the suite holds."""


def draw(prompts: Sequence[Prompt], *, wanted: int, seed: int) -> Draw:
    """Return a seeded random permutation of a suite, thinned to the prompts' weights.

    A prompt is kept with probability weight / largest weight, so the kept ones
    are a sample of production's traffic whatever the suite's mix. The place of
    a prompt depends on the seed and its id only: a smaller tier's sample is the
    beginning of a larger one's, and other prompts do not move it.

    Args:
        prompts: The suite. Golden and regression prompts are passed over: they would bias the rate upward.
        wanted: How many prompts the tier sends at most.
        seed: Fixes order and thinning.

    Raises:
        ValueError: If ``wanted`` is not positive.
    """
    if wanted <= 0:
        raise ValueError(f"wanted is {wanted}; a tier needs at least one prompt")
    weights = {prompt.prompt_id: prompt.weight for prompt in prompts if prompt.origin == "generated"}
    largest = max(weights.values(), default=0.0)
    ranked = sorted(weights, key=lambda prompt_id: uniform(seed, "order", prompt_id))
    kept = [p for p in ranked if largest <= 0.0 or uniform(seed, "thinning", p) * largest < weights[p]]
    in_sample = set(kept)
    order = (kept + [p for p in ranked if p not in in_sample])[:wanted]
    return Draw(order=order, counted=min(len(kept), wanted), suite_ended=wanted > len(weights))
