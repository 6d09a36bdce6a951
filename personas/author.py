"""Generation by a language model: a card for each persona, then its prompts, several strategies with each call."""

import hashlib
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from statistics import median_low

from harness.contracts import Generator, Prompt, PromptChecks
from harness.errors import ModelOutputError
from harness.languages import language_of
from harness.models import ModelCall
from harness.progress import Progress
from personas.answers import PersonaCard, PromptBatch
from personas.asking import BUDGET_SPENT, Asker, Heard, Question
from personas.briefing import (
    BATCH,
    CARD_MAX_TOKENS,
    SYSTEM,
    Order,
    batch_prompt,
    card_prompt,
    examples_of,
    focus_of,
    template_hashes,
)
from personas.corpus import Corpus
from personas.invention import Inventor
from personas.offline import Cast, Missing, prompt_of, with_checks
from personas.promptfile import PromptFile
from personas.roles import Part, Player, Role, asked, in_calls, players_of
from personas.scene import Draft
from personas.screening import Screen
from personas.segments import Segment

BATCH_SIZE = 10
"""Prompts of one call at most."""
ROUNDS = 6
"""How often what is missing is asked for."""
TEMPERATURE = 0.9
MAX_TOKENS = 4096
_CUT_SHARE = 0.2
"""Of a round's answers: when more are cut off, calls ask for too much."""
_AVOID = 10
"""Prompts that exist already, shown with a call."""
_AVOID_CHARS = 120


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
        self._written = PromptFile()

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
        return _told_apart([self._described(player, card) for player, card in zip(players, cards, strict=True)])

    async def write(
        self, players: Sequence[Cast], segments: Sequence[Segment], corpus: Corpus, plan: Sequence[Mapping[str, int]]
    ) -> tuple[Iterator[Prompt], Missing]:
        """Return the planned prompts that the model can write, persona by persona, and what is missing after all rounds.

        Raises:
            ModelError: If the model gave nothing at all.
        """
        cast = players_of(players, segments, corpus, plan)
        for number in range(ROUNDS):
            if not await self._round(cast, number):
                break
            self._require_answers()
        made = [place for role in _roles(cast) for place in role.made]
        if not made and self._asker.error is not None:
            raise self._asker.error
        missing = {
            (player.cast.persona.persona_id, name): role.wanted - len(role.made)
            for player in cast
            for name, role in player.roles.items()
            if role.wanted > len(role.made)
        }
        return map(self._written.__getitem__, made), missing

    def _require_answers(self) -> None:
        """Stop before more is asked of a model that never answered."""
        if self._asker.error is not None and not self._asker.answered:
            raise self._asker.error

    async def _round(self, players: Sequence[Player], number: int) -> bool:
        """Ask for what is missing; return whether another round may bring more."""
        orders = [
            (player, self._order(player, parts, f"{number}|{place}"))
            for player in players
            for place, parts in enumerate(
                in_calls([(role, asked(role.missing, number)) for role in player.roles.values()], self._size)
            )
        ]
        if not orders:
            return False
        roles = _roles(players)
        heard = await self._asker.ask_all([order for _, order in orders], PromptBatch, self._counter(roles))
        before = [len(role.made) for role in roles]
        answered: set[int] = set()
        # Screened in the plan's order, so that the same answers give the same suite.
        for (player, _), answer in zip(orders, heard, strict=True):
            if answer is not None:
                self._take(player, answer)
                answered |= {id(player.roles[name]) for name in answer.kinds if name in player.roles}
        for role, count in zip(roles, before, strict=True):
            if id(role) in answered:
                role.dry = role.dry + 1 if len(role.made) == count else 0
        self._resize([answer for answer in heard if answer is not None])
        self._progress.update("prompts", sum(len(role.made) for role in roles), sum(role.wanted for role in roles))
        return bool(answered) or not self._asker.failures[BUDGET_SPENT]

    def _resize(self, heard: Sequence[Heard[PromptBatch]]) -> None:
        """Ask for no more at a time than fits into an answer; a few that ran too long say nothing about the others."""
        cut = [len(answer.output.prompts) for answer in heard if answer.cut_off]
        if len(cut) > _CUT_SHARE * len(heard):
            self._size = max(1, min(self._size, median_low(cut)))
        elif not heard:
            self._size = max(1, self._size // 2)

    def _counter(self, roles: Sequence[Role]) -> Callable[[PromptBatch], None]:
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

    def _order(self, player: Player, parts: Sequence[Part], place: str) -> Question:
        persona = player.cast.persona
        rng = random.Random(f"{persona.persona_id}|{place}")
        inventor = Inventor(rng)
        orders = [
            Order(
                part.role.strategy,
                part.count,
                tuple(inventor.marker() for _ in range(part.count)) if part.role.strategy.needs_marker else (),
            )
            for part in parts
        ]
        shown = max(1, _AVOID // len(parts))
        text = batch_prompt(
            persona,
            orders,
            player.examples,
            focus=focus_of(player.segment, rng, sum(part.count for part in parts)),
            avoid=[self._excerpt(place) for part in parts for place in part.role.made[-shown:]],
            seed=self._seed,
        )
        return Question(
            call=self._call(text, f"{persona.persona_id}|{place}", max_tokens=MAX_TOKENS, partial="prompts"),
            group=persona.persona_id,
            kinds=tuple(order.strategy.name for order in orders),
            markers=tuple(marker for order in orders for marker in order.markers),
        )

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

    def _take(self, player: Player, answer: Heard[PromptBatch]) -> None:
        """Add what an answer brings to the roles that its prompts name."""
        source = Generator(
            kind=self._model_id,
            template=BATCH,
            template_hash=self._hash,
            seed=answer.seed,
            temperature=TEMPERATURE,
        )
        for written in answer.output.prompts:
            role = player.roles.get(written.strategy)
            if role is None:
                self._screen.rejected["unknown_strategy"] += 1
                continue
            turns = tuple(written.turns)
            checks = self._checks(role, player.cast.language, answer.markers, turns)
            if len(role.made) < role.wanted and checks is not None and self._screen.admits(turns, checks):
                role.made.append(len(self._written))
                self._written.append(prompt_of(player.cast.persona, role.strategy, Draft(turns, checks), source))

    def _excerpt(self, place: int) -> str:
        return " / ".join(self._written[place].turns)[:_AVOID_CHARS]

    def _checks(
        self, role: Role, usual_language: str, handed_out: Sequence[str], turns: Sequence[str]
    ) -> PromptChecks | None:
        text = " ".join(turns)
        language = language_of(text) or usual_language
        markers = [marker for marker in handed_out if marker in text]
        if bool(markers) != role.strategy.needs_marker:
            # Without one nothing can be checked; with one that is not its own it is a prompt of another kind.
            self._screen.rejected["marker_missing" if role.strategy.needs_marker else "marker_misplaced"] += 1
            return None
        own = PromptChecks(must_not_comply=markers, language=None if language == "en" else language)
        return with_checks(role.strategy, own)


def _told_apart(players: Sequence[Cast]) -> list[Cast]:
    """Return personas whose names differ: each is called by its name in reports."""
    taken: set[str] = set()
    named = []
    for player in players:
        name, number = player.persona.name, 2
        while name.casefold() in taken:
            name, number = f"{player.persona.name} {number}", number + 1
        taken.add(name.casefold())
        named.append(replace(player, persona=player.persona.model_copy(update={"name": name})))
    return named


def _roles(players: Sequence[Player]) -> list[Role]:
    return [role for player in players for role in player.roles.values()]
