"""A finished (or interrupted) run's small documents, and what its suite and data set say about themselves."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from harness.contracts import Certificate, GateResult, Manifest, Persona, Record, RunPlan
from harness.errors import InputError, StorageError
from harness.jsonlines import read_lines

RecordT = TypeVar("RecordT", bound=Record)


@dataclass(frozen=True, slots=True)
class PromptFacts:
    """What the report needs of a prompt; its text stands in the exchanges."""

    persona_id: str
    strategy: str
    weight: float
    origin: str
    turns: int


@dataclass(frozen=True, slots=True)
class Run:
    """Everything about a run but its exchanges."""

    folder: Path
    gate: GateResult
    plan: RunPlan | None = None
    manifest: Manifest | None = None
    suite: Manifest | None = None
    dataset: Manifest | None = None
    certificate: Certificate | None = None
    personas: dict[str, Persona] = field(default_factory=dict)
    prompts: dict[str, PromptFacts] = field(default_factory=dict)

    @property
    def counted(self) -> frozenset[str]:
        """Ids of the prompts that the failure rate is read from."""
        return frozenset(self.plan.order[: self.plan.counted]) if self.plan else frozenset(self.prompts)

    def came_back(self, prompt_id: str) -> str:
        """Return whether a failure is ``consistent`` or ``flaky``; empty where the prompt was not asked again."""
        found = self.gate.confirmations
        if found is None:
            return ""
        return "consistent" if prompt_id in found.consistent else "flaky" if prompt_id in found.flaky else ""

    def persona_name(self, persona_id: str) -> str:
        """Return a persona's name; its id where the suite is not at hand."""
        persona = self.personas.get(persona_id)
        return (persona.name.strip() if persona else "") or persona_id or "(unknown)"


def load_run(folder: Path, *, suite_folder: Path | None, dataset_folder: Path | None) -> Run:
    """Return a run's documents.

    Args:
        folder: The run's folder; ``gate.json`` has to be there, the rest may be missing.
        suite_folder: Where the suite's prompts and personas are; None if they are gone.
        dataset_folder: Where the data's certificate is; None if it is gone.

    Raises:
        InputError: If ``gate.json`` is missing, or a document is not what its name says.
    """
    gate = _document(folder / "gate.json", GateResult)
    if gate is None:
        raise InputError(
            f"{folder}: no gate.json, so there is no decision to report", hint="`reverse-rag gate --resume` finishes it"
        )
    return Run(
        folder=folder,
        gate=gate,
        plan=_document(folder / "plan.json", RunPlan),
        manifest=_document(folder / "manifest.json", Manifest),
        suite=_document(suite_folder / "manifest.json", Manifest) if suite_folder else None,
        dataset=_document(dataset_folder / "manifest.json", Manifest) if dataset_folder else None,
        certificate=_document(dataset_folder / "certificate.json", Certificate) if dataset_folder else None,
        personas={p.persona_id: p for p in _personas(suite_folder)},
        prompts=dict(_prompts(suite_folder)),
    )


def _document(path: Path, kind: type[RecordT]) -> RecordT | None:
    try:
        return kind.from_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError(f"{path}: cannot be read: {error.strerror}") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole file"
        raise InputError(f"{path}: not a {kind.__name__}: {where}: {first['type']}") from None


def _personas(folder: Path | None) -> Iterator[Persona]:
    if folder and (folder / "personas.jsonl").exists():
        yield from (Persona.model_validate(line) for line in read_lines(folder / "personas.jsonl"))


def _prompts(folder: Path | None) -> Iterator[tuple[str, PromptFacts]]:
    if not folder or not (folder / "prompts.jsonl").exists():
        return
    for line in read_lines(folder / "prompts.jsonl"):
        yield (
            line["prompt_id"],
            PromptFacts(
                persona_id=line.get("persona_id") or "",
                strategy=line.get("strategy") or "",
                weight=line.get("weight") or 0.0,
                origin=line.get("origin") or "generated",
                turns=len(line.get("turns") or ()),
            ),
        )
