"""Suites as ``personas show``, ``diff`` and ``sample`` read them: whole, and held against their ids."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from harness.contracts import Lineage, Manifest, Persona, Prompt, SegmentProfile
from harness.errors import UsageError
from harness.storage import LATEST, Storage
from harness.suites import read_manifest, read_personas, read_prompts, require_whole

_SUITE = "suite-"


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
            self.personas[i] for i in _meant((p.persona_id for p in self.personas), reference, "persona-")
        ]
        if len(found) != 1:
            raise UsageError(
                f"{len(found) or 'no'} personas of {self.suite_id} are called '{reference}'",
                hint="`reverse-rag personas show` lists their ids and names",
            )
        return found[0]

    def prompt(self, reference: str) -> Prompt:
        """Return the prompt that an id, or the beginning of one, means.

        Raises:
            UsageError: If there is none, or several.
        """
        found = _meant((p.prompt_id for p in self.prompts), reference, "prompt-")
        if len(found) != 1:
            raise UsageError(
                f"{len(found) or 'no'} prompts of {self.suite_id} have the id '{reference}'",
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

    suite_id = suite_id_of(storage, reference)
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


def suite_id_of(storage: Storage, reference: str) -> str:
    """Return the id of the suite that a reference means.

    Raises:
        UsageError: If there is no such suite, or several begin so.
    """
    if reference == LATEST:
        return storage.resolve("suites", reference)
    ids = storage.ids("suites")
    found = [ids[i] for i in _meant(ids, reference, _SUITE)]
    if len(found) > 1:
        raise UsageError(
            f"{len(found)} suites begin with '{reference}': {', '.join(found[:3])}", hint="write more of the id"
        )
    return storage.resolve("suites", found[0] if found else reference)


def _meant(ids: Iterable[str], reference: str, prefix: str) -> list[int]:
    """Return the places of the ids that a reference is, or begins, with or without the ids' common prefix."""
    known = list(ids)
    if reference in known:
        return [known.index(reference)]
    if not reference:
        return []
    return [place for place, one in enumerate(known) if one.startswith((reference, prefix + reference))]
