"""Suites as ``personas show``, ``diff`` and ``sample`` read them: whole, and held against their ids."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from harness.contracts import Lineage, Manifest, Persona, Prompt, SegmentProfile
from harness.errors import UsageError
from harness.storage import Storage, beginning_with
from harness.suites import read_manifest, read_personas, read_prompts, require_whole


@dataclass(frozen=True, slots=True)
class StoredSuite:
    """A suite as it was published."""

    suite_id: str
    folder: Path
    prompts: list[Prompt]
    personas: list[Persona]
    manifest: Manifest
    profiles: list[SegmentProfile]
    """What it remembers of its segments; none for a suite of an earlier version."""
    lineage: list[Lineage]

    def persona(self, reference: str) -> Persona:
        """Return the persona that an id, the beginning of one, or a name means.

        Raises:
            UsageError: If there is none, or several.
        """
        named = [p for p in self.personas if p.name.casefold() == reference.casefold()]
        found = named or [
            self.personas[i] for i in beginning_with([p.persona_id for p in self.personas], reference, "persona-")
        ]
        if len(found) != 1:
            raise UsageError(
                f"{self.suite_id} has {len(found) or 'no'} personas whose name is, or whose id begins with, '{reference}'",
                hint="`reverse-rag personas show` lists their ids and names",
            )
        return found[0]

    def prompt(self, reference: str) -> Prompt:
        """Return the prompt that an id, or the beginning of one, means.

        Raises:
            UsageError: If there is none, or several.
        """
        found = beginning_with([p.prompt_id for p in self.prompts], reference, "prompt-")
        if len(found) != 1:
            raise UsageError(
                f"{self.suite_id} has {len(found) or 'no'} prompts whose id begins with '{reference}'",
                hint="`reverse-rag personas show --persona P` lists ids",
            )
        return self.prompts[found[0]]

    def counts(self) -> Counter[str]:
        """Return how many prompts each persona has, by its id."""
        return Counter(prompt.persona_id for prompt in self.prompts)


def open_suite(storage: Storage, reference: str) -> StoredSuite:
    """Return a suite.

    Args:
        storage: Where it is.
        reference: Its id, the beginning of its id as far as only one has it, or ``latest``.

    Raises:
        UsageError: If there is no such suite, or several.
        StorageError: If it was changed since it was published; names the file.
    """
    from personas.earlier import read_lineage, read_memory

    suite_id = storage.resolve("suites", reference)
    folder = storage.fetch("suites", suite_id)
    require_whole(folder, suite_id)
    memory = read_memory(folder)
    return StoredSuite(
        suite_id=suite_id,
        folder=folder,
        prompts=read_prompts(folder),
        personas=read_personas(folder),
        manifest=read_manifest(folder),
        profiles=memory.profiles if memory is not None else [],
        lineage=read_lineage(folder),
    )
