"""A suite composed: segments, personas, prompts, weights."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from harness.config import PersonasSection
from harness.contracts import Persona, Prompt, SanitizedSession
from harness.models import ModelClient, Usage
from harness.models.embeddings import EmbeddingClient
from harness.pii import PiiDetector
from harness.pii.detector import detector
from harness.progress import Progress
from personas.asking import Asker, Batches, Caps
from personas.author import ModelAuthor
from personas.briefing import template_hashes
from personas.casting import cast_of, shares_of
from personas.corpus import Corpus
from personas.drift import Memory, remember
from personas.embedding import Embedder
from personas.evolution import Carried, Earlier, taken_over
from personas.journal import Journal
from personas.offline import Cast, Missing, OfflineWriter
from personas.phrases import Phrase, mine, without_personal
from personas.planning import by_persona, by_strategy, weighted
from personas.promptfile import PromptFile
from personas.screening import Screen
from personas.segments import Segmentation, segment
from personas.strategies import STRATEGIES

OFFLINE_ONLY = frozenset(strategy.name for strategy in STRATEGIES if not strategy.by_model)


@dataclass(frozen=True, slots=True)
class Suite:
    """A suite before it is written."""

    personas: list[Persona]
    prompts: Sequence[Prompt]
    planned: int
    rejected: dict[str, int]
    """Drafts that the screen turned away, by reason."""
    missing: Missing
    filled: Missing
    """Prompts that the model owes and the offline generator wrote, by persona id and strategy."""
    usage: Usage
    """Of this attempt."""
    usage_in_all: Usage
    """Of earlier, interrupted attempts and of embeddings, too."""
    reused: int
    """Calls that an earlier attempt had paid for."""
    failures: dict[str, int]
    """Calls of the model that gave nothing, by kind of error."""
    templates: dict[str, str]
    """Hashes of the model's prompt templates; none where no model wrote."""
    segmentation: Segmentation
    embedding_usage: Usage
    """Of the model that said what sessions are about; nothing where none was asked."""
    corpus: Corpus
    memory: Memory
    """What it keeps of production's mix, to compare later traffic with."""
    carried: Carried
    """What it took over from an earlier suite."""
    frames: Counter[int]
    """Prompts written offline, by a fingerprint of their words with what the slots hold left out."""


def compose(
    sessions: Iterable[SanitizedSession],
    section: PersonasSection,
    *,
    progress: Progress,
    personal: PiiDetector | None = None,
    model: ModelClient | None = None,
    caps: Caps | None = None,
    journal: Journal | None = None,
    batches: Batches | None = None,
    earlier: Earlier | None = None,
    embeddings: EmbeddingClient | None = None,
) -> Suite:
    """Return the suite that a configuration asks for.

    Args:
        sessions: Sanitized sessions.
        section: How many personas and prompts, of how many users, with which seed.
        progress: Told how far it is.
        personal: What it finds in a prompt keeps that prompt out; None: the strict detector as it is shipped.
        model: Writes what a model can write; None writes everything offline. What it owes in the end is written offline.
        caps: What the model may cost; None for no cap.
        journal: Answers that are paid for already, and where new ones go; None keeps none.
        batches: Takes the calls that can wait, at a lower price.
        earlier: The suite that this one goes on from; None starts anew.
        embeddings: Says what sessions are about; None tells it without a model.

    Raises:
        UsageError: If no user said anything in the sessions.
        SafetyError: If they are of fewer than ``min_users`` distinct users.
        ModelError: If the model gave nothing at all, or the embedding model did not answer for every session.
    """
    caps, journal, personal = caps or Caps(), journal or Journal(), personal or detector("strict")
    ground = _surveyed(
        Corpus(sessions, min_users=section.min_users), section, personal, progress, embeddings, caps, journal
    )
    # The asked-for number of prompts is made even where the data holds fewer segments than asked for.
    planned = section.personas * section.prompts_per_persona
    players = [c.persona for c in ground.cast]
    carried = taken_over(earlier, section, ground.screen, ground.corpus, ground.memory, players, planned=planned)
    plan = _plan(ground.cast, planned, carried)
    seed = earlier.seed(section.seed) if earlier is not None else section.seed
    written = _Written(ground.cast, plan)
    if model is not None:
        rest = _rest(caps, ground.embedding_usage)
        asker = Asker(model, journal, caps=rest, batches=batches, concurrency=section.concurrency)
        author = ModelAuthor(asker, model_id=model.model_id, screen=ground.screen, seed=seed, progress=progress)
        written = _written(ground, plan, author, asker, model, journal)
    return _finished(ground, planned, carried, written, seed, progress)


@dataclass(frozen=True, slots=True)
class _Ground:
    """What a suite is made on, before anything is written."""

    corpus: Corpus
    segmentation: Segmentation
    embedding_usage: Usage
    cast: list[Cast]
    screen: Screen
    memory: Memory


