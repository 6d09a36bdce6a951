"""The leak certificate: recall on planted tracers with its exact interval, and the audit's result."""

import math
import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from extract.audit import OutputAudit
from extract.mapping import LoggedExchange
from extract.sanitizing import SessionSanitizer
from extract.sessions import RawSession
from extract.tracers import Tracer, make_tracers
from harness.contracts import Certificate

SEED = 7
TRACERS = 600
"""How many are planted: 600 found without a miss put the lower end of recall at 99.4 %."""
_CONFIDENCE = 0.95
_HALVINGS = 50
_TOKEN = re.compile(r"[^\W_]+")
_SHORTEST = 3
_ORDINARY = frozenset(("street", "road", "lane", "ave", "drive", "mail", "example", "post", "test", "old", "dot"))


class TracerSample:
    """Keeps a seeded sample of exchanges to plant tracers in (reservoir sampling, so that one pass is enough)."""

    def __init__(self, size: int = TRACERS) -> None:
        self._size = size
        self._dice = random.Random(SEED)
        self._seen = 0
        self._kept: list[LoggedExchange] = []

    def offer(self, exchange: LoggedExchange) -> None:
        """Consider one exchange."""
        self._seen += 1
        if len(self._kept) < self._size:
            self._kept.append(exchange)
        elif (place := self._dice.randrange(self._seen)) < self._size:
            self._kept[place] = exchange

    def planted(self) -> list[tuple[LoggedExchange, Tracer]]:
        """Return copies of the sampled exchanges, each with a tracer in its prompt; small logs are used several times."""
        if not self._kept:
            return []
        tracers = make_tracers(self._size, seed=SEED)
        return [(_plant(self._kept[n % len(self._kept)], t), t) for n, t in enumerate(tracers)]


def certify(sample: TracerSample, sanitizer: SessionSanitizer, audit: OutputAudit, *, floor: float) -> Certificate:
    """Sanitize the planted copies as any other record, and certify what was found of the tracers.

    The copies exist only here: no tracer ever reaches the dataset.

    Args:
        sample: Exchanges of this dataset.
        sanitizer: The sanitizer that made it.
        audit: The finished audit of the output.
        floor: The least recall (lower end) that is accepted.
    """
    planted: Counter[str] = Counter()
    leaked: Counter[str] = Counter()
    for exchange, tracer in sample.planted():
        planted[tracer.entity] += 1
        leaked[tracer.entity] += _leaks(exchange, tracer, sanitizer)
    total, missed = planted.total(), leaked.total()
    lower = recall_lower(total - missed, total)
    return Certificate(
        tracers_planted=total,
        tracers_leaked=missed,
        recall_by_type={entity: round(1 - leaked[entity] / n, 4) for entity, n in sorted(planted.items())},
        recall_lower=round(lower, 6),
        floor=floor,
        audited_values=audit.values,
        audited_leaks=audit.leaks,
        passed=lower >= floor and audit.leaks == 0,
    )


def recall_lower(found: int, total: int) -> float:
    """Return the lower end of the exact two-sided 95 % interval of a share (Clopper and Pearson, 1934)."""
    if found == 0:
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_least(found, total, middle) < (1 - _CONFIDENCE) / 2 else (low, middle)
    return low


def _at_least(found: int, total: int, share: float) -> float:
    """Return the chance of ``found`` or more among ``total`` when each is found with probability ``share``."""
    if share <= 0 or share >= 1:
        return float(share >= 1)
    whole = math.lgamma(total + 1)
    return sum(
        math.exp(
            whole
            - math.lgamma(k + 1)
            - math.lgamma(total - k + 1)
            + k * math.log(share)
            + (total - k) * math.log1p(-share)
        )
        for k in range(found, total + 1)
    )


def _plant(exchange: LoggedExchange, tracer: Tracer) -> LoggedExchange:
    # On a line of its own, as the message that a chat's next turn would be.
    return replace(exchange, prompt=f"{exchange.prompt}\n{tracer.sentence}")


def _leaks(exchange: LoggedExchange, tracer: Tracer, sanitizer: SessionSanitizer) -> bool:
    """Return whether any telling part of the tracer survives: the last four digits are a leak too."""
    done = sanitizer.sanitize(RawSession("", "", (exchange,)))
    if done.session is None:
        return False
    left = Counter(_parts(done.session.turns[0].text))
    before = Counter(_parts(exchange.prompt.removesuffix(tracer.sentence)))
    return any(left[part] > before[part] for part in _parts(tracer.value))


def _parts(text: str) -> Sequence[str]:
    return [t for t in _TOKEN.findall(text.casefold()) if len(t) >= _SHORTEST and t not in _ORDINARY]
