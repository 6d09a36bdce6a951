"""Whole conversations for those who open one: read again, in full, for the few that the byte budget has room for."""

import base64
import gzip
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from harness.jsonlines import read_parts
from reports.clusters import Cluster
from reports.conversations import Conversation, Key, Verdicts, key_of
from reports.loading import Run
from reports.masking import CHIP, PLAIN, SECRET, Segment, mask, segment

FAILURE_BUDGET = 16_000_000
"""Characters of failures in full; gzip and base64 leave less than half of it in the page."""
OTHER_BUDGET = 3_000_000
"""Characters of conversations that did not fail."""
TEXT_LENGTH = 20_000
CONTEXT_LENGTH = 4_000
_MAX_CONTEXTS = 20
_CHUNK = 64
"""Conversations in one block: opening one decodes one block."""
_TIMINGS = ("latency_ms", "service_ms", "ttft_ms")


def selected(conversations: Sequence[Conversation], clusters: Sequence[Cluster]) -> list[Key]:
    """Return which conversations stand in the page in full, in the order of importance.

    Failures first, round-robin over their causes, so that a budget that runs
    out leaves every cause with examples; then whatever else there is room for.
    """
    chosen: dict[Key, None] = {}
    room = FAILURE_BUDGET
    queues = [sorted(c.members, key=lambda m: (m is not c.example, not m.in_rate, m.size)) for c in clusters]
    for place in range(max(map(len, queues), default=0)):
        for queue in queues:
            if place < len(queue) and queue[place].size <= room:
                chosen[queue[place].key] = None
                room -= queue[place].size
    room = OTHER_BUDGET
    for conversation in sorted(conversations, key=lambda c: c.status == "passed"):
        if conversation.key not in chosen and conversation.status != "failed":
            room -= conversation.size
            if room < 0:
                break
            chosen[conversation.key] = None
    return list(chosen)


def read_details(run: Run, verdicts: Verdicts, wanted: Iterable[Key]) -> dict[Key, dict[str, Any]]:
    """Return the wanted conversations in full, texts as segments, in the form that the page's script reads."""
    found: dict[Key, dict[str, Any]] = {key: {} for key in wanted}
    exchanges: dict[str, tuple[Key, dict[str, Any]]] = {}
    for record in read_parts(run.folder / "exchanges"):
        key = key_of(record)
        exchange_id = record.get("exchange_id") or ""
        if key in found and exchange_id not in exchanges:
            record.pop("request_body", None)
            exchanges[exchange_id] = (key, record)
    criteria = _criteria(run, exchanges.keys())
    for exchange_id, (key, record) in exchanges.items():
        turns = found[key].setdefault("turns", [])
        turns.append(_turn(record, criteria.get(exchange_id, []), verdicts))
    for detail in found.values():
        detail.setdefault("turns", []).sort(key=lambda turn: turn["turn"])
    return found


def packed(details: dict[Key, dict[str, Any]]) -> list[str]:
    """Return the details in blocks of compressed JSON, each a base64 string that is inert in a page."""
    values = list(details.values())
    return [pack(values[i : i + _CHUNK]) for i in range(0, len(values), _CHUNK)]


def place(index: int) -> tuple[int, int]:
    """Return the block and the position in it of the ``index``-th detail."""
    return divmod(index, _CHUNK)


def pack(value: Any) -> str:
    """Return a value as base64 of gzipped JSON; the same value gives the same string."""
    return base64.b64encode(gzip.compress(orjson.dumps(value), compresslevel=6, mtime=0)).decode("ascii")


def _criteria(run: Run, wanted: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    ids = set(wanted)
    return {
        record["exchange_id"]: record.get("criteria") or []
        for record in read_parts(run.folder / "verdicts")
        if record.get("control") is None and record.get("exchange_id") in ids
    }


def _turn(record: dict[str, Any], criteria: list[dict[str, Any]], verdicts: Verdicts) -> dict[str, Any]:
    secrets = verdicts.secrets.get(record.get("prompt_id") or "", set())
    marks = [e for c in criteria if c.get("passed") is False for e in c.get("evidence") or ()]
    answer = record.get("response_text")
    raw = record.get("response_body") if answer is None else None
    hidden = record.get("exchange_id") in verdicts.wholly_secret
    turn: dict[str, Any] = {
        "turn": record.get("turn") or 0,
        "exchange_id": record.get("exchange_id"),
        "outcome": record.get("outcome") or "answered",
        "prompt": shown(record.get("prompt") or "", (), secrets),
        "answer": None if answer is None else _hidden(answer) if hidden else shown(answer, marks, secrets),
        "raw": None if raw is None else _hidden(raw) if hidden else shown(raw, marks, secrets),
        "contexts": [shown(c, (), secrets, CONTEXT_LENGTH) for c in (record.get("contexts") or ())[:_MAX_CONTEXTS]],
        "criteria": [_criterion(c, secrets) for c in criteria],
    }
    for name in ("status", "error", "finish_reason", "trace_id", "target_version", *_TIMINGS):
        if record.get(name) is not None:
            turn[name] = mask(str(record[name]), secrets) if name not in _TIMINGS else record[name]
    return turn


def _criterion(criterion: dict[str, Any], secrets: set[str]) -> dict[str, Any]:
    return {
        "name": mask(criterion.get("name") or "unnamed", ()),
        "passed": criterion.get("passed"),
        "reason": shown(criterion.get("reason") or "", (), secrets),
        "evidence": [shown(e, [e], secrets, 500) for e in (criterion.get("evidence") or ())[:_MAX_CONTEXTS]],
        "score": criterion.get("score"),
        "judged_by": mask(criterion.get("judged_by") or "", ()),
    }


def _hidden(text: str) -> list[Any]:
    return compact([Segment(SECRET, mask(text[:TEXT_LENGTH], ()))])


def shown(text: str, marks: Iterable[str], secrets: Iterable[str], limit: int = TEXT_LENGTH) -> list[Any]:
    """Return a text's segments in compact form, cut at ``limit`` characters after masking."""
    kept: list[Segment] = []
    room = limit
    segments = segment(text, marks=marks, secrets=secrets)
    for part in segments:
        kept.append(Segment(part.kind, part.text[:room]))
        room -= len(part.text)
        if room <= 0:
            break
    left = sum(len(part.text) for part in segments) - sum(len(part.text) for part in kept)
    if left > 0:
        kept.append(Segment(CHIP, f"{left:,} more characters are in exchanges/"))
    return compact(kept)


def compact(segments: Iterable[Segment]) -> list[Any]:
    """Return plain stretches as strings and the others as ``[kind, text]``; a page reads both."""
    return [part.text if part.kind == PLAIN else [part.kind, part.text] for part in segments]