def _surveyed(
    corpus: Corpus,
    section: PersonasSection,
    personal: PiiDetector,
    progress: Progress,
    embeddings: EmbeddingClient | None,
    caps: Caps,
    journal: Journal,
) -> _Ground:
    """Return what the sessions say about users, and the screen against copying them."""
    progress.update("segments", 0)
    # Phrases also become goals and labels, which no screen sees later.
    phrases = without_personal(mine(corpus), personal)
    embedder = _embedder(embeddings, _rest(caps, journal.spent_before), progress)
    try:
        segmentation = _segmented(corpus, phrases, section, embedder, personal)
    finally:
        # An attempt that ends early has consumed it all the same, and the next one embeds again.
        embedding_usage = embeddings.usage if embeddings is not None else Usage()
        journal.spend(embedding_usage)
    progress.update("segments", len(segmentation.segments), len(segmentation.segments))
    return _Ground(
        corpus=corpus,
        segmentation=segmentation,
        embedding_usage=embedding_usage,
        cast=cast_of(segmentation.segments, phrases, corpus, personal),
        screen=Screen(corpus.all_texts(), personal, copy_words=section.copy_words),
        memory=remember(segmentation.segments, corpus),
    )


@dataclass(frozen=True, slots=True)
class _Written:
    """What a model wrote, and what it left to be written without one."""

    cast: list[Cast]
    left: Sequence[Counter[str]]
    """By strategy, for each persona."""
    prompts: Iterable[Prompt] = ()
    missing: Missing = field(default_factory=dict)
    """What the model owes."""
    usage: Usage = field(default_factory=Usage)
    usage_in_all: Usage = field(default_factory=Usage)
    reused: int = 0
    failures: dict[str, int] = field(default_factory=dict)
    templates: dict[str, str] = field(default_factory=dict)


def _finished(
    ground: _Ground, planned: int, carried: Carried, written: _Written, seed: int, progress: Progress
) -> Suite:
    """Write what is left offline, and weigh it all."""
    prompts = PromptFile(carried.generated)
    prompts.extend(written.prompts)
    writer = OfflineWriter(ground.screen, prompts, seed=seed, progress=progress)
    missing = writer.write(written.cast, written.left)
    personas = [c.persona for c in written.cast]
    weighed = PromptFile(weighted(prompts, personas))
    weighed.extend(carried.regression)
    return Suite(
        personas=personas,
        prompts=weighed,
        planned=planned,
        rejected=dict(ground.screen.rejected.most_common()),
        missing=missing,
        filled=_filled(written.missing, missing),
        usage=written.usage,
        usage_in_all=written.usage_in_all + ground.embedding_usage,
        reused=written.reused,
        failures=written.failures,
        templates=written.templates,
        segmentation=ground.segmentation,
        embedding_usage=ground.embedding_usage,
        corpus=ground.corpus,
        memory=ground.memory,
        carried=carried,
        frames=writer.frames,
    )


def _segmented(
    corpus: Corpus,
    phrases: Sequence[Phrase],
    section: PersonasSection,
    embedder: Embedder | None,
    personal: PiiDetector,
) -> Segmentation:
    return segment(
        corpus,
        phrases,
        wanted=section.personas,
        seed=section.seed,
        example_tokens=section.example_tokens,
        embedder=embedder,
        personal=personal,
    )


def _plan(cast: Sequence[Cast], planned: int, carried: Carried) -> list[Counter[str]]:
    """Return how many prompts of each strategy each persona still needs."""
    players = [c.persona for c in cast]
    counts = by_persona(planned - len(carried.regression), players)
    return carried.reduced(by_strategy(counts, [shares_of(c) for c in cast]), players)


def _written(
    ground: _Ground,
    plan: Sequence[Counter[str]],
    author: ModelAuthor,
    asker: Asker,
    model: ModelClient,
    journal: Journal,
) -> _Written:
    """Have the model write its part."""
    try:
        described, prompts, missing = asyncio.run(_authored(author, model, ground, plan))
    finally:
        asker.settle()
    return _Written(
        cast=described,
        left=[_offline_part(counts, c.persona.persona_id, missing) for counts, c in zip(plan, described, strict=True)],
        prompts=prompts,
        missing=missing,
        usage=asker.usage,
        usage_in_all=asker.usage_in_all,
        reused=journal.reused,
        failures=dict(asker.failures.most_common()),
        templates=template_hashes(),
    )


def _filled(missing: Missing, not_made: Missing) -> Missing:
    """Return what the model owes and somebody else wrote."""
    return {key: count - not_made.get(key, 0) for key, count in missing.items() if count > not_made.get(key, 0)}


def _embedder(embeddings: EmbeddingClient | None, caps: Caps, progress: Progress) -> Embedder | None:
    if embeddings is None:
        return None
    return lambda texts: embeddings.embed(texts, budget_usd=caps.usd, progress=progress)


def _rest(caps: Caps, spent: Usage) -> Caps:
    """Return what is left of caps, which hold for whatever a suite asks of models."""
    return replace(
        caps,
        usd=None if caps.usd is None else max(0.0, caps.usd - spent.cost_usd),
        tokens=None if caps.tokens is None else max(0, caps.tokens - spent.tokens),
    )


def _offline_part(counts: Counter[str], persona_id: str, missing: Missing) -> Counter[str]:
    """Return what is written without a model: what a model never writes, and what it owes."""
    return Counter({n: c for n in counts if (c := counts[n] if n in OFFLINE_ONLY else missing.get((persona_id, n), 0))})


async def _authored(
    author: ModelAuthor, model: ModelClient, ground: _Ground, plan: Sequence[Counter[str]]
) -> tuple[list[Cast], Iterator[Prompt], Missing]:
    segments, corpus = ground.segmentation.segments, ground.corpus
    try:
        described = await author.cast(ground.cast, segments, corpus)
        prompts, missing = await author.write(described, segments, corpus, plan)
        return described, prompts, missing
    finally:
        # Its connections belong to this event loop, which ends here.
        await model.close()
