"""A suite composed in memory: segments, personas, prompts, weights."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.config import PersonasSection
from harness.contracts import Persona, Prompt, SanitizedSession
from harness.models import ModelClient, Usage
from harness.pii import PiiDetector
from harness.pii.detector import detector
from harness.progress import Progress
from personas.author import ModelAuthor
from personas.briefing import template_hashes
from personas.corpus import Corpus
from personas.offline import Cast, Missing, OfflineWriter
from personas.phrases import mine
from personas.planning import by_persona, by_strategy, weighted
from personas.portrait import portraits
from personas.scene import Material
from personas.screening import Screen
from personas.segments import Segmentation, segment
from personas.strategies import STRATEGIES

OFFLINE_ONLY = frozenset(strategy.name for strategy in STRATEGIES if not strategy.by_model)
FOREIGN = 12.0
"""How much more often a persona that does not write English gets a prompt in its own language: some third of all."""


@dataclass(frozen=True, slots=True)
class Suite:
    """A suite before it is written."""

    personas: list[Persona]
    prompts: list[Prompt]
    planned: int
    rejected: dict[str, int]
    """Drafts that the screen turned away, by reason."""
    missing: Missing
    usage: Usage
    failures: dict[str, int]
    """Calls of the model that gave nothing, by kind of error."""
    templates: dict[str, str]
    """Hashes of the model's prompt templates; none where no model wrote."""
    segmentation: Segmentation
    corpus: Corpus


def compose(
    sessions: Iterable[SanitizedSession],
    section: PersonasSection,
    *,
    progress: Progress,
    personal: PiiDetector | None = None,
    model: ModelClient | None = None,
    budget_usd: float | None = None,
) -> Suite:
    """Return the suite that a configuration asks for.

    Args:
        sessions: Sanitized sessions.
        section: How many personas and prompts, of how many users, with which seed.
        progress: Told how far it is.
        personal: What it finds in a prompt keeps that prompt out; None: the strict detector as it is shipped.
        model: Writes what a model can write; None writes everything offline.
        budget_usd: The model is asked for nothing more once it has cost this much.

    Raises:
        UsageError: If no user said anything in the sessions.
        SafetyError: If they are of fewer than ``min_users`` distinct users.
        ModelError: If the model gave nothing at all.
    """
    personal = personal or detector("strict")
    corpus = Corpus(sessions, min_users=section.min_users)
    progress.update("segments", 0)
    # Phrases also become goals and labels, which no screen sees later.
    phrases = [phrase for phrase in mine(corpus) if not personal.find(phrase.text)]
    segmentation = segment(corpus, phrases, wanted=section.personas, seed=section.seed)
    segments = segmentation.segments
    progress.update("segments", len(segments), len(segments))
    cast = [
        Cast(persona, Material.of(part.phrases, phrases), part.manner, part.languages.most_common(1)[0][0])
        for persona, part in zip(portraits(segments), segments, strict=True)
    ]
    # The asked-for number of prompts is made even where the data holds fewer segments than asked for.
    planned = section.personas * section.prompts_per_persona
    plan = by_strategy(by_persona(planned, [c.persona for c in cast]), [_shares(c) for c in cast])
    screen = Screen(corpus.all_texts(), personal)
    prompts: list[Prompt] = []
    missing: Missing = {}
    failures: dict[str, int] = {}
    if model is not None:
        author = ModelAuthor(model, screen, seed=section.seed, budget_usd=budget_usd, progress=progress)
        cast, prompts, missing = asyncio.run(_authored(author, model, cast, segmentation, corpus, plan))
        failures = dict(author.failures.most_common())
        plan = [Counter({name: n for name, n in counts.items() if name in OFFLINE_ONLY}) for counts in plan]
    offline, not_made = OfflineWriter(screen, seed=section.seed, progress=progress).write(cast, plan)
    personas = [c.persona for c in cast]
    return Suite(
        personas=personas,
        prompts=weighted(prompts + offline, personas),
        planned=planned,
        rejected=dict(screen.rejected.most_common()),
        missing=missing | not_made,
        usage=model.usage if model is not None else Usage(),
        failures=failures,
        templates=template_hashes() if model is not None else {},
        segmentation=segmentation,
        corpus=corpus,
    )


def _shares(player: Cast) -> dict[str, float]:
    """Return the strategies' shares; a persona that does not write English writes its own language more often."""
    foreign = FOREIGN if player.language != "en" else 1.0
    return {s.name: s.share * (foreign if s.name == "other_language" else 1.0) for s in STRATEGIES}


async def _authored(
    author: ModelAuthor,
    model: ModelClient,
    cast: list[Cast],
    segmentation: Segmentation,
    corpus: Corpus,
    plan: Sequence[Counter[str]],
) -> tuple[list[Cast], list[Prompt], Missing]:
    try:
        described = await author.cast(cast, segmentation.segments, corpus)
        prompts, missing = await author.write(described, segmentation.segments, corpus, plan)
        return described, prompts, missing
    finally:
        # Its connections belong to this event loop, which ends here.
        await model.close()
