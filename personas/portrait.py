"""Personas made from segments without a model: a handle, a description, goals."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from harness.contracts import Persona
from harness.identity import content_id
from harness.languages import NAMES as LANGUAGE_NAMES
from personas.lexicon import ADVERBS, DETERMINERS, PARTICLES, PREPOSITIONS, word_set
from personas.phrases import Phrase
from personas.scene import is_subject
from personas.segments import Segment
from personas.traits import Manner, described, mean_manner

_ROLES: Mapping[str, str] = MappingProxyType(
    {
        verb: role
        for role, verbs in {
            "Seeker": "get find search look request receive compare choose",
            "Sender": "transfer send move",
            "Buyer": "buy purchase order",
            "Booker": "book reserve schedule",
            "Renter": "rent hire",
            "Payer": "pay",
            "Checker": "check track see verify confirm",
            "Changer": "change edit update raise lower increase reset switch",
            "Canceller": "cancel recall return end",
            "Closer": "close delete terminate",
            "Opener": "open",
            "Watcher": "watch",
            "Listener": "listen hear play",
            "Collector": "pick",
            "Reporter": "report freeze block",
            "Reader": "read view",
            "Activator": "activate reactivate",
            "Unblocker": "unblock unlock unfreeze",
            "Withdrawer": "withdraw",
        }.items()
        for verb in verbs.split()
    }
)
"""What somebody with a wish is called, by its verb."""
_OTHER_ROLES = ("Customer", "Asker", "Regular", "Newcomer", "Caller", "Visitor")
_NO_TOPIC = ADVERBS | DETERMINERS | PREPOSITIONS | word_set("extra new own")
_TOPIC_WORDS = 3
_SINGULAR = re.compile(r"(?<=[a-z]{3}[^su])s$")
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
_THIRD_PERSON = (
    ("I was", "they were"),
    ("I am|I'm", "they are"),
    ("I", "they"),
    ("my", "their"),
    ("me", "them"),
    ("our", "their"),
)
_SMALL = 0.05
"""Keeps ratios of rare traits from running away."""
_WORTH_A_WORD = 0.08


def portraits(segments: Sequence[Segment], foreign: Sequence[Sequence[Phrase] | None] = ()) -> list[Persona]:
    """Return one persona per segment, each under a handle of its own.

    Args:
        segments: Of a corpus.
        foreign: The phrases in its own language of each segment that does not write English; None for the others.
    """
    usual = mean_manner(segment.manner for segment in segments)
    taken: set[str] = set()
    own = foreign or [None] * len(segments)
    return [_portrait(segment, usual, taken, phrases) for segment, phrases in zip(segments, own, strict=True)]


def _portrait(segment: Segment, usual: Manner, taken: set[str], foreign: Sequence[Phrase] | None) -> Persona:
    traits = described(segment.manner, segment.languages, weekend=segment.weekend)
    goals = _goals(segment) if foreign is None else [_quoted(p) for p in foreign if p.kind == "do"][:_GOALS]
    if not goals and _language(segment) != "en":
        goals = [f"ask about {_quoted(p)}" for p in segment.phrases[:_GOALS]]
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
    named, role = _matter(segment)
    adjective = _adjective(segment.manner, usual)
    start = len(taken) % len(_OTHER_ROLES)
    roles = [*([role] if role else []), *_OTHER_ROLES[start:], *_OTHER_ROLES[:start]]
    options = [" ".join((adjective, *named, option)) for option in roles]
    name = next((option for option in options if option not in taken), f"{options[0]} {len(taken) + 1}")
    taken.add(name)
    return name


def _matter(segment: Segment) -> tuple[list[str], str]:
    """Return what a segment's handle is about, and what somebody with such a wish is called; "" where any role fits."""
    language = _language(segment)
    if language != "en":
        return [LANGUAGE_NAMES.get(language, language)], "Speaker"
    label = segment.label.split(", ")[0].split() if segment.label_share else []
    wishes = {phrase.text for phrase in segment.phrases if phrase.kind == "do"}
    verb = label[0].lower() if " ".join(label) in wishes else ""
    return _topic(label[1:] if verb else label) or ["Everyday"], _ROLES.get(verb, "")


def _topic(words: Sequence[str]) -> list[str]:
    """Return the last words of a phrase's first noun phrase, as they stand in a title."""
    kept: list[str] = []
    for word in words:
        if word.lower() in PREPOSITIONS - PARTICLES and kept:
            break
        if word.lower() not in _NO_TOPIC:
            kept.append(_SINGULAR.sub("", word).capitalize() if word.islower() else word)
    return kept[-_TOPIC_WORDS:]


def _adjective(manner: Manner, usual: Manner) -> str:
    """Return what sets a manner apart most from the usual one: the greatest log ratio, if it is worth a word."""
    unlike = {
        word: sign * math.log((getattr(manner, field) + _SMALL) / (getattr(usual, field) + _SMALL))
        for word, (field, sign) in _ADJECTIVES.items()
    }
    best = max(unlike, key=lambda word: unlike[word])
    return best if unlike[best] > _WORTH_A_WORD else "Steady"


def _language(segment: Segment) -> str:
    return segment.languages.most_common(1)[0][0]


def _quoted(phrase: Phrase) -> str:
    """Return a phrase of another language, which no English sentence can bend."""
    return f"“{phrase.text}”"


def _goals(segment: Segment) -> list[str]:
    if _language(segment) != "en":
        return []
    wishes = _unlike((p.text for p in segment.phrases if p.kind == "do"), _GOALS - 2)
    topics = _unlike((p.text for p in segment.phrases if p.kind == "thing" and is_subject(p)), _GOALS - len(wishes))
    return [_third_person(text) for text in wishes] + [f"ask about {_third_person(text)}" for text in topics]


def _unlike(texts: Iterable[str], count: int) -> list[str]:
    """Return the first texts that differ in more than an article or a plural."""
    found: dict[frozenset[str], str] = {}
    for text in texts:
        key = frozenset(word[:5] for word in text.lower().split() if word not in _NO_TOPIC)
        if len(found) < count:
            found.setdefault(key, text)
    return list(found.values())


def _description(segment: Segment, traits: dict[str, str], goals: Sequence[str]) -> str:
    wants = f"Wants to {_listed(goals[:3])}." if goals else "Comes with requests of many kinds."
    troubles = [_third_person(p.text) for p in segment.phrases if p.kind == "issue"][:1]
    trouble = f" Often reports: {troubles[0]}." if troubles else ""
    how = f" Writes {traits['message_length'].split(',')[0]}, {traits['formality']} messages in {traits['language']}, with {traits['mistakes']} mistakes;"
    return f"{wants}{trouble}{how} {traits['mood']}; {traits['multi_turn']}."


def _third_person(text: str) -> str:
    for mine, theirs in _THIRD_PERSON:
        text = re.sub(rf"\b{mine}\b", theirs, text)
    return text


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
