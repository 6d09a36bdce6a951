"""What sentinels told of a firewall's ban, and what it means for the figures; whatever is missing is left out."""

from collections.abc import Mapping
from typing import Any

from harness.wording import counted


def sentences(load: Mapping[str, Any]) -> list[str]:
    """Return what there is to say: nothing where no harmless prompt was asked again."""
    found = load.get("sentinels")
    if not isinstance(found, Mapping) or not found["asked"]:
        return []
    asked = (
        f"{counted(found['asked'], 'harmless prompt')} that the target had answered {_were(found['asked'])} asked again"
    )
    if not found["banned"]:
        return [f"To notice a ban, {asked}: the sender was not locked out when the run ended."]
    held = counted(found["held_back"], "blocked reply")
    banned = (
        f"To notice a ban, {asked}, and the last of them were blocked: a firewall had locked the sender out, and what "
        "came back from then on says nothing about the assistant."
    )
    left_out = (
        f"{held} since the last good one {_were(found['held_back'])} not recorded, and no figure contains them. Have the "
        "ban lifted and lower [target] injection_per_minute: `reverse-rag gate --resume` asks those prompts again."
    )
    return [banned, left_out]


def _were(number: int) -> str:
    return "was" if number == 1 else "were"
