"""The offline generator: strategies, phrases and chance; no model."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.contracts import Generator, Persona, Prompt, PromptChecks
from harness.identity import content_id
from harness.progress import Progress
from personas.scene import Draft, Material, Scene
from personas.screening import Screen
from personas.strategies import STRATEGIES, Strategy
from personas.strategies.translated import TEMPLATES
from personas.style import styled
from personas.traits import Manner
from personas.translation import translated

TRIES = 40
"""Drafts per prompt before a strategy counts as exhausted for a persona."""
_STEP = 50
_AT_ONCE = 256
"""Drafts in which personal values are looked for together."""
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
        seed: The same seed, personas and screen give the same prompts.
        progress: Told how many prompts there are.
    """

    def __init__(self, screen: Screen, *, seed: int, progress: Progress) -> None:
        self._screen = screen
        self._seed = seed
        self._progress = progress
        self._written = 0
        self._frames: Counter[str] = Counter()
        self._most_of_a_frame = _FEWEST_OF_A_FRAME

    def write(self, cast: Sequence[Cast], plan: Sequence[Mapping[str, int]]) -> tuple[list[Prompt], Missing]:
        """Return the planned prompts, and what could not be made.

        What a strategy cannot give a persona, the persona's other strategies
        are asked for; only what they cannot give either is missing.
        """
        total = sum(sum(counts.values()) for counts in plan)
        prompts: list[Prompt] = []
        missing: Missing = {}
        for player, counts in zip(cast, plan, strict=True):
            owed: Counter[str] = Counter()
            self._frames.clear()
            self._most_of_a_frame = max(_FEWEST_OF_A_FRAME, int(_SHARE_OF_A_FRAME * sum(counts.values())))
            for strategy in STRATEGIES:
                wanted = counts.get(strategy.name, 0)
                made = self._several(player, strategy, wanted, total)
                prompts += made
                owed[strategy.name] = wanted - len(made)
            for name, count in (+owed).items():
                made = self._elsewhere(player, exhausted=set(+owed), count=count, total=total)
                prompts += made
                if count > len(made):
                    missing[player.persona.persona_id, name] = count - len(made)
        return prompts, missing

    def _elsewhere(self, player: Cast, *, exhausted: set[str], count: int, total: int) -> list[Prompt]:
        made: list[Prompt] = []
        for strategy in sorted(STRATEGIES, key=lambda s: -s.share):
            if strategy.name not in exhausted and len(made) < count:
                made += self._several(player, strategy, count - len(made), total, start="extra")
        return made

    def _several(self, player: Cast, strategy: Strategy, count: int, total: int, *, start: str = "") -> list[Prompt]:
        made: list[Prompt] = []
        for begin in range(0, count, _AT_ONCE):
            numbers = [f"{start}{number}" for number in range(begin, min(begin + _AT_ONCE, count))]
            drafts = [self._draft(player, strategy, number, 0) for number in numbers]
            self._screen.expect((draft.turns, draft.checks) for draft in drafts)
            for number, draft in zip(numbers, drafts, strict=True):
                prompt = self._one(player, strategy, number, draft)
                if prompt is None:
                    return made
                made.append(prompt)
                self._written += 1
                if self._written % _STEP == 0 or self._written == total:
                    self._progress.update("prompts", self._written, total)
        return made

    def _draft(self, player: Cast, strategy: Strategy, number: str, attempt: int) -> Draft:
        rng = random.Random(f"{self._seed}|{player.persona.persona_id}|{strategy.name}|{number}|{attempt}")
        return drafted(strategy, player, rng)

    def _one(self, player: Cast, strategy: Strategy, number: str, first: Draft) -> Prompt | None:
        for attempt in range(TRIES):
            draft = self._draft(player, strategy, number, attempt) if attempt else first
            if self._admits(draft):
                source = Generator(
                    kind="offline", template=strategy.template, template_hash=strategy.template_hash, seed=self._seed
                )
                return prompt_of(player.persona, strategy, draft, source)
        return None

    def _admits(self, draft: Draft) -> bool:
        """Return whether a draft passes the screen and its frame is not worn out in this persona."""
        if self._frames[draft.frame] >= self._most_of_a_frame:
            self._screen.rejected["worn_frame"] += 1
            return False
        if not self._screen.admits(draft.turns, draft.checks):
            return False
        self._frames[draft.frame] += 1
        return True


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
