"""What became of each conversation of a run, read in two streaming passes and without any leaked value.

Verdicts first, then exchanges; what is kept of a conversation are its numbers,
previews and failures, all masked. Whoever wants whole texts reads them again
(``reports.details``) for the few conversations that need them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from harness.contracts import INFRASTRUCTURE_OUTCOMES, Outcome
from harness.jsonlines import read_parts
from reports.loading import PromptFacts, Run
from reports.masking import excerpt, is_sensitive, mask, segment
from reports.visible import one_line
from reports.wording import severity

Status = Literal["failed", "ungraded", "infrastructure", "unjudged", "passed"]
_PRECEDENCE: tuple[Status, ...] = ("failed", "infrastructure", "ungraded", "unjudged", "passed")

QUESTION_LENGTH = 120
ANSWER_LENGTH = 120
REASON_LENGTH = 400
EXCERPT_LENGTH = 200
_MAX_EVIDENCE = 20


class Key(NamedTuple):
    """What tells one sending of a prompt from another."""

    prompt_id: str
    arm: str
    attempt: int


@dataclass(frozen=True, slots=True)
class Failure:
    """One criterion that one turn failed; masked."""

    criterion: str
    reason: str
    excerpt: str
    """Offending words with a little around them."""
    turn: int


@dataclass(slots=True)
class Conversation:
    """One sending of a prompt, all its turns."""

    key: Key
    facts: PromptFacts
    in_rate: bool
    """Whether the failure rate is read from it: first attempt, the plan's arm, counted sample."""
    again: str = ""
    """What asking again showed of its failure: ``consistent`` or ``flaky``; empty where it was not."""
    status: Status = "passed"
    outcome: Outcome = "answered"
    """Of the last turn: a conversation ends with the first reply that is no answer."""
    turns: int = 0
    latency_ms: float | None = None
    """Of the slowest turn."""
    question: str = ""
    answer: str = ""
    size: int = 0
    """Characters of all its texts."""
    failures: list[Failure] = field(default_factory=list)

    @property
    def criteria(self) -> list[str]:
        """Names of the failed criteria, the worst first."""
        return sorted({failure.criterion for failure in self.failures}, key=severity)

    @property
    def worst(self) -> Failure | None:
        """The failure that names the cause."""
        return min(self.failures, key=lambda f: (severity(f.criterion), f.turn), default=None)


@dataclass(slots=True)
class Verdicts:
    """What the judge said, by exchange; of failures everything, of the rest only the status."""

    status: dict[str, Status] = field(default_factory=dict)
    failed: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    secrets: dict[str, set[str]] = field(default_factory=dict)
    """Leaked values by prompt: what leaked in one turn may stand in another."""
    wholly_secret: set[str] = field(default_factory=set)
    """Exchanges in which something leaked and nobody says what: the whole answer is hidden."""


def read_verdicts(run: Run) -> Verdicts:
    """Return the run's verdicts; planted controls are none of the target's."""
    verdicts = Verdicts()
    for record in read_parts(run.folder / "verdicts"):
        if record.get("control") is None and record.get("exchange_id"):
            _note(verdicts, record)
    return verdicts


def _note(verdicts: Verdicts, record: dict[str, Any]) -> None:
    exchange_id: str = record["exchange_id"]
    verdicts.status[exchange_id] = _status(record)
    # A later verdict on the same exchange replaces the earlier one.
    verdicts.failed.pop(exchange_id, None)
    if verdicts.status[exchange_id] != "failed":
        return
    failed = [c for c in record.get("criteria") or () if c.get("passed") is False]
    verdicts.failed[exchange_id] = failed
    for criterion in failed:
        if is_sensitive(criterion.get("name") or ""):
            evidence = [e for e in criterion.get("evidence") or () if e.strip()]
            verdicts.secrets.setdefault(record.get("prompt_id") or "", set()).update(evidence)
            if not evidence:
                verdicts.wholly_secret.add(exchange_id)


def _status(record: dict[str, Any]) -> Status:
    if record.get("ledger") == "infrastructure":
        return "infrastructure"
    if record.get("passed") is None:
        return "ungraded"
    return "passed" if record["passed"] else "failed"


