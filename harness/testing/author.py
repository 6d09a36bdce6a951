"""A scripted model that writes personas and prompts as the personas stage asks for them."""

import random
import re
import threading
from dataclasses import dataclass
from typing import Any

from harness.testing.instances import instance_of
from harness.testing.script import ReceivedCall
from harness.testing.wire import Tokens

CARD = {
    "name": "Hurried Stub",
    "description": "Wants things done at once, writes briefly and asks back when something is unclear.",
    "goals": ["sort out a loan", "ask about a fee"],
}
_WORDS = re.findall(
    r"\w+",
    """
table window garden river bottle pencil carpet basket ladder kettle blanket button candle mirror pillow ticket
engine hammer anchor saddle feather ribbon pocket shelf drawer curtain magnet tunnel harbour meadow orchard valley
copper timber marble velvet cotton rubber wooden golden narrow heavy quiet hollow gentle bitter early sudden broken
wash carry borrow repair measure polish gather deliver explain forget remember compare suggest arrange prevent
slowly quickly nearly almost rarely twice again today yesterday upstairs outside nearby already perhaps instead
""",
)


_KIND = re.compile(r"^- `(\w+)`, (\d+): (.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class AskedFor:
    """Prompts of one strategy that a request asks for."""

    strategy: str
    markers: tuple[str, ...]
    """One for each prompt; empty ones where none was handed out."""
    brief: str


def asked_for(prompt: str) -> list[AskedFor]:
    """Return what a request asks to be written; nothing where it asks for something else than prompts."""
    _, _, wanted = prompt.partition("\nWrite ")
    found = []
    for strategy, count, brief in _KIND.findall(wanted):
        marked = re.search(r"each used once: (.*)\.", brief)
        found.append(AskedFor(strategy, tuple(marked[1].split(", ")) if marked else ("",) * int(count), brief))
    return found


class ScriptedAuthor:
    """Answers each request for prompts with as many as are asked for, marked where markers are handed out.

    Args:
        duplicates: Share of the prompts that repeat an earlier one.
        lacking: Share of the answers that hold only half of what was asked for.
        seed: Of what it draws.
    """

    def __init__(self, *, duplicates: float = 0.0, lacking: float = 0.0, seed: int = 1) -> None:
        self.duplicates = duplicates
        self.lacking = lacking
        self._rng = random.Random(seed)
        self._said: list[str] = []
        self._lock = threading.Lock()

    def __call__(self, call: ReceivedCall) -> Any:
        """Reply to one call."""
        asked = asked_for(call.prompt)
        if not asked:
            return CARD if "Return a name" in call.prompt else instance_of(call.schema or {})
        wanted = [(each.strategy, marker) for each in asked for marker in each.markers]
        with self._lock:
            if self._rng.random() < self.lacking:
                wanted = wanted[: len(wanted) // 2]
            return {
                "prompts": [
                    {"strategy": strategy, "turns": [f"{self._text()} {marker}".strip()]} for strategy, marker in wanted
                ]
            }

    def _text(self) -> str:
        if self._said and self._rng.random() < self.duplicates:
            return self._rng.choice(self._said)
        self._said.append(" ".join(self._rng.sample(_WORDS, 11)) + "?")
        return self._said[-1]


def counted_tokens(call: ReceivedCall, value: Any) -> Tokens:
    """Return token counts that differ from call to call, as a provider's do."""
    return len(call.system + call.prompt) // 4, max(1, len(str(value)) // 4)
