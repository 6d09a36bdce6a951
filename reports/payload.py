"""The list of conversations as columns: what the page's script searches and filters."""

from collections.abc import Hashable, Iterable, Sequence
from typing import Any, Generic, TypeVar

from reports.clusters import Cluster
from reports.conversations import Conversation, Key
from reports.loading import Run
from reports.visible import one_line
from reports.wording import AGAIN, STATUSES, criterion_title

LARGE = 20_000
"""From this many conversations on, previews get shorter and answers of passed ones are left out."""
_SHORT = 80

ValueT = TypeVar("ValueT", bound=Hashable)


class _Codes(Generic[ValueT]):
    """Numbers values in the order they come, so that columns hold small integers."""

    def __init__(self, values: Iterable[ValueT] = ()) -> None:
        self._codes: dict[ValueT, int] = {value: code for code, value in enumerate(values)}

    def __getitem__(self, value: ValueT) -> int:
        return self._codes.setdefault(value, len(self._codes))

    @property
    def values(self) -> list[ValueT]:
        return list(self._codes)


def columns(
    run: Run, conversations: Sequence[Conversation], clusters: Sequence[Cluster], detailed: Sequence[Key]
) -> dict[str, Any]:
    """Return the list in columns, with tables for the codes in them.

    Texts are previews on one line, joined by newlines: one string each, which
    the page searches as a whole.
    """
    statuses, outcomes, arms = _Codes[str](STATUSES), _Codes[str](), _Codes[str]()
    personas, strategies, criteria = _Codes[str](), _Codes[str](), _Codes[str]()
    causes = {member.key: place for place, c in enumerate(clusters) for member in c.members}
    details = {key: place for place, key in enumerate(detailed)}
    rows = conversations
    large = len(rows) > LARGE
    return {
        "run": run.gate.run_id,
        "status": [statuses[c.status] for c in rows],
        "persona": [personas[c.facts.persona_id] for c in rows],
        "strategy": [strategies[c.facts.strategy] for c in rows],
        "outcome": [outcomes[c.outcome] for c in rows],
        "criteria": [[criteria[name] for name in c.criteria] for c in rows],
        "arm": [arms[c.key.arm] for c in rows],
        "attempt": [c.key.attempt for c in rows],
        "turns": [c.turns for c in rows],
        "latency": [-1 if c.latency_ms is None else round(c.latency_ms) for c in rows],
        "counted": [int(c.in_rate) for c in rows],
        "again": [c.again and AGAIN[c.again] for c in rows],
        "cause": [causes.get(c.key, -1) for c in rows],
        "detail": [details.get(c.key, -1) for c in rows],
        "ids": "\n".join(one_line(c.key.prompt_id, 200) for c in rows),
        "questions": "\n".join(c.question[:_SHORT] if large else c.question for c in rows),
        "answers": "\n".join("" if large and c.status == "passed" else c.answer for c in rows),
        "tables": {
            "status": [[name, STATUSES[name]] for name in STATUSES],
            "persona": [[p, one_line(run.persona_name(p), 80)] for p in personas.values],
            "strategy": [[s, _spoken(s)] for s in strategies.values],
            "outcome": [[o, _spoken(o)] for o in outcomes.values],
            "criterion": [[c, criterion_title(c)] for c in criteria.values],
            "arm": [[a, a] for a in arms.values],
            "cause": [[c.cluster_id, one_line(f"{criterion_title(c.criterion)}: {c.reason}", 90)] for c in clusters],
        },
    }


def _spoken(name: str) -> str:
    return one_line(name.replace("_", " "), 60) or "(unknown)"
