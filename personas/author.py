"""Generation by a language model: a card for each persona, then prompts in batches by strategy."""

import hashlib
import math
import random
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field

from harness.contracts import Generator, Prompt, PromptChecks
from harness.errors import ModelOutputError
from harness.models import ModelCall
from harness.progress import Progress
from personas.asking import BUDGET_SPENT, Asker, Heard, Question
from personas.briefing import (
    BATCH,
    CARD_MAX_TOKENS,
    SYSTEM,
    batch_prompt,
    card_prompt,
    examples_of,
    focus_of,
    template_hashes,
)
from personas.corpus import Corpus
from personas.invention import Inventor
from personas.languages import language_of
from personas.offline import Cast, Missing, prompt_of, with_checks
from personas.scene import Draft
from personas.screening import Screen
from personas.segments import Segment
from personas.strategies import STRATEGIES, Strategy

BATCH_SIZE = 10
ROUNDS = 6
"""How often what is missing is asked for."""
DRY_ROUNDS = 3
"""Rounds in a row that brought a strategy nothing before it counts as one that this model cannot write."""
TEMPERATURE = 0.9
MAX_TOKENS = 4096
_AVOID = 5
_AVOID_CHARS = 120


def _typed(text: Any) -> Any:
    """Return a text with the characters that a keyboard gives: terminals obey others, and half a pair is no character."""
    if not isinstance(text, str):
        return text
    lines = text.replace("\r\n", "\n")
    return "".join(c for c in lines if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"}).strip()


def _one_line(text: Any) -> Any:
    return " ".join(_typed(text).split()) if isinstance(text, str) else text


_Line = Annotated[str, BeforeValidator(_one_line)]
_Message = Annotated[str, BeforeValidator(_typed)]


class PersonaCard(BaseModel):
    """A persona as a model describes it."""

    name: _Line = Field(min_length=2, max_length=60)
    description: _Line = Field(min_length=10, max_length=800)
    goals: list[_Line] = Field(min_length=1, max_length=8)


class WrittenPrompt(BaseModel):
    """A conversation: the user's messages only."""

    turns: list[_Message] = Field(min_length=1, max_length=8)


class PromptBatch(BaseModel):
    """Some prompts of one strategy."""

    prompts: list[WrittenPrompt]


@dataclass(slots=True)
class _Role:
    """One strategy of one persona: what is wanted of it and what there is."""

    player: Cast
    segment: Segment
    examples: tuple[str, ...]
    strategy: Strategy
    wanted: int
    made: list[Prompt] = field(default_factory=list)
    dry: int = 0

    @property
    def missing(self) -> int:
        """Prompts still to be asked for; none of what this model cannot write."""
        return 0 if self.dry >= DRY_ROUNDS else self.wanted - len(self.made)


class ModelAuthor:
    """Writes personas and prompts with a model.

    Args:
        asker: Asks it, within caps, and keeps what it answers.
        model_id: Recorded with each prompt.
        screen: Admits or rejects each prompt.
        seed: Each call's own follows from it, and is passed on and recorded.
        progress: Told how many prompts there are.
    """

    def __init__(self, asker: Asker, *, model_id: str, screen: Screen, seed: int, progress: Progress) -> None:
        self._asker = asker
        self._model_id = model_id
        self._screen = screen
        self._seed = seed
        self._progress = progress
        self._hash = template_hashes()[BATCH]
        self._size = BATCH_SIZE

    async def cast(self, players: Sequence[Cast], segments: Sequence[Segment], corpus: Corpus) -> list[Cast]:
        """Return the personas as the model describes them; where it fails, as they were.

        Raises:
            ModelError: If the model gave nothing at all.
        """
        questions = [self._card(p, s, corpus) for p, s in zip(players, segments, strict=True)]
        cards = await self._asker.ask_all(questions, PersonaCard, lambda _: None)
        # A model that cannot fill in a card may still write prompts; one that cannot be reached will not.
        if not isinstance(self._asker.error, ModelOutputError):
            self._require_answers()
        return [self._described(player, card) for player, card in zip(players, cards, strict=True)]

    async def write(
        self, players: Sequence[Cast], segments: Sequence[Segment], corpus: Corpus, plan: Sequence[Mapping[str, int]]
    ) -> tuple[list[Prompt], Missing]:
        """Return the planned prompts that the model can write, and what is missing after all rounds.

        Raises:
            ModelError: If the model gave nothing at all.
        """
        roles = _roles(players, segments, corpus, plan)
        for number in range(ROUNDS):
            if not await self._round(roles, number):
                break
            self._require_answers()
        prompts = [prompt for role in roles for prompt in role.made]
        if not prompts and self._asker.error is not None:
            raise self._asker.error
        missing = {
            (role.player.persona.persona_id, role.strategy.name): role.wanted - len(role.made)
            for role in roles
            if role.wanted > len(role.made)
        }
        return prompts, missing

    def _require_answers(self) -> None:
        """Stop before more is asked of a model that never answered."""
        if self._asker.error is not None and not self._asker.answered:
            raise self._asker.error

    async def _round(self, roles: Sequence[_Role], number: int) -> bool:
        """Ask for what is missing; return whether another round may bring more."""
        orders = [
            (role, self._order(role, number, part, count))
            for role in roles
            for part, count in enumerate(_parts(_asked(role.missing, number), self._size))
        ]
        if not orders:
            return False
        heard = await self._asker.ask_all([order for _, order in orders], PromptBatch, self._counter(roles))
        before = [len(role.made) for role in roles]
        # Screened in the plan's order, so that the same answers give the same suite.
        for (role, _), answer in zip(orders, heard, strict=True):
            if answer is not None:
                role.made += self._screened(role, answer)
        answered = {id(role) for (role, _), answer in zip(orders, heard, strict=True) if answer is not None}
        for role, count in zip(roles, before, strict=True):
            if id(role) in answered:
                role.dry = role.dry + 1 if len(role.made) == count else 0
        self._resize([answer for answer in heard if answer is not None])
        self._progress.update("prompts", sum(len(role.made) for role in roles), sum(role.wanted for role in roles))
        return bool(answered) or not self._asker.failures[BUDGET_SPENT]

    def _resize(self, heard: Sequence[Heard[PromptBatch]]) -> None:
        """Ask for no more at a time than fits into an answer."""
        cut = [len(answer.output.prompts) for answer in heard if answer.cut_off]
        if cut:
            self._size = max(1, min(self._size, min(cut)))
        elif not heard:
            self._size = max(1, self._size // 2)

    def _counter(self, roles: Sequence[_Role]) -> Callable[[PromptBatch], None]:
        total, there = sum(role.wanted for role in roles), sum(len(role.made) for role in roles)
        received = [there]

        def count(batch: PromptBatch) -> None:
            received[0] = min(total, received[0] + len(batch.prompts))
            self._progress.update("prompts", received[0], total)

        return count

    def _card(self, player: Cast, segment: Segment, corpus: Corpus) -> Question:
        persona_id = player.persona.persona_id
        text = card_prompt(segment, player.persona, examples_of(segment, corpus), seed=self._seed)
        return Question(
            call=self._call(text, f"{persona_id}|card", max_tokens=CARD_MAX_TOKENS), group=f"{persona_id}|card"
        )

    def _described(self, player: Cast, card: Heard[PersonaCard] | None) -> Cast:
        if card is None or not self._screen.is_clean([card.output.name, card.output.description, *card.output.goals]):
            return player
        return replace(player, persona=player.persona.model_copy(update=card.output.model_dump()))

    def _order(self, role: _Role, number: int, part: int, count: int) -> Question:
        persona = role.player.persona
        group = f"{persona.persona_id}|{role.strategy.name}"
        rng = random.Random(f"{group}|{number}|{part}")
        inventor = Inventor(rng)
        markers = tuple(inventor.marker() for _ in range(count)) if role.strategy.needs_marker else ()
        text = batch_prompt(
            persona,
            role.strategy,
            count,
            role.examples,
            focus=focus_of(role.segment, rng),
            markers=markers,
            avoid=[" / ".join(prompt.turns)[:_AVOID_CHARS] for prompt in role.made[-_AVOID:]],
            seed=self._seed,
        )
        call = self._call(text, f"{group}|{number}|{part}", max_tokens=MAX_TOKENS, partial="prompts")
        return Question(call=call, group=group, markers=markers)

    def _call(self, text: str, place: str, *, max_tokens: int, partial: str = "") -> ModelCall:
        """Return a call with a seed of its own: equal seeds would give equal answers to nearly equal questions."""
        digest = hashlib.sha256(f"{self._seed}|{place}".encode()).digest()
        return ModelCall(
            system=SYSTEM,
            prompt=text,
            temperature=TEMPERATURE,
            max_tokens=max_tokens,
            seed=int.from_bytes(digest[:4]) >> 1,
            partial=partial,
        )

    def _screened(self, role: _Role, answer: Heard[PromptBatch]) -> list[Prompt]:
        source = Generator(
            kind=self._model_id,
            template=BATCH,
            template_hash=self._hash,
            seed=answer.seed,
            temperature=TEMPERATURE,
        )
        room = role.wanted - len(role.made)
        admitted: list[Prompt] = []
        for written in answer.output.prompts:
            turns = tuple(written.turns)
            checks = self._checks(role.strategy, answer.markers, turns)
            if len(admitted) < room and checks is not None and self._screen.admits(turns, checks):
                admitted.append(prompt_of(role.player.persona, role.strategy, Draft(turns, checks), source))
        return admitted

    def _checks(self, strategy: Strategy, handed_out: Sequence[str], turns: Sequence[str]) -> PromptChecks | None:
        text = " ".join(turns)
        language = language_of(text)
        markers = [marker for marker in handed_out if marker in text]
        if strategy.needs_marker and not markers:
            self._screen.rejected["marker_missing"] += 1
            return None
        own = PromptChecks(must_not_comply=markers, language=None if language == "en" else language)
        return with_checks(strategy, own)


def _roles(
    players: Sequence[Cast], segments: Sequence[Segment], corpus: Corpus, plan: Sequence[Mapping[str, int]]
) -> list[_Role]:
    """Return what a model is to write, persona by persona."""
    by_name = {strategy.name: strategy for strategy in STRATEGIES}
    roles = []
    for player, segment, counts in zip(players, segments, plan, strict=True):
        examples = tuple(examples_of(segment, corpus))
        roles += [
            _Role(player, segment, examples, by_name[name], count)
            for name, count in Counter(counts).items()
            if by_name[name].by_model and count
        ]
    return roles


def _asked(missing: int, number: int) -> int:
    """Return how many to ask for: in later rounds more than are missing, since some were lost before."""
    return missing + math.ceil(missing / 2) if number else missing


def _parts(missing: int, size: int) -> list[int]:
    """Return how many prompts each call asks for."""
    return [min(size, missing - start) for start in range(0, missing, size)]
