"""What judging a tier costs: from what the last run like it paid, else from the rubric and the suite's prompts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from harness.config import Settings
from harness.contracts import Exchange, GateResult, Manifest, Prompt, Verdict
from harness.models import OFFLINE
from harness.storage import Storage
from pipeline.artifacts import read_record, read_records
from pipeline.preparation import GATE_FILE, MANIFEST_FILE, models_of

CHARS_PER_TOKEN = 4
"""Of English; a plan should be about right, where a budget reserves rather too much."""
ANSWER_CHARS = 600
"""A plain guess at an answer, and at the passages behind it; said as such."""
CONTEXT_CHARS = 1500
TOKENS_PER_CRITERION = 60
"""What a model writes about one criterion: a reason, at times a quotation, and a grade."""
FLAGGED_SHARE = 0.05
"""A plain guess at the share of answers that a second model is asked about besides the audit."""
_SAMPLED = 50
_LOOKED_AT = 20
"""So many of the newest runs are looked at for one like that which is planned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Experience:
    """What the newest runs like a planned one measured; what none did is None."""

    service_s: float | None = None
    """Median time from sending a request to its last byte, by the target of the same URL."""
    timed_by: str | None = None
    """The run that measured it."""
    tokens: float | None = None
    """Of the same judge's models, both ways, per answer that was judged anew."""
    usd: float | None = None
    """The same in US dollars."""
    paid_by: str | None = None
    """The run that did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What the judge's models take per answer, tier 2, jury and audit included."""

    tokens: float
    usd: float | None
    """None: a model's price is not known."""
    rounds: float
    """Calls that have to be waited for, one after the other."""
    source: str
    """The run that paid so, or ``estimate``."""


def experience(settings: Settings, storage: Storage) -> Experience:
    """Return what the newest runs with a configuration's target and judge measured.

    Args:
        settings: Of the tier.
        storage: Where the runs are.
    """
    found = Experience()
    for run_id in reversed(storage.ids("runs")[-_LOOKED_AT:]):
        folder = storage.fetch("runs", run_id, only=(MANIFEST_FILE, GATE_FILE))
        if not ((folder / MANIFEST_FILE).exists() and (folder / GATE_FILE).exists()):
            continue
        manifest = read_record(folder / MANIFEST_FILE, Manifest)
        service_ms = read_record(folder / GATE_FILE, GateResult).load.get("service_ms", {}).get("p50")
        same_target = manifest.details.get("target", {}).get("url") == settings.target.url
        if found.timed_by is None and same_target and service_ms is not None:
            found = replace(found, service_s=service_ms / 1000, timed_by=run_id)
        if found.paid_by is None and manifest.models == models_of(settings) and settings.judge.model != OFFLINE:
            storage.fetch("runs", run_id, only=("verdicts",))
            tokens, usd = _paid(read_records(folder / "verdicts", Verdict))
            found = replace(found, tokens=tokens, usd=usd, paid_by=run_id if tokens else None)
    return found


def price(settings: Settings, prompts: Sequence[Prompt], past: Experience) -> Price | None:
    """Return what judging an answer costs; None for a judge without models.

    Args:
        settings: Of the tier.
        prompts: Of the suite.
        past: Of runs like it.
    """
    if settings.judge.model == OFFLINE:
        return None
    shares = list(_asked(settings))
    calls = sum(share for _, share in shares)
    rounds = 1.0 + (shares[-1][1] if settings.judge.escalate_to is not None else 0.0)
    tokens_in, tokens_out = _estimated_tokens(settings, prompts)
    if past.tokens is None or past.paid_by is None:
        usd = _priced(shares, tokens_in, tokens_out)
        return Price(tokens=calls * (tokens_in + tokens_out), usd=usd, rounds=rounds, source="estimate")
    known = past.usd if past.usd or _priced(shares, tokens_in, tokens_out) is not None else None
    return Price(tokens=past.tokens, usd=known, rounds=rounds, source=past.paid_by)


def _paid(verdicts: Iterable[Verdict]) -> tuple[float | None, float | None]:
    """Return tokens and dollars per answer that was not known from an earlier call."""
    answers = tokens = 0
    usd = 0.0
    for verdict in verdicts:
        if verdict.ledger != "infrastructure" and not verdict.cached:
            answers, tokens, usd = answers + 1, tokens + verdict.tokens, usd + verdict.cost_usd
    return (tokens / answers, usd / answers) if tokens else (None, None)


def _asked(settings: Settings) -> Iterator[tuple[str, float]]:
    """Yield every model of the judge with the share of answers that it is asked about."""
    judge = settings.judge
    yield from ((spec, 1.0) for spec in (judge.model, *judge.jury))
    if judge.escalate_to is not None:
        yield judge.escalate_to, min(1.0, FLAGGED_SHARE + judge.audit_share)


def _estimated_tokens(settings: Settings, prompts: Sequence[Prompt]) -> tuple[int, int]:
    """Return how many tokens one call takes in and gives out, from what would be asked about some prompts' first turns."""
    from judge.checks.interface import Answer
    from judge.own_rubric import read_rubric
    from judge.rubric import criteria_for, model_call

    rubric = settings.judge.rubric
    own = read_rubric(Path(settings.path(rubric))) if rubric is not None else None
    context = ["x" * CONTEXT_CHARS] if settings.target.response.contexts else None
    chars = written = count = 0
    for prompt in islice(prompts, _SAMPLED):
        exchange = Exchange(
            exchange_id="",
            prompt_id=prompt.prompt_id,
            prompt=prompt.turns[0],
            response_text="x" * ANSWER_CHARS,
            contexts=context,
        )
        answer = Answer(exchange=exchange, prompt=prompt)
        criteria = criteria_for(answer, settings.judge.checks, own)
        call = model_call(answer, criteria, own)
        chars += len(call.system) + len(call.prompt)
        written += TOKENS_PER_CRITERION * len(criteria)
        count += 1
    return round(chars / max(count, 1) / CHARS_PER_TOKEN), round(written / max(count, 1))


def _priced(shares: Sequence[tuple[str, float]], tokens_in: int, tokens_out: int) -> float | None:
    """Return the list price of an answer's calls; None where a model's is not known."""
    from harness.models.pricing import TokenCount, cost_usd
    from harness.models.spec import parse_spec

    usd = 0.0
    for text, share in shares:
        cost = cost_usd(parse_spec(text, key="judge.model"), TokenCount(tokens_in, tokens_out))
        if cost is None:
            return None
        usd += share * cost
    return usd
