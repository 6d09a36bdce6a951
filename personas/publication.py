"""A suite written to storage, with everything that is needed to make and to trust it."""

import importlib.metadata
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import Any

from harness.config import Settings
from harness.contracts import Manifest, Parents, Prompt
from harness.identity import file_sha256, utc_now
from harness.jsonlines import write_lines
from harness.models import ModelClient
from harness.models.batch import BedrockBatches
from harness.storage import Storage
from harness.suites import write_beside, write_manifest, write_suite
from personas.composition import Suite
from personas.diversity import diversity
from personas.earlier import LINEAGE, SEGMENTS
from personas.evolution import Origin
from personas.offline import Missing
from personas.retrieval import RETRIEVAL


def publish(
    suite: Suite,
    settings: Settings,
    storage: Storage,
    *,
    dataset_id: str,
    model: ModelClient | None,
    origin: Origin | None = None,
    batches: BedrockBatches | None = None,
    golden: Sequence[Prompt] = (),
) -> tuple[str, Manifest]:
    """Write a suite and point ``latest`` at it; return its id and manifest.

    Args:
        suite: Of personas and prompts.
        settings: What it was made with.
        storage: Where it goes.
        dataset_id: What it was made from.
        model: Who wrote it; None: nobody.
        origin: The suite that it goes on from, and how production's mix moved; None where it started anew.
        batches: Took calls as batch inference jobs; None where none did.
        golden: Hand-written prompts, which go in as they are.

    Raises:
        StorageError: If it cannot be written; nothing is left behind then.
    """
    folder = storage.staging("suites")
    try:
        suite_id, files = write_suite(folder, chain(suite.prompts, golden), suite.personas)
        files[RETRIEVAL] = _write_retrieval(suite, folder)
        files |= write_beside(folder, SEGMENTS, suite.memory.profiles)
        if origin is not None:
            files |= write_beside(folder, LINEAGE, suite.carried.lineage)
        manifest = _manifest(suite, settings, suite_id, files, dataset_id, model, origin, batches, golden=len(golden))
        write_manifest(folder, manifest)
        storage.publish("suites", suite_id, folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return suite_id, manifest


def _write_retrieval(suite: Suite, folder: Path) -> str:
    """Write which sessions stood before a model, and why; return the file's SHA-256."""
    path = folder / RETRIEVAL
    write_lines(path, (example.to_dict() for part in suite.segmentation.segments for example in part.examples))
    return file_sha256(path)


def _manifest(
    suite: Suite,
    settings: Settings,
    suite_id: str,
    files: dict[str, str],
    dataset_id: str,
    model: ModelClient | None,
    origin: Origin | None,
    batches: BedrockBatches | None,
    *,
    golden: int,
) -> Manifest:
    offline = {p.generator.template: p.generator.template_hash for p in suite.prompts if p.generator.kind == "offline"}
    return Manifest(
        kind="suite",
        artifact_id=suite_id,
        tool_version=importlib.metadata.version("reverse-rag"),
        created_at=utc_now(),
        configuration_hash=settings.fingerprint(),
        seeds={"personas": settings.personas.seed, **({"evolution": origin.seed} if origin else {})},
        models={"personas": model.model_id if model else "offline", "embedding": settings.personas.embedding},
        templates={**offline, **suite.templates},
        counts=_counts(suite) | {"golden": golden},
        parents=Parents(dataset_id=dataset_id, suite_id=origin.suite_id if origin else None),
        files=files,
        details=_details(suite, origin, batches),
    )


def _counts(suite: Suite) -> dict[str, int]:
    return {
        "personas": len(suite.personas),
        "prompts": len(suite.prompts),
        "planned": suite.planned,
        "regression": len(suite.carried.regression),
        "rejected": sum(suite.rejected.values()),
        "missing": sum(suite.missing.values()),
        "filled_offline": sum(suite.filled.values()),
        "sessions": len(suite.corpus.sessions),
        "users": suite.corpus.users,
        "merged_segments": suite.segmentation.merged,
        "dropped_segments": suite.segmentation.dropped,
        "dropped_users": suite.segmentation.dropped_users,
    }


def _details(suite: Suite, origin: Origin | None, batches: BedrockBatches | None) -> dict[str, Any]:
    return {
        "rejected": suite.rejected,
        "shortfall": by_name(suite.missing),
        "segments": _segments(suite),
        "segmentation": suite.segmentation.to_dict(),
        "diversity": diversity(suite.prompts, suite.personas, suite.corpus.sessions),
        "mix": suite.memory.to_dict(),
        **(origin.details(suite.carried, added=len(suite.prompts) - suite.carried.moved) if origin else {}),
        "filled_offline": by_name(suite.filled),
        "usage": {**asdict(suite.usage), "in_all": asdict(suite.usage_in_all)},
        "embedding_usage": asdict(suite.embedding_usage),
        "model_failures": suite.failures,
        **batch_counts(batches),
    }


def batch_counts(batches: BedrockBatches | None) -> dict[str, Any]:
    """Return how many batch inference jobs ended how, and how many calls were too few for one."""
    jobs = Counter(batches.jobs.values()) if batches is not None else Counter[str]()
    return {"batch_jobs": dict(jobs), "batch_small": batches.small if batches is not None else 0}


def by_name(counts: Missing) -> dict[str, int]:
    """Return counts by ``persona id/strategy``."""
    return {f"{persona}/{strategy}": count for (persona, strategy), count in counts.items()}


def _segments(suite: Suite) -> list[dict[str, Any]]:
    return [
        {
            "segment_id": part.segment_id,
            "label": part.label,
            "label_share": round(part.label_share, 6),
            "traffic_share": round(part.share, 6),
            "sessions": len(part.members),
            "users": part.users,
            "phrases": [phrase.text for phrase in part.phrases[:12]],
            "examples": len(part.examples),
        }
        for part in suite.segmentation.segments
    ]
