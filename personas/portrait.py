"""Personas made from segments without a model: a handle, a description, goals."""

import math
import re
from collections.abc import Sequence

from harness.contracts import Persona
from harness.identity import content_id
from personas.segments import Segment
from personas.traits import Manner, described, mean_manner

_ROLES = ("Asker", "Regular", "Caller", "Planner", "Newcomer", "Seeker", "Old Hand", "Visitor")
_GOALS = 6
_ADJECTIVES = {
    "Worried": ("upset", 1),
    "Hasty": ("slips", 1),
    "Casual": ("lower_case", 1),
    "Patient": ("turns", 1),
    "Brief": ("words", -1),
    "Talkative": ("words", 1),
    "Polite": ("polite", 1),
    "Blunt": ("polite", -1),
    "Careful": ("no_full_stop", -1),
    "Hurried": ("no_full_stop", 1),
}
_SMALL = 0.05
"""Keeps ratios of rare traits from running away."""
_WORTH_A_WORD = 0.08


def portraits(segments: Sequence[Segment]) -> list[Persona]:
    """Return one persona per segment, each under a handle of its own."""
    usual = mean_manner(segment.manner for segment in segments)
    taken: set[str] = set()
    return [_portrait(segment, usual, taken) for segment in segments]


def _portrait(segment: Segment, usual: Manner, taken: set[str]) -> Persona:
    traits = described(segment.manner, segment.languages, weekend=segment.weekend)
    goals = _goals(segment)
    return Persona(
        persona_id=content_id("persona", [segment.segment_id.encode()]),
        name=_handle(segment, usual, taken),
        description=_description(segment, traits, goals),
        traits=traits,
        goals=goals,
        segment_id=segment.segment_id,
        traffic_share=segment.share,
        users=segment.users,
    )


def _handle(segment: Segment, usual: Manner, taken: set[str]) -> str:
    topic = segment.label.split(", ")[0] if segment.phrases else "everyday"
    # A label may be a wish ("top up my account"): its last words name the matter.
    named = [w if w.isupper() else w.capitalize() for w in topic.split()[-2:] if w not in {"my", "the", "a", "an"}]
    adjective = _adjective(segment.manner, usual)
    # Roles in turn, so that a suite's handles differ in more than their topic.
    roles = _ROLES[len(taken) % len(_ROLES) :] + _ROLES[: len(taken) % len(_ROLES)]
    options = [f"{adjective} {' '.join(named)} {role}" for role in roles]
    name = next((option for option in options if option not in taken), f"{options[0]} {len(taken) + 1}")
    taken.add(name)
    return name


def _adjective(manner: Manner, usual: Manner) -> str:
    """Return what sets a manner apart most from the usual one: the greatest log ratio, if it is worth a word."""
    unlike = {
        word: sign * math.log((getattr(manner, field) + _SMALL) / (getattr(usual, field) + _SMALL))
        for word, (field, sign) in _ADJECTIVES.items()
    }
    best = max(unlike, key=lambda word: unlike[word])
    return best if unlike[best] > _WORTH_A_WORD else "Steady"


def _goals(segment: Segment) -> list[str]:
    wishes = [_third_person(p.text) for p in segment.phrases if p.kind == "do"][: _GOALS - 2]
    topics = [f"ask about {_third_person(p.text)}" for p in segment.phrases if p.kind == "thing"][
        : _GOALS - len(wishes)
    ]
    return wishes + topics


def _description(segment: Segment, traits: dict[str, str], goals: Sequence[str]) -> str:
    wants = f"Wants to {_listed(goals[:3])}." if goals else "Comes with requests of many kinds."
    troubles = [_third_person(p.text) for p in segment.phrases if p.kind == "issue"][:1]
    trouble = f" Often reports: {troubles[0]}." if troubles else ""
    how = f" Writes {traits['message_length'].split(',')[0]}, {traits['formality']} messages in {traits['language']}, with {traits['mistakes']} mistakes;"
    return f"{wants}{trouble}{how} {traits['mood']}; {traits['multi_turn']}."


def _third_person(text: str) -> str:
    return re.sub(r"\bI\b", "they", re.sub(r"\bmy\b", "their", re.sub(r"\bI was\b", "they were", text)))


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
