"""The screen that every prompt passes, whoever wrote it."""

from collections import Counter
from collections.abc import Iterable, Sequence

from harness.contracts import PromptChecks
from harness.pii import PiiDetector
from personas.copying import RUN, CopyFirewall
from personas.corpus import RARE
from personas.duplicates import Duplicates
from personas.lexicon import PLACEHOLDER

MAX_CHARS = 8_000
SURE = 0.8
"""Of what is less sure to be personal most is not, and prompts are written from text that is sanitized already."""


class Screen:
    """Rejects copies, duplicates, placeholders and personal values, and counts why.

    Args:
        lines: Every logged line.
        detector: Finds personal values; strict, because a suite is kept and shown.
        copy_words: Words in a row that no prompt shares with a line.
    """

    def __init__(self, lines: Iterable[str], detector: PiiDetector, *, copy_words: int = RUN) -> None:
        self._firewall = CopyFirewall(lines, run=copy_words)
        self._duplicates = Duplicates()
        self._detector = detector
        self.rejected: Counter[str] = Counter()

    def admitted(self, prompts: Sequence[tuple[Sequence[str], PromptChecks]]) -> list[bool]:
        """Return what ``admits`` says of each of many prompts, one after the other; faster, because they are looked at together."""
        reasons = [_malformed(turns) or self._firewall.reason(turns) for turns, _ in prompts]
        self._detector.prepare(
            [
                without_invented(turn, checks)
                for (turns, checks), reason in zip(prompts, reasons, strict=True)
                if reason is None
                for turn in turns
            ]
        )
        for place, (turns, checks) in enumerate(prompts):
            reason = reasons[place] or self._personal(turns, checks) or self._duplicates.reason(turns)
            reasons[place] = reason
            if reason is not None:
                self.rejected[reason] += 1
        return [reason is None for reason in reasons]

    def admits(self, turns: Sequence[str], checks: PromptChecks) -> bool:
        """Return whether a prompt may enter the suite; if so it is remembered, if not the reason is counted."""
        reason = self.reason(turns, checks)
        if reason is not None:
            self.rejected[reason] += 1
        return reason is None

    def reason(self, turns: Sequence[str], checks: PromptChecks) -> str | None:
        """Return why a prompt may not enter the suite; None where it may, and then it is remembered."""
        # The duplicates come last, because they remember what they are asked about.
        return (
            _malformed(turns)
            or self._firewall.reason(turns)
            or self._personal(turns, checks)
            or self._duplicates.reason(turns)
        )

    def remember(self, turns: Sequence[str]) -> None:
        """Let no prompt in that says the same as this one, which is not in the suite either."""
        self._duplicates.reason(turns)

    def is_clean(self, texts: Sequence[str]) -> bool:
        """Return whether texts about a persona copy nobody and name nobody; nothing is remembered or counted."""
        return not (_malformed(texts) or self._firewall.reason(texts) or self._personal(texts, PromptChecks()))

    def _personal(self, turns: Sequence[str], checks: PromptChecks) -> str | None:
        """Return whether anything personal is left once the values that we invented are taken out."""
        for turn in turns:
            if any(span.score >= SURE for span in self._detector.find(without_invented(turn, checks))):
                return "personal_value"
        return None


def without_invented(turn: str, checks: PromptChecks) -> str:
    """Return a turn without the values that we invented ourselves."""
    for value in (*checks.invented, *checks.must_not_comply):
        turn = turn.replace(value, "it")
    return turn


def _malformed(turns: Sequence[str]) -> str | None:
    if not turns or any(not turn.strip() for turn in turns):
        return "empty"
    if sum(map(len, turns)) > MAX_CHARS:
        return "too_long"
    if any(RARE in turn or PLACEHOLDER.search(turn) for turn in turns):
        return "placeholder"
    return None
