"""Writing without a model: nothing is missing, and nothing is said too often in the same frame."""

from harness.config import PersonasSection
from harness.pii.detector import Detector
from harness.progress import SilentProgress
from personas.composition import Suite, compose
from tests.personas.logs import library_sessions

PATTERNS = Detector("strict")
"""Patterns alone: what is personal is not the subject here, and the tagger takes most of the time."""


def _suite(prompts: int, seed: int = 7) -> Suite:
    section = PersonasSection(personas=1, prompts_per_persona=prompts, seed=seed)
    return compose(library_sessions(120), section, progress=SilentProgress(), personal=PATTERNS)


def test_a_frame_is_used_for_few_prompts_and_the_count_is_delivered_all_the_same() -> None:
    suite = _suite(600)
    assert len(suite.prompts) == 600
    assert not suite.missing
    assert sum(suite.frames.values()) == 600
    assert max(suite.frames.values()) <= 6


def test_more_prompts_than_are_screened_together_come_in_the_same_order_every_time() -> None:
    once, again = _suite(1_200), _suite(1_200)
    assert [prompt.prompt_id for prompt in once.prompts] == [prompt.prompt_id for prompt in again.prompts]
    assert len({prompt.prompt_id for prompt in once.prompts}) == 1_200
