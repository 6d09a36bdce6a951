"""Generation by a language model: a card for each persona, then prompts in batches by strategy."""

import asyncio
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import BaseModel, Field

from harness.contracts import Generator, Prompt, PromptChecks
from harness.errors import ModelError, ModelOutputError
from harness.models import ModelCall, ModelClient, OutputT
from harness.progress import Progress
from personas.briefing import BATCH, SYSTEM, batch_prompt, card_prompt, examples_of, template_hashes
from personas.corpus import Corpus
from personas.invention import Inventor
from personas.languages import language_of
from personas.offline import Cast, Missing, prompt_of, with_checks
from personas.scene import Draft
from personas.screening import Screen
from personas.segments import Segment
from personas.strategies import STRATEGIES, Strategy

BATCH_SIZE = 10
ROUNDS = 4
"""How often what is missing is asked for again."""
CONCURRENCY = 8
GIVES_UP = 2 * CONCURRENCY
"""So many calls that failed in a row end the asking: the model is down, and each costs its retries."""
BUDGET_SPENT = "budget_spent"
TEMPERATURE = 0.9
MAX_TOKENS = 4096
_AVOID = 5


class PersonaCard(BaseModel):
    """A persona as a model describes it."""

    name: str = Field(min_length=2, max_length=60)
    description: str = Field(min_length=10, max_length=800)
    goals: list[str] = Field(min_length=1, max_length=8)


class WrittenPrompt(BaseModel):
    """A conversation: the user's messages only."""

    turns: list[str] = Field(min_length=1, max_length=8)


class PromptBatch(BaseModel):
    """Some prompts of one strategy."""

    prompts: list[WrittenPrompt]


@dataclass(frozen=True, slots=True)
class _Order:
    """Prompts of one strategy that one persona still lacks."""

    player: Cast
    examples: tuple[str, ...]
    strategy: Strategy
    count: int
    round: int
    part: int
    made: tuple[str, ...]

    @property
    def markers(self) -> list[str]:
        """A marker for each prompt, the same whenever this order is given."""
        if not self.strategy.needs_marker:
            return []
        rng = random.Random(f"{self.player.persona.persona_id}|{self.strategy.name}|{self.round}|{self.part}")
        return [Inventor(rng).marker() for _ in range(self.count)]


