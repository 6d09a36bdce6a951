"""A scene: one persona about to write one prompt, and everything it may say."""

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from harness.contracts import PromptChecks
from personas.invention import Inventor
from personas.lexicon import stem, word_set
from personas.phrasebook import (
    FRAGMENTS,
    GENERIC_DOS,
    GENERIC_THINGS,
    INSTANT_VERBS,
    LIGHT_VERBS,
    NO_SUBJECTS,
    NOT_KEPT,
    PAID_VERBS,
)
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
}
"""Slots that take a mined phrase of a kind as often as this, else a fragment."""
_OWN = word_set("my meine mi mon ma")
_EVENT = re.compile(
    r"(?!.*\byet\b)(I (lost|forgot|was)\b|.*\b(was|were|didn't|did not|has been|have been|has expired|tried)\b)"
)
"""Troubles that happened at one time; the others go on."""
_ASKS_FAVOUR = re.compile(
    r"\b(for me|from here|from your side|send me|can't you|can you (check|see|look|have a look|do|send|call)|is (there a problem with )?my|where is my)\b",
    re.I,
)
"""Acting for users, or looking into what is theirs, is what many assistants have to decline."""


@dataclass(frozen=True, slots=True)
class Material:
    """What a persona talks about, by kind of phrase; the most typical of each kind first."""

    dos: tuple[str, ...]
    things: tuple[str, ...]
    issues: tuple[str, ...]
    asks: tuple[str, ...] = ()
    follows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Questions that at least k users asked later in a conversation about a wish, a thing or a trouble."""

    @classmethod
    def of(
        cls,
        own: Sequence[Phrase],
        shared: Sequence[Phrase],
        questions: Sequence[Phrase] = (),
        follows: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
    ) -> "Material":
        """Sort a segment's phrases; what is too little is filled up from all segments', then from generic ones.

        Args:
            own: The segment's phrases.
            shared: Those of all segments.
            questions: The segment's questions.
            follows: Later questions, by the phrase that they follow.
        """
        dos, things, issues = (_of_kind(kind, own, shared) for kind in ("do", "thing", "issue"))
        return cls(
            dos if len(dos) >= FEW else dos + GENERIC_DOS,
            things if len(things) >= FEW else things + GENERIC_THINGS,
            issues,
            _of_kind("ask", questions, ()),
            follows,
        )

    @classmethod
    def foreign(cls, own: Sequence[Phrase], shared: Sequence[Phrase] = ()) -> "Material":
        """Sort the phrases of a segment that does not write English.

        Args:
            own: The segment's phrases.
            shared: Those of all who write its language; where they are too few as well, some come with the templates.
        """
        return cls(_of_kind("do", own, shared), _of_kind("thing", own, shared), ())

    @property
    def light(self) -> bool:
        """Whether most wishes are such as an assistant meets itself, at once."""
        return sum(_is_light(do) for do in self.dos[:TYPICAL]) > 0.5 * len(self.dos[:TYPICAL])

    @property
    def mine(self) -> tuple[str, ...]:
        """The things that the user owns and the product keeps."""
        owned = (thing for thing in self.things if thing.split(" ", 1)[0] in _OWN)
        return tuple(thing for thing in owned if not NOT_KEPT & set(thing.lower().split())) or GENERIC_THINGS[:1]

    @property
    def definite(self) -> tuple[str, ...]:
        """The things that both sides know: one can ask about them without saying which."""
        known = tuple(thing for thing in self.things if not thing.startswith(("a ", "an ")))
        return known if len(known) >= FEW else self.things

    @property
    def paid(self) -> tuple[str, ...]:
        """The wishes that end in a price."""
        return tuple(do for do in self.dos if do.split(" ", 1)[0] in PAID_VERBS)


def _is_light(do: str) -> bool:
    return do.split(" ", 1)[0] in LIGHT_VERBS


def _of_kind(kind: str, own: Sequence[Phrase], shared: Sequence[Phrase]) -> tuple[str, ...]:
    found = [p.text for p in own if p.kind == kind and is_subject(p)][:MANY]
    if len(found) < FEW and kind != "issue":
        found += [p.text for p in shared if p.kind == kind and is_subject(p) and p.text not in found][: 2 * FEW]
    return tuple(found)


def is_subject(phrase: Phrase) -> bool:
    """Return whether a phrase says what a request is about, and not only what surrounds it."""
    spoken = phrase.text.lower().split()
    if phrase.kind == "thing":
        return not NO_SUBJECTS & set(spoken)
    return phrase.kind != "do" or (spoken[-1] not in NO_SUBJECTS and "our" not in spoken)


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
        self._openings: set[str] = set()

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
        template = parse(self._fragments[self._variant(base, number)])
        text = template.fill(self.rng, lambda inner: self.slot(inner + number))
        for _ in range(_OTHER_OPENINGS if base == "ask" else 0):
            if _opening(text) not in self._openings:
                break
            text = template.fill(self.rng, lambda inner: self.slot(inner + number))
        self._openings.add(_opening(text))
        return text

    def _variant(self, base: str, number: str) -> str:
        """Return the fragment that fits what is wished for: a date, a fee or a form goes with some wishes only."""
        if self._fragments is not FRAGMENTS:
            return base
        if base == "when":
            return "when_event" if _EVENT.match(self._values.get(f"issue{number}", "")) else base
        if f"{base}_light" not in FRAGMENTS and f"{base}_instant" not in FRAGMENTS:
            return base
        verb = self.verb_of(f"do{number}")
        light = self.material.light or (base == "ask" and verb in LIGHT_VERBS)
        if light and verb in INSTANT_VERBS and f"{base}_instant" in FRAGMENTS:
            return f"{base}_instant"
        return f"{base}_light" if light and f"{base}_light" in FRAGMENTS else base

    def wishes(self, among: Sequence[str]) -> bool:
        """Make the scene's wish one of some, if there are any; return whether it is."""
        if among:
            self._values["do"] = self._unused(among)
        return bool(among)

    def verb_of(self, slot: str = "do") -> str:
        """Return what a wish of the scene is to do, in one word."""
        do = self.slot(slot)
        return "check" if do.startswith("find out ") else do.split(" ", 1)[0]

    def nexts(self) -> list[str]:
        """Return questions that users asked after what the scene has said so far, in a random order."""
        said = [value for value in self._values.values() if value in self.material.follows]
        found = list(dict.fromkeys(text for value in said for text in self.material.follows[value]))
        self.rng.shuffle(found)
        return found

    def chance(self, probability: float) -> bool:
        """Return True with a probability."""
        return self.rng.random() < probability

    def draft(self, *turns: str, **checks: object) -> Draft:
        """Return the finished prompt; invented personal values are recorded in its checks."""
        invented = [v for v in self.inventor.personal if any(v in turn for turn in turns)]
        if not self.material.light and any(_ASKS_FAVOUR.search(turn) for turn in turns):
            checks = {"may_refuse": True, **checks}
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
        phrases = {"do": material.dos, "thing": material.definite, "mine": material.mine}
        if kind in phrases:
            options = phrases[kind]
            if kind == "do" and number and not self.material.light:
                # Another wish is another one: where a segment is about one thing only, it is what anybody wants.
                said = _content(self.slot("do"))
                apart = tuple(option for option in options if not _content(option) & said)
                options = apart if len(apart) >= FEW else (*apart, *GENERIC_DOS)
            return self._unused(options)
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
        said = {word for other in self._values.values() for word in _content(other)}
        for _ in range(6):
            value: str = self.rng.choices(options, weights)[0]
            if not _content(value) & said:
                return value
        apart = [option for option in options if not _content(option) & said]
        unsaid = apart or [option for option in options if option not in self._values.values()]
        return self.rng.choice(unsaid) if unsaid else value


