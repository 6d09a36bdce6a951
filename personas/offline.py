"""The offline generator: strategies, phrases and chance; no model."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.contracts import Generator, Persona, Prompt, PromptChecks
from harness.identity import content_id
from harness.progress import Progress
from personas.duplicates import fingerprint
from personas.promptfile import PromptFile
from personas.scene import Draft, Material, Scene
from personas.screening import Screen
from personas.strategies import STRATEGIES, Strategy
from personas.strategies.translated import TEMPLATES
from personas.style import styled
from personas.traits import Manner
from personas.translation import translated

TRIES = 40
"""Drafts of a prompt, and drafts in a row that are turned away, before a strategy counts as exhausted for a persona."""
_AT_ONCE = 256
"""Prompts that are drafted and screened together."""
_FEWEST_OF_A_FRAME = 4
_SHARE_OF_A_FRAME = 0.01
"""Of a persona's prompts, at most so many are alike but for what stands in the slots."""

Missing = dict[tuple[str, str], int]
"""Prompts that could not be made, by persona id and strategy."""


@dataclass(frozen=True, slots=True)
class Cast:
    """A persona with what its prompts are made of."""

    persona: Persona
    material: Material
    manner: Manner
    language: str = "en"
    """ISO 639-1 code of what most of its users write."""


class OfflineWriter:
    """Writes prompts for personas from strategies.

    Args:
        screen: Admits or rejects each draft.
        prompts: Where they go.
        seed: The same seed, personas and screen give the same prompts.
        progress: Told how many prompts there are.
    """

    def __init__(self, screen: Screen, prompts: PromptFile, *, seed: int, progress: Progress) -> None:
        self._screen = screen
        self._prompts = prompts
        self._seed = seed
        self._progress = progress
        self._written = 0
        self._frames: Counter[int] = Counter()
        self.frames: Counter[int] = Counter()
        """Prompts by their frame's fingerprint, of all personas."""
        self._most_of_a_frame = _FEWEST_OF_A_FRAME

    def write(self, cast: Sequence[Cast], plan: Sequence[Mapping[str, int]]) -> Missing:
        """Write the planned prompts; return what could not be made.

        What a strategy cannot give a persona, the persona's other strategies
        are asked for; only what they cannot give either is missing.
        """
        total = sum(sum(counts.values()) for counts in plan)
        missing: Missing = {}
        for player, counts in zip(cast, plan, strict=True):
            owed: Counter[str] = Counter()
            self._frames.clear()
            self._most_of_a_frame = max(_FEWEST_OF_A_FRAME, int(_SHARE_OF_A_FRAME * sum(counts.values())))
            for strategy in STRATEGIES:
                wanted = counts.get(strategy.name, 0)
                owed[strategy.name] = wanted - self._several(player, strategy, wanted, total)
            for name, count in (+owed).items():
                left = count - self._elsewhere(player, exhausted=set(+owed), count=count, total=total)
                if left:
                    missing[player.persona.persona_id, name] = left
        return missing

    def _elsewhere(self, player: Cast, *, exhausted: set[str], count: int, total: int) -> int:
        made = 0
        for strategy in sorted(STRATEGIES, key=lambda s: -s.share):
            if strategy.name not in exhausted and made < count:
                made += self._several(player, strategy, count - made, total, start="extra")
        return made

    def _several(self, player: Cast, strategy: Strategy, count: int, total: int, *, start: str = "") -> int:
        """Write up to ``count`` prompts of a strategy; return how many there are."""
        made = 0
        for begin in range(0, count, _AT_ONCE):
            numbers = [f"{start}{number}" for number in range(begin, min(begin + _AT_ONCE, count))]
            batch = self._together(player, strategy, numbers)
            self._prompts.extend(batch)
            made += len(batch)
            self._written += len(batch)
            self._progress.update("prompts", self._written, total)
            if len(batch) < len(numbers):
                break
        return made

    def _together(self, player: Cast, strategy: Strategy, numbers: Sequence[str]) -> list[Prompt]:
        """Return a prompt for each number; fewer where the strategy has nothing new for the persona any more."""
        found: dict[str, Draft] = {}
        left = list(numbers)
        fruitless = 0
        for attempt in range(TRIES):
            admitted = self._admitted({number: self._draft(player, strategy, number, attempt) for number in left})
            fruitless = 0 if admitted else fruitless + len(left)
            found |= admitted
            left = [number for number in left if number not in found]
            if not left or fruitless >= TRIES:
                break
        source = Generator(
            kind="offline", template=strategy.template, template_hash=strategy.template_hash, seed=self._seed
        )
        return [prompt_of(player.persona, strategy, found[number], source) for number in numbers if number in found]

    def _draft(self, player: Cast, strategy: Strategy, number: str, attempt: int) -> Draft:
        rng = random.Random(f"{self._seed}|{player.persona.persona_id}|{strategy.name}|{number}|{attempt}")
        return drafted(strategy, player, rng)

    def _admitted(self, drafts: Mapping[str, Draft]) -> dict[str, Draft]:
        """Return the drafts that pass the screen and whose frame is not worn out in this persona."""
        fresh: dict[str, Draft] = {}
        frames = self._frames.copy()
        framed = {number: fingerprint(draft.frame) for number, draft in drafts.items()}
        for number, draft in drafts.items():
            if frames[framed[number]] < self._most_of_a_frame:
                frames[framed[number]] += 1
                fresh[number] = draft
        if worn := len(drafts) - len(fresh):
            self._screen.rejected["worn_frame"] += worn
        passed = self._screen.admitted([(draft.turns, draft.checks) for draft in fresh.values()])
        admitted = {number: draft for (number, draft), passes in zip(fresh.items(), passed, strict=True) if passes}
        self._frames.update(framed[number] for number in admitted)
        self.frames.update(framed[number] for number in admitted)
        return admitted


def drafted(strategy: Strategy, player: Cast, rng: random.Random) -> Draft:
    """Return one draft of a strategy in a persona's manner, with the checks that hold for all of the strategy's prompts."""
    draft = translated(strategy.name, player.material, player.manner, rng, player.language)
    if draft is None:
        # English sentences take English phrases only.
        material = Material.of([], []) if player.language in TEMPLATES else player.material
        draft = strategy.write(Scene(material, player.manner, rng, language=player.language))
    turns = tuple(styled(turn, player.manner, rng) for turn in draft.turns) if strategy.styled else draft.turns
    return Draft(turns, with_checks(strategy, draft.checks), draft.frame)


def with_checks(strategy: Strategy, checks: PromptChecks) -> PromptChecks:
    """Return a prompt's own checks and its strategy's."""
    own = checks.model_dump(by_alias=True, exclude_defaults=True)
    return PromptChecks.model_validate({**strategy.checks, **own})


def prompt_of(persona: Persona, strategy: Strategy, draft: Draft, source: Generator) -> Prompt:
    """Return a finished prompt; its id is a hash of what is sent and what is checked, its weight comes later."""
    checks = draft.checks.model_dump_json(by_alias=True, exclude_defaults=True).encode()
    return Prompt(
        prompt_id=content_id("prompt", [strategy.name.encode(), checks, *(turn.encode() for turn in draft.turns)]),
        persona_id=persona.persona_id,
        strategy=strategy.name,
        turns=list(draft.turns),
        checks=draft.checks,
        weight=0.0,
        generator=source,
    )