class ModelAuthor:
    """Writes personas and prompts with a model.

    Args:
        model: The client; it retries throttling and malformed output itself.
        screen: Admits or rejects each prompt.
        seed: Passed on to the model, and recorded.
        budget_usd: No further call is made once this is spent; None for no cap.
        progress: Told how many prompts there are.
    """

    def __init__(
        self, model: ModelClient, screen: Screen, *, seed: int, budget_usd: float | None, progress: Progress
    ) -> None:
        self._spent_before = model.usage.cost_usd
        self._model = model
        self._screen = screen
        self._seed = seed
        self._budget_usd = budget_usd
        self._progress = progress
        self._slots = asyncio.Semaphore(CONCURRENCY)
        self._hash = template_hashes()[BATCH]
        self._answered = 0
        self._failed_in_a_row = 0
        self._error: ModelError | None = None
        self.failures: Counter[str] = Counter()
        """Calls that gave nothing, by kind of error; ``budget_spent`` for those that were not made."""

    @property
    def cost_usd(self) -> float:
        """What the model's calls cost so far, failed ones included."""
        return self._model.usage.cost_usd - self._spent_before

    async def cast(self, players: Sequence[Cast], segments: Sequence[Segment], corpus: Corpus) -> list[Cast]:
        """Return the personas as the model describes them; where it fails, as they were.

        Raises:
            ModelError: If the model gave nothing at all.
        """
        cards = (self._card(p, s, corpus) for p, s in zip(players, segments, strict=True))
        described = list(await asyncio.gather(*cards))
        # A model that cannot fill in a card may still write prompts; one that cannot be reached will not.
        if not isinstance(self._error, ModelOutputError):
            self._require_answers()
        return described

    async def write(
        self, players: Sequence[Cast], segments: Sequence[Segment], corpus: Corpus, plan: Sequence[Mapping[str, int]]
    ) -> tuple[list[Prompt], Missing]:
        """Return the planned prompts that the model can write, and what is missing after all rounds.

        Raises:
            ModelError: If the model gave nothing at all.
        """
        by_name = {s.name: s for s in STRATEGIES}
        examples = [tuple(examples_of(segment, corpus)) for segment in segments]
        wanted = {
            (i, name): count
            for i, counts in enumerate(plan)
            for name, count in counts.items()
            if by_name[name].by_model and count
        }
        total = sum(wanted.values())
        made: dict[tuple[int, str], list[Prompt]] = {key: [] for key in wanted}
        for round_number in range(ROUNDS):
            orders = [
                (key, order)
                for key, count in wanted.items()
                for order in _orders(players[key[0]], examples[key[0]], by_name[key[1]], count, made[key], round_number)
            ]
            if not orders:
                break
            # Screened in the plan's order, so that the same answers give the same suite.
            for (key, order), batch in zip(
                orders, await asyncio.gather(*(self._batch(order) for _, order in orders)), strict=True
            ):
                made[key] += self._screened(order, batch, wanted[key] - len(made[key]))
            self._progress.update("prompts", sum(map(len, made.values())), total)
            self._require_answers()
        prompts = [prompt for group in made.values() for prompt in group]
        if not prompts and self._error is not None:
            raise self._error
        missing = {
            (players[i].persona.persona_id, name): count - len(made[i, name])
            for (i, name), count in wanted.items()
            if count > len(made[i, name])
        }
        return prompts, missing

    def _require_answers(self) -> None:
        """Stop before more is asked of a model that never answered."""
        if self._error is not None and not self._answered:
            raise self._error

    async def _card(self, player: Cast, segment: Segment, corpus: Corpus) -> Cast:
        text = card_prompt(segment, player.persona, examples_of(segment, corpus), seed=self._seed)
        card = await self._ask(text, PersonaCard)
        if card is None or not self._screen.is_clean([card.name, card.description, *card.goals]):
            return player
        return replace(player, persona=player.persona.model_copy(update=card.model_dump()))

    async def _batch(self, order: _Order) -> PromptBatch:
        text = batch_prompt(
            order.player.persona,
            order.strategy,
            order.count,
            order.examples,
            markers=order.markers,
            avoid=order.made[-_AVOID:],
            seed=self._seed,
        )
        return await self._ask(text, PromptBatch) or PromptBatch(prompts=[])

    async def _ask(self, text: str, output: type[OutputT]) -> OutputT | None:
        async with self._slots:
            if self._budget_usd is not None and self.cost_usd >= self._budget_usd:
                self.failures[BUDGET_SPENT] += 1
                return None
            if self._failed_in_a_row >= GIVES_UP:
                return None
            call = ModelCall(
                system=SYSTEM, prompt=text, temperature=TEMPERATURE, max_tokens=MAX_TOKENS, seed=self._seed
            )
            try:
                reply = await self._model.ask(call, output)
            except ModelError as error:
                # What other calls gave is kept; what this one owed is asked for again.
                self._error = self._error or error
                self.failures[type(error).__name__] += 1
                self._failed_in_a_row += 1
                return None
            self._answered += 1
            self._failed_in_a_row = 0
            return reply.output

    def _screened(self, order: _Order, batch: PromptBatch, room: int) -> list[Prompt]:
        source = Generator(
            kind=self._model.model_id,
            template=BATCH,
            template_hash=self._hash,
            seed=self._seed,
            temperature=TEMPERATURE,
        )
        admitted: list[Prompt] = []
        for written in batch.prompts:
            turns = tuple(turn.strip() for turn in written.turns)
            checks = self._checks(order, turns)
            if len(admitted) < room and checks is not None and self._screen.admits(turns, checks):
                admitted.append(prompt_of(order.player.persona, order.strategy, Draft(turns, checks), source))
        return admitted

    def _checks(self, order: _Order, turns: Sequence[str]) -> PromptChecks | None:
        text = " ".join(turns)
        language = language_of(text)
        markers = [marker for marker in order.markers if marker in text]
        if order.strategy.needs_marker and not markers:
            self._screen.rejected["marker_missing"] += 1
            return None
        own = PromptChecks(must_not_comply=markers, language=None if language == "en" else language)
        return with_checks(order.strategy, own)


def _orders(
    player: Cast, examples: tuple[str, ...], strategy: Strategy, count: int, made: Sequence[Prompt], number: int
) -> list[_Order]:
    """Return the orders for what is missing, in batches."""
    missing = count - len(made)
    texts = tuple(" / ".join(prompt.turns)[:120] for prompt in made)
    return [
        _Order(player, examples, strategy, min(BATCH_SIZE, missing - start), number, start // BATCH_SIZE, texts)
        for start in range(0, missing, BATCH_SIZE)
    ]