_SAYS_LITTLE = frozenset(
    word[:5]
    for word in word_set(
        "that this what does have with will would could should from your their there they them here when where which much many some"
        " thanks thank cheers again please sorry also else more than then"
    )
)
_DULL = word_set("my the a an some any to in for on i is was")
_SENTENCE = re.compile(r"(^|[.!?…]\s+|\n\s*)([a-zà-ÿ])")
_FIRST_PERSON = re.compile(r"\bi\b(?=$|[\s',.!?])")


_OTHER_OPENINGS = 5
"""Tries for two questions in one prompt that do not begin alike."""


def _opening(text: str) -> str:
    return " ".join(text.lower().split()[:2])


def word_stems(text: str) -> set[str]:
    """Return the words of a text that say what it is about: long ones, shortened to what their forms share."""
    return {word[:5] for word in re.findall(r"[a-z]{4,}", text.lower())} - _SAYS_LITTLE


def _content(text: str) -> set[str]:
    return {stem(word) for word in text.lower().split() if word not in _DULL}


def tidy(text: str) -> str:
    """Return a text with single spaces, no space before marks, and capitals at sentence starts."""
    text = re.sub(r"[ \t]+", " ", text).strip()
    text = re.sub(r" ([,.!?;:])(?=\s|$)", r"\1", text)
    text = re.sub(r"([?!.])[.,](?=\s|$)", r"\1", text)
    text = _FIRST_PERSON.sub("I", text)
    return _SENTENCE.sub(lambda m: m[1] + m[2].upper(), text)
