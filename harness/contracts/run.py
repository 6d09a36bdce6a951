"""What is fixed before a run starts, and the manifests of everything written."""

from typing import Any, Literal

from harness.contracts.base import Field, Part, Record
from harness.contracts.exchange import Arm


class Pair(Part):
    """A prompt that is asked twice: under load, and by itself in the control arm."""

    prompt_id: str
    first: Literal["control", "load"]
    """The arm that asks first: a coin said so, so that what the target learns from the first weighs on neither."""


class RunPlan(Record):
    """What a run will send, in which order. Written first, so that any process can resume it."""

    run_id: str
    suite_id: str
    tier: str
    arm: Arm
    order: list[str]
    """Prompt ids in the tier's order: sent in it, and read by the test in it."""
    counted: int
    """The first ``counted`` prompts of ``order`` are the thinned sample the test reads; what follows only loads."""
    pairs: list[Pair] = Field(default_factory=list)
    """Prompts of ``order`` that the control arm asks too, in its order; only where there is a load."""
    suite_ended: bool = False
    """The tier asks for more prompts than the suite holds."""
    paired: int = 0
    """The last so many prompts of ``order`` are the baseline's, asked for the comparison with it alone."""
    golden: list[str] = Field(default_factory=list)
    """Hand-written prompts, sent first, in an arm of their own."""
    regressions: list[str] = Field(default_factory=list)
    """Prompts kept because they once failed, sent in the same arm after them."""
    seed: int
    commit: str | None = None
    """The commit that the seed belongs to; None where every run draws the same prompts."""


class Parents(Part):
    """What an artifact was made from."""

    suite_id: str | None = None
    dataset_id: str | None = None


class Manifest(Record):
    """How an artifact came to be: enough to make it again."""

    kind: Literal["dataset", "suite", "run"]
    artifact_id: str
    tool_version: str
    created_at: str
    """Aware UTC time, ISO 8601."""
    configuration_hash: str
    seeds: dict[str, int] = Field(default_factory=dict)
    models: dict[str, str] = Field(default_factory=dict)
    """Stage to model id."""
    templates: dict[str, str] = Field(default_factory=dict)
    """Prompt-template name to SHA-256."""
    counts: dict[str, int] = Field(default_factory=dict)
    parents: Parents = Parents()
    files: dict[str, str] = Field(default_factory=dict)
    """File name to SHA-256."""
    details: dict[str, Any] = Field(default_factory=dict)
    """What only this kind of artifact has to say."""