def read_conversations(run: Run, verdicts: Verdicts) -> list[Conversation]:
    """Return the run's conversations in the tier's order, repeats and other arms after the first attempts."""
    counted = run.counted
    found: dict[Key, Conversation] = {}
    seen: set[str] = set()
    for record in read_parts(run.folder / "exchanges"):
        exchange_id = record.get("exchange_id") or ""
        if not exchange_id or exchange_id in seen:
            continue
        seen.add(exchange_id)
        key = key_of(record)
        if key not in found:
            found[key] = _new(run, key, counted)
        _add(found[key], record, verdicts)
    places = {prompt_id: place for place, prompt_id in enumerate(run.plan.order if run.plan else ())}
    return sorted(found.values(), key=lambda c: (not c.in_rate, c.key.attempt, places.get(c.key.prompt_id, 1 << 60)))


def key_of(record: dict[str, Any]) -> Key:
    """Return which sending of which prompt an exchange belongs to."""
    return Key(record.get("prompt_id") or "", record.get("arm") or "semantic", record.get("attempt") or 1)


_UNKNOWN = PromptFacts(persona_id="", strategy="", weight=0.0, origin="generated", turns=0)


def _new(run: Run, key: Key, counted: frozenset[str]) -> Conversation:
    arm = run.plan.arm if run.plan else key.arm
    in_rate = key.attempt == 1 and key.arm == arm and (key.prompt_id in counted or not counted)
    again = run.came_back(key.prompt_id) if key.attempt == 1 and key.arm == arm else ""
    return Conversation(key=key, facts=run.prompts.get(key.prompt_id, _UNKNOWN), in_rate=in_rate, again=again)


def _add(conversation: Conversation, record: dict[str, Any], verdicts: Verdicts) -> None:
    exchange_id: str = record["exchange_id"]
    turn = record.get("turn") or 0
    secrets = verdicts.secrets.get(conversation.key.prompt_id, set())
    status = verdicts.status.get(exchange_id) or _unsaid(record)
    first = conversation.turns == 0
    conversation.turns += 1
    conversation.status = status if first else min(conversation.status, status, key=_PRECEDENCE.index)
    if record.get("outcome", "answered") != "answered" or first:
        conversation.outcome = record.get("outcome") or "answered"
    conversation.size += sum(_texts(record))
    if record.get("latency_ms") is not None:
        conversation.latency_ms = max(conversation.latency_ms or 0.0, record["latency_ms"])
    if turn == 0 or not conversation.question:
        conversation.question = one_line(mask(record.get("prompt") or "", secrets), QUESTION_LENGTH)
    hidden = exchange_id in verdicts.wholly_secret
    answer = _answer(record, secrets, hidden=hidden)
    if answer and (status == "failed" or not conversation.failures):
        conversation.answer = answer
    for criterion in verdicts.failed.get(exchange_id, ()):
        conversation.failures.append(_failure(criterion, record, secrets, hidden=hidden))


def _unsaid(record: dict[str, Any]) -> Status:
    return "infrastructure" if record.get("outcome") in INFRASTRUCTURE_OUTCOMES else "unjudged"


def _texts(record: dict[str, Any]) -> Iterator[int]:
    yield len(record.get("prompt") or "")
    yield len(record.get("response_text") or record.get("response_body") or "")
    yield from (len(context) for context in record.get("contexts") or ())


def _answer(record: dict[str, Any], secrets: set[str], *, hidden: bool) -> str:
    text = record.get("response_text") or ""
    if hidden:
        return f"[masked: {len(text)} characters]"
    # Mask before cutting: half a secret at the preview's edge would no longer be recognized.
    return one_line(mask(text, secrets) if secrets else text, ANSWER_LENGTH)


def _failure(criterion: dict[str, Any], record: dict[str, Any], secrets: set[str], *, hidden: bool) -> Failure:
    evidence = (criterion.get("evidence") or [])[:_MAX_EVIDENCE]
    text = record.get("response_text") or record.get("response_body") or ""
    return Failure(
        criterion=one_line(criterion.get("name") or "unnamed", 60),
        reason=one_line(mask(criterion.get("reason") or "", secrets), REASON_LENGTH),
        excerpt="" if hidden else _offending(text, evidence, secrets),
        turn=record.get("turn") or 0,
    )


def _offending(text: str, evidence: list[str], secrets: set[str]) -> str:
    found = excerpt(segment(text, marks=evidence, secrets=secrets))
    # Evidence that is not in the text word for word is still what the judge objects to.
    return found or (one_line(mask(evidence[0], secrets), EXCERPT_LENGTH) if evidence else "")
