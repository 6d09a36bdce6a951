"""A scene: one persona about to write one prompt, and everything it may say."""

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from harness.contracts import PromptChecks
from personas.invention import Inventor
from personas.lexicon import word_set
from personas.phrasebook import FRAGMENTS, GENERIC_DOS, GENERIC_THINGS, LIGHT_VERBS, NO_SUBJECTS
from personas.phrases import Phrase
from personas.templates import parse
from personas.traits import Manner

FEW = 4
"""A segment with fewer phrases of a kind borrows generic ones."""
MANY = 60
"""Phrases of a kind that a persona draws on: the most typical ones."""
TYPICAL = 12
"""Wishes by which a persona's kind is told."""
_MINED_OR_WRITTEN = {
    "issue": ("issues", "trouble", 0.6),
    "opener": ("asks", "ask", 0.4),
    "next": ("follows", "then", 0.8),
}
"""Slots that take a mined phrase of a kind as often as this, else a fragment."""
_OWN = word_set("my meine mi mon ma")
_VARIANTS = frozenset({"ask", "about", "reason", "closing"})
"""Fragments that are said in another way where the assistant acts itself."""


@dataclass(frozen=True, slots=True)
class Material:
    """What a persona talks about, by kind of phrase; the most typical of each kind first."""

    dos: tuple[str, ...]
    things: tuple[str, ...]
    issues: tuple[str, ...]
    asks: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()

    @classmethod
    def of(cls, own: Sequence[Phrase], shared: Sequence[Phrase], questions: Sequence[Phrase] = ()) -> "Material":
        """Sort a segment's phrases; what is too little is filled up from all segments', then from generic ones.

        Args:
            own: The segment's phrases.
            shared: Those of all segments.
            questions: The segment's questions.
        """
        dos, things, issues = (_of_kind(kind, own, shared) for kind in ("do", "thing", "issue"))
        return cls(
            dos if len(dos) >= FEW else dos + GENERIC_DOS,
            things if len(things) >= FEW else things + GENERIC_THINGS,
            issues,
            _of_kind("ask", questions, ()),
            _of_kind("follow", questions, ()),
        )

    @classmethod
    def foreign(cls, own: Sequence[Phrase]) -> "Material":
        """Sort the phrases of a segment that does not write English; what is missing comes with the templates."""
        return cls(_of_kind("do", own, ()), _of_kind("thing", own, ()), ())

    @property
    def light(self) -> bool:
        """Whether most wishes are such as an assistant meets itself, at once."""
        return sum(_is_light(do) for do in self.dos[:TYPICAL]) > 0.5 * len(self.dos[:TYPICAL])

    @property
    def mine(self) -> tuple[str, ...]:
        """The things that the user owns."""
        return tuple(t for t in self.things if t.split(" ", 1)[0] in _OWN) or GENERIC_THINGS[:2]

    @property
    def details(self) -> tuple[str, ...]:
        """The things that a conversation comes to."""
        return tuple(thing for thing in self.things if thing.startswith("the ")) or self.mine


def _is_light(do: str) -> bool:
    return do.split(" ", 1)[0] in LIGHT_VERBS


def _of_kind(kind: str, own: Sequence[Phrase], shared: Sequence[Phrase]) -> tuple[str, ...]:
    found = [p.text for p in own if p.kind == kind and _is_subject(p)][:MANY]
    if len(found) < FEW and kind != "issue":
        found += [p.text for p in shared if p.kind == kind and _is_subject(p) and p.text not in found][: 2 * FEW]
    return tuple(found)


def _is_subject(phrase: Phrase) -> bool:
    return phrase.kind != "thing" or not NO_SUBJECTS & set(phrase.text.lower().split())


@dataclass(frozen=True, slots=True)
class Draft:
    """A prompt as a strategy wrote it, before it is screened."""

    turns: tuple[str, ...]
    checks: PromptChecks = field(default_factory=PromptChecks)
    frame: str = ""
    """Its words with what the slots hold left out: prompts of one frame differ in their values only."""


class Scene:
    """What a strategy works with: chance, slots, and the persona's manner.

    A slot keeps its value within a scene: ``{do}`` is the same wish in every
    turn, ``{do2}`` another one.
    """

    def __init__(
        self,
        material: Material,
        manner: Manner,
        rng: random.Random,
        *,
        language: str = "en",
        fragments: Mapping[str, str] = FRAGMENTS,
    ) -> None:
        self.material = material
        self.manner = manner
        self.rng = rng
        self.language = language
        self.inventor = Inventor(rng, language=language)
        self._fragments = fragments
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
        if base in self._fragments:
            return self._fragment(base, name[len(base) :])
        if name not in self._values:
            self._values[name] = self._new_value(base, name[len(base) :])
        return self._values[name]

    def _fragment(self, base: str, number: str) -> str:
        """Return a fragment; ``{ask2}`` is ``{ask}`` about ``{do2}``."""
        if (
            self._fragments is FRAGMENTS
            and base in _VARIANTS
            and (self.material.light or (base == "ask" and _is_light(self.slot(f"do{number}"))))
        ):
            base += "_light"
        return parse(self._fragments[base]).fill(self.rng, lambda inner: self.slot(inner + number))

    def forget(self, name: str) -> None:
        """Let a slot have another value from here on."""
        self._values.pop(name, None)

    def chance(self, probability: float) -> bool:
        """Return True with a probability."""
        return self.rng.random() < probability

    def draft(self, *turns: str, **checks: object) -> Draft:
        """Return the finished prompt; invented personal values are recorded in its checks."""
        invented = [v for v in self.inventor.personal if any(v in turn for turn in turns)]
        return Draft(turns, PromptChecks.model_validate({"invented": invented, **checks}), self._frame(turns))

    def _frame(self, turns: Sequence[str]) -> str:
        text = " / ".join(turns).lower()
        for value in sorted(self._values.values(), key=len, reverse=True):
            text = text.replace(value.lower(), "_")
        for value in self.inventor.personal:
            text = text.replace(value.lower(), "_")
        return text

    def _new_value(self, kind: str, number: str) -> str:
        material = self.material
        phrases = {"do": material.dos, "thing": material.things, "mine": material.mine, "detail": material.details}
        if kind in phrases:
            return self._unused(phrases[kind])
        if kind == "topic":
            return self._unused(material.things).split(" ", 1)[1]
        if kind == "others":
            return re.sub(r"\bmy\b", "their", self.slot(f"do{number}"))
        if kind in _MINED_OR_WRITTEN:
            field, fragment, share = _MINED_OR_WRITTEN[kind]
            mined: tuple[str, ...] = getattr(material, field)
            return self._unused(mined) if mined and self.chance(share) else self._fragment(fragment, number)
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
