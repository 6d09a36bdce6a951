"""A scene: one persona about to write one prompt, and everything it may say."""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from harness.contracts import PromptChecks
from personas.invention import Inventor
from personas.lexicon import word_set
from personas.phrasebook import FRAGMENTS, GENERIC_DOS, GENERIC_THINGS, LIGHT_VERBS
from personas.phrases import Phrase
from personas.templates import parse
from personas.traits import Manner

FEW = 4
"""A segment with fewer phrases of a kind borrows generic ones."""
MANY = 60
"""Phrases of a kind that a persona draws on: the most typical ones."""


@dataclass(frozen=True, slots=True)
class Material:
    """What a persona talks about, by kind of phrase."""

    dos: tuple[str, ...]
    things: tuple[str, ...]
    issues: tuple[str, ...]

    @classmethod
    def of(cls, own: Sequence[Phrase], shared: Sequence[Phrase]) -> "Material":
        """Sort a segment's phrases; what is too little is filled up from all segments', then from generic ones."""
        dos, things, issues = (_of_kind(kind, own, shared) for kind in ("do", "thing", "issue"))
        return cls(
            dos if len(dos) >= FEW else dos + GENERIC_DOS,
            things if len(things) >= FEW else things + GENERIC_THINGS,
            issues,
        )


def _of_kind(kind: str, own: Sequence[Phrase], shared: Sequence[Phrase]) -> tuple[str, ...]:
    found = [p.text for p in own if p.kind == kind][:MANY]
    if len(found) < FEW and kind != "issue":
        found += [p.text for p in shared if p.kind == kind and p.text not in found][: 2 * FEW]
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Draft:
    """A prompt as a strategy wrote it, before it is screened."""

    turns: tuple[str, ...]
    checks: PromptChecks = field(default_factory=PromptChecks)


class Scene:
    """What a strategy works with: chance, slots, and the persona's manner.

    A slot keeps its value within a scene: ``{do}`` is the same wish in every
    turn, ``{do2}`` another one.
    """

    def __init__(self, material: Material, manner: Manner, rng: random.Random, *, language: str = "en") -> None:
        self.material = material
        self.manner = manner
        self.rng = rng
        self.language = language
        self.inventor = Inventor(rng)
        self._values: dict[str, str] = {}

    def say(self, template: str) -> str:
        """Return a template filled in, tidied: spaces, capitals at sentence starts, ``I``."""
        return tidy(self.fill(template))

    def fill(self, template: str) -> str:
        """Return a template filled in, as it is."""
        return parse(template).fill(self.rng, self.slot)

    def slot(self, name: str) -> str:
        """Return the value of a slot or a fragment.

        Raises:
            KeyError: If nothing has this name: a mistake in a template.
        """
        base = name.rstrip("23456789")
        if base in FRAGMENTS:
            return self._fragment(base, name[len(base) :])
        if name not in self._values:
            self._values[name] = self._new_value(base, name[len(base) :])
        return self._values[name]

    def _fragment(self, base: str, number: str) -> str:
        """Return a fragment; ``{ask2}`` is ``{ask}`` about ``{do2}``."""
        if base == "ask" and self.slot(f"do{number}").split(" ", 1)[0] in LIGHT_VERBS:
            base = "ask_light"
        return parse(FRAGMENTS[base]).fill(self.rng, lambda inner: self.slot(inner + number))

    def chance(self, probability: float) -> bool:
        """Return True with a probability."""
        return self.rng.random() < probability

    def draft(self, *turns: str, **checks: object) -> Draft:
        """Return the finished prompt; invented personal values are recorded in its checks."""
        invented = [v for v in self.inventor.personal if any(v in turn for turn in turns)]
        return Draft(turns, PromptChecks.model_validate({"invented": invented, **checks}))

    def _new_value(self, kind: str, number: str) -> str:
        material = self.material
        if kind == "do":
            return self._unused(material.dos)
        if kind == "thing":
            return self._unused(material.things)
        if kind == "topic":
            return self._unused(material.things).split(" ", 1)[1]
        if kind == "mine":
            return self._unused([t for t in material.things if t.startswith("my ")] or GENERIC_THINGS[:2])
        if kind == "issue":
            return (
                self._unused(material.issues)
                if material.issues and self.chance(0.6)
                else self._fragment("trouble", number)
            )
        value = self.inventor.make(kind)
        if value is None:
            raise KeyError(f"no slot, fragment or invention is called '{kind}'")
        return value

    def _unused(self, options: Sequence[str]) -> str:
        """Return a phrase, typical ones more often, that shares no word with those said already if there is one."""
        weights = [1 / (rank + 6) for rank in range(len(options))]
        for _ in range(6):
            value: str = self.rng.choices(options, weights)[0]
            if not any(_content(value) & _content(other) for other in self._values.values()):
                break
        return value


_DULL = word_set("my the a an some any to in for on i is was")
_SENTENCE = re.compile(r"(^|[.!?…]\s+|\n\s*)([a-zà-ÿ])")
_FIRST_PERSON = re.compile(r"\bi\b(?=$|[\s',.!?])")


def _content(text: str) -> set[str]:
    return set(text.lower().split()) - _DULL


def tidy(text: str) -> str:
    """Return a text with single spaces, no space before marks, and capitals at sentence starts."""
    text = re.sub(r"[ \t]+", " ", text).strip()
    text = re.sub(r" ([,.!?;:])(?=\s|$)", r"\1", text)
    text = re.sub(r"([?!.])[.,](?=\s|$)", r"\1", text)
    text = _FIRST_PERSON.sub("I", text)
    return _SENTENCE.sub(lambda m: m[1] + m[2].upper(), text)
