"""Tracers: invented people's values in invented messages, to measure how much of what is personal the sanitizer finds."""

import math
import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from extract.tracing import codes, numbers, people, places
from extract.tracing.material import sections
from extract.tracing.writing import lowered, misspelt

Form = Literal["bare_answer", "message", "within_message", "read_back"]
Style = Literal["as_written", "lower_case", "upper_case", "misspelt"]

_Maker = Callable[[random.Random], str]
_KINDS: dict[str, tuple[int, _Maker]] = {
    "PERSON": (240, people.name),
    "LOCATION": (150, places.address),
    "PHONE_NUMBER": (90, places.phone),
    "EMAIL_ADDRESS": (80, people.email),
    "ID": (80, codes.reference),
    "DATE_OF_BIRTH": (40, codes.date_of_birth),
    "CREDIT_CARD": (40, numbers.card),
    "IBAN_CODE": (40, numbers.iban),
    "NATIONAL_ID": (45, numbers.national_id),
    "US_SSN": (25, numbers.ssn),
    "PASSPORT": (25, codes.passport),
    "LICENSE_PLATE": (20, codes.plate),
    "IP_ADDRESS": (25, codes.ip_address),
    "MAC_ADDRESS": (15, codes.mac_address),
    "COORDINATES": (15, places.coordinates),
    "USERNAME": (20, people.username),
    "API_KEY": (20, codes.api_key),
    "PASSWORD": (25, codes.password),
    "CRYPTO": (15, codes.wallet),
    "URL": (15, codes.url),
}
"""Of 1,025 tracers so many are of this kind: the frequent kinds often, the rare ones often enough to say something."""
KINDS = tuple(sorted(_KINDS))
"""The kinds of tracers."""
STRUCTURED = frozenset(
    (
        "PHONE_NUMBER", "EMAIL_ADDRESS", "ID", "CREDIT_CARD", "IBAN_CODE", "NATIONAL_ID", "US_SSN", "IP_ADDRESS", "MAC_ADDRESS", "COORDINATES", "API_KEY", "CRYPTO", "URL",
    )
)  # fmt: skip
"""Kinds with a form or a check by which they can be known without understanding the sentence."""
STRUCTURED_NAME = "structured"
"""What a certificate calls them all together."""
_EXACT = frozenset(("API_KEY", "PASSWORD", "CRYPTO", "URL", "IBAN_CODE", "NATIONAL_ID", "LICENSE_PLATE", "PASSPORT"))
"""Kinds that are copied rather than typed, or typed as printed: their case stays."""
_TYPED = frozenset(("PERSON", "LOCATION"))
"""Kinds in which slips of the finger leave the value what it is."""
_FORMS: tuple[tuple[Form, int], ...] = (("bare_answer", 30), ("message", 35), ("within_message", 15), ("read_back", 20))
_STYLES: tuple[tuple[Style, int], ...] = (("as_written", 45), ("lower_case", 40), ("upper_case", 3), ("misspelt", 12))
_ANSWERS = ("{}", "{}", "{}", "{}.", "{} thx", "sure, {}", "its {}", "{} i think", "{} !", "ok {}")
_TOKEN = re.compile(r"[^\W_]+")
_SHORTEST = 3
# Words that may stay of a value: they say nothing about anybody.
_SAYS_NOTHING = frozenset(
    (
        "street", "road", "lane", "avenue", "ave", "drive", "close", "crescent", "terrace", "parade", "hill", "gardens", "park", "mews", "estate", "trail", "blvd", "pkwy", "court",
        "calle", "avenida", "plaza", "rue", "des", "allée", "chemin", "impasse", "rua", "largo", "travessa", "via", "viale", "piazza", "ulica", "jalan", "sokak", "mah", "cad", "plot", "box",
        "flat", "apt", "apto", "unit", "int", "piso", "depto", "bus", "bis", "boîte", "dto", "off", "layout", "colony", "apartments", "heights", "cross", "2nd", "old", "the", "del", "von", "van", "der", "bin",
        "herr", "frau", "mme", "sra", "mrs", "dhr", "mail", "post", "inbox", "example", "test", "invalid", "com", "dot", "arroba", "punto", "gmail", "outlook", "web", "icloud",
        "orange", "libero", "uol", "https", "http", "shop", "portal", "files", "reset", "token", "invoice", "user", "email", "sig", "postgres", "internal", "orders", "5432", "case", "ref", "ord", "inv",
        "2001", "db8", "203", "113", "198", "100", "192", "756",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tracer:
    """One invented value and the messages that it is planted with."""

    entity: str
    form: Form
    style: Style
    value: str
    """As the user types it."""
    read_back: str
    """As the assistant repeats it; empty where it does not."""
    said: str
    """The user's words, ``{}`` where the value stands."""
    asked: str
    """The assistant's question before; empty where there is none."""
    answered: str
    """The assistant's words after."""
    place: float
    """Where in a real message the words go that stand within one, 0 … 1."""

    def planted(self, prompt: str, response: str | None) -> list[tuple[str, str | None]]:
        """Return a real exchange with the tracer in or after it, as prompts with their responses."""
        said = self.said.replace("{}", self.value)
        answered = self.answered.replace("{}", self.read_back)
        if self.form == "within_message":
            at = _word_boundary(prompt, self.place)
            return [(f"{prompt[:at]} {said} {prompt[at:]}".strip(), response)]
        before = "\n".join(part for part in (response, self.asked) if part) or None
        return [(prompt, before), (said, answered)]

    def without_value(self) -> "Tracer":
        """Return the same messages with nothing in them."""
        return replace(self, value="", read_back="")


def make_tracers(count: int, *, seed: int) -> list[Tracer]:
    """Return ``count`` tracers, kinds mixed; the same seed gives the same ones."""
    dice = random.Random(seed)
    kinds = _apportioned(count)
    dice.shuffle(kinds)
    return [_tracer(kind, dice) for kind in kinds]


def tracers_for(entity: str, count: int) -> int:
    """Return how many tracers have to be planted for ``count`` of them to be of a kind, or ``structured``."""
    whole = sum(weight for weight, _ in _KINDS.values())
    kinds = STRUCTURED if entity == STRUCTURED_NAME else (entity,)
    return math.ceil(count * whole / sum(_KINDS[kind][0] for kind in kinds))


def telling_parts(text: str) -> Counter[str]:
    """Return the folded words and numbers of a text that say something about somebody, and how often they stand there.

    Strict on purpose: of a card the last four digits, of an address the town,
    of a number in pairs of digits any two pairs.
    """
    tokens = _TOKEN.findall(text.casefold())
    short = (f"{a} {b}" for a, b in pairwise(tokens) if len(a) < _SHORTEST and len(b) < _SHORTEST)
    whole = (token for token in tokens if len(token) >= _SHORTEST and token not in _SAYS_NOTHING)
    return Counter((*whole, *short))


def _apportioned(count: int) -> list[str]:
    """Return kinds by their weights; with few tracers the rare kinds first, so that none is left out."""
    whole = sum(weight for weight, _ in _KINDS.values())
    ordered = sorted(_KINDS, key=lambda kind: _KINDS[kind][0])
    kinds: list[str] = []
    for kind in ordered:
        kinds += [kind] * max(1, round(count * _KINDS[kind][0] / whole))
    return kinds[:count] + ["PERSON"] * (count - len(kinds))


def _tracer(entity: str, dice: random.Random) -> Tracer:
    lines = sections("sentences.txt")
    form = _form(entity, dice)
    said = dice.choice(_ANSWERS) if form == "bare_answer" else dice.choice(lines[f"{entity} {_SECTION[form]}"])
    asked = dice.choice(lines[f"{entity} ask"]) if form == "bare_answer" else ""
    answered = dice.choice(lines[f"{entity} back" if form == "read_back" else "ANY thanks"])
    said = said.replace("\\n", "\n")
    value = _value(entity, said + asked + answered, dice)
    style = dice.choices([style for style, _ in _STYLES], [weight for _, weight in _STYLES])[0]
    return Tracer(
        entity=entity,
        form=form,
        style=style,
        value=_in_style(value, style, entity, dice),
        read_back=value if form == "read_back" else "",
        said="{}".join(_words_in_style(part, style, dice) for part in said.split("{}")),
        asked=asked,
        answered=answered,
        place=dice.random(),
    )


_SECTION: dict[Form, str] = {"message": "say", "read_back": "say", "within_message": "inside"}


def _form(entity: str, dice: random.Random) -> Form:
    lines = sections("sentences.txt")
    possible = [
        (form, weight)
        for form, weight in _FORMS
        if f"{entity} {'ask' if form == 'bare_answer' else _SECTION[form]}" in lines
    ]
    return dice.choices([form for form, _ in possible], [weight for _, weight in possible])[0]


def _value(entity: str, carrier: str, dice: random.Random) -> str:
    """Return a value that shares no telling word with the messages around it, so that one is not taken for the other."""
    around = telling_parts(carrier)
    while True:
        value = _KINDS[entity][1](dice)
        parts = telling_parts(value)
        if parts and not parts.keys() & around.keys():
            return value


def _in_style(value: str, style: Style, entity: str, dice: random.Random) -> str:
    if style == "misspelt":
        return misspelt(lowered(value), dice) if entity in _TYPED else value
    if style == "as_written" or entity in _EXACT:
        return value
    return value.upper() if style == "upper_case" else lowered(value)


def _words_in_style(words: str, style: Style, dice: random.Random) -> str:
    if style == "as_written":
        return words
    if style == "upper_case":
        return words.upper()
    return misspelt(lowered(words), dice) if style == "misspelt" else lowered(words)


def _word_boundary(text: str, share: float) -> int:
    """Return where a word ends, about so far into a text."""
    at = text.find(" ", int(share * len(text)))
    return len(text) if at < 0 else at
