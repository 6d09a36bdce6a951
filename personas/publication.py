"""A suite written to storage, with everything that is needed to make and to trust it."""

import importlib.metadata
import itertools
import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness.config import Settings
from harness.contracts import Manifest, Parents, Prompt
from harness.identity import utc_now
from harness.models import ModelClient
from harness.storage import Storage
from harness.suites import write_manifest, write_suite
from personas.composition import Suite
from personas.lexicon import words


def publish(
    suite: Suite, settings: Settings, storage: Storage, *, dataset_id: str, model: ModelClient | None
) -> tuple[str, Path]:
    """Write a suite and point ``latest`` at it; return its id and folder.

    Raises:
        StorageError: If it cannot be written; nothing is left behind then.
    """
    folder = storage.staging("suites")
    try:
        suite_id, files = write_suite(folder, suite.prompts, suite.personas)
        write_manifest(folder, _manifest(suite, settings, suite_id, files, dataset_id, model))
        return suite_id, storage.publish("suites", suite_id, folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _manifest(
    suite: Suite, settings: Settings, suite_id: str, files: dict[str, str], dataset_id: str, model: ModelClient | None
) -> Manifest:
    offline = {p.generator.template: p.generator.template_hash for p in suite.prompts if p.generator.kind == "offline"}
    segmentation = suite.segmentation
    return Manifest(
        kind="suite",
        artifact_id=suite_id,
        tool_version=importlib.metadata.version("reverse-rag"),
        created_at=utc_now(),
        configuration_hash=settings.fingerprint(),
        seeds={"personas": settings.personas.seed},
        models={"personas": model.model_id if model else "offline"},
        templates={**offline, **suite.templates},
        counts={
            "personas": len(suite.personas),
            "prompts": len(suite.prompts),
            "planned": suite.planned,
            "rejected": sum(suite.rejected.values()),
            "missing": sum(suite.missing.values()),
            "sessions": len(suite.corpus.sessions),
            "users": suite.corpus.users,
            "merged_segments": segmentation.merged,
            "dropped_segments": segmentation.dropped,
            "dropped_users": segmentation.dropped_users,
        },
        parents=Parents(dataset_id=dataset_id),
        files=files,
        details={
            "rejected": suite.rejected,
            "shortfall": {f"{persona}/{strategy}": count for (persona, strategy), count in suite.missing.items()},
            "segments": _segments(suite),
            "diversity": diversity(suite.prompts),
            "usage": {
                "requests": suite.usage.requests,
                "tokens_in": suite.usage.tokens_in,
                "tokens_out": suite.usage.tokens_out,
                "cost_usd": suite.usage.cost_usd,
                "priced": suite.usage.priced,
            },
            "model_failures": suite.failures,
        },
    )


def _segments(suite: Suite) -> list[dict[str, Any]]:
    sessions = suite.corpus.sessions
    return [
        {
            "segment_id": part.segment_id,
            "label": part.label,
            "traffic_share": round(part.share, 6),
            "sessions": len(part.members),
            "users": part.users,
            "phrases": [phrase.text for phrase in part.phrases[:12]],
            "example_session_ids": [sessions[i].session_id for i in part.examples],
        }
        for part in suite.segmentation.segments
    ]


def diversity(prompts: Sequence[Prompt]) -> dict[str, Any]:
    """Return how varied a suite is: distinct-1 and distinct-2 (Li et al. 2016), vocabulary, shares of strategies."""
    texts = [words(" ".join(prompt.turns)) for prompt in prompts]
    pairs = [pair for text in texts for pair in itertools.pairwise(text)]
    singles = [word for text in texts for word in text]
    strategies = Counter(prompt.strategy for prompt in prompts)
    return {
        "distinct_1": round(len(set(singles)) / max(1, len(singles)), 4),
        "distinct_2": round(len(set(pairs)) / max(1, len(pairs)), 4),
        "words": len(set(singles)),
        "multi_turn_share": round(sum(len(p.turns) > 1 for p in prompts) / max(1, len(prompts)), 4),
        "strategies": {name: round(count / len(prompts), 4) for name, count in strategies.most_common()},
    }
