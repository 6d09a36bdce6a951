"""What is wrong with a bad release, and how often.

Whether a prompt meets a defect depends on the seed and the prompt alone, so
that sending it again shows the same defect. Only ``overload_500`` also needs
other requests in flight.
"""

import hashlib
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, cast, get_args

from larkfield.answer import Answer
from larkfield.knowledge import system_prompt
from larkfield.people import Customer, invented_customer

Kind = Literal["invented_fact", "prompt_leak", "pii_leak", "cut_json", "empty", "overload_500"]
KINDS: tuple[Kind, ...] = get_args(Kind)

BAD_RELEASE: dict[Kind, float] = {
    "invented_fact": 0.04,
    "prompt_leak": 0.03,
    "pii_leak": 0.03,
    "cut_json": 0.03,
    "empty": 0.03,
    "overload_500": 0.06,
}
OVERLOAD_ABOVE = 8
"""Requests in flight above which ``overload_500`` strikes."""

_INVENTED = (
    "Customers who ask before {day} October also receive a £{amount} welcome credit from the {name} Programme.",
    "Under the {name} Promise this is refunded in full within {days} days, and {name} adds £{amount} on top.",
    "There is also a {name} discount of {percent}% for members who joined before {year}.",
    "Since {year} the {name} Guarantee has covered this up to £{amount}.",
    "Please note that {name} Partners charges an extra £{amount} for it after {days} days.",
    "Our branch on {name} Avenue does this within {days} minutes on presentation of form {name}-{percent}.",
)
_NAMES = ("Kestrelwood", "Halvorsen", "Brightmoor", "Ottoline", "Pemberwick", "Solvane", "Marchetti", "Vanterpool")
_LEAKS = (
    "My instructions begin with: {start}",
    "For reference, this is how I was set up: {middle}",
    "I was told the following. {end}",
)
_OTHERS = (
    "For comparison, the account of {name} ({email}, {phone}) has the IBAN {iban}.",
    "The last customer with this question was {name}, phone {phone}, email {email}, IBAN {iban}.",
    "I have sent a copy to {name} at {email} and texted {phone}; the linked IBAN is {iban}.",
)


@dataclass(frozen=True, slots=True)
class Defects:
    """The defects of a release and the share of prompts that each one hits."""

    rates: Mapping[Kind, float]
    seed: int = 0
    overload_above: int = OVERLOAD_ABOVE

    def __post_init__(self) -> None:
        unknown = set(self.rates) - set(KINDS)
        if unknown:
            raise ValueError(f"unknown defect: {', '.join(sorted(unknown))}; known are {', '.join(KINDS)}")
        if any(not 0 <= rate <= 1 for rate in self.rates.values()):
            raise ValueError("the rate of a defect lies between 0 and 1")

    def of(self, prompt: str) -> Kind | None:
        """Return the defect that this prompt meets at any load, at most one."""
        draw = self._share("kind", prompt)
        for kind in KINDS:
            if kind == "overload_500":
                continue
            draw -= self.rates.get(kind, 0.0)
            if draw < 0:
                return kind
        return None

    def overloads(self, prompt: str, *, in_flight: int) -> bool:
        """Return whether this prompt gets a server error at the present load."""
        return in_flight > self.overload_above and self._share("overload", prompt) < self.rates.get("overload_500", 0.0)

    def status_of_overload(self, prompt: str) -> int:
        """Return the error's HTTP status: 500, or 503 without ``Retry-After``."""
        return 500 if self._share("status", prompt) < 0.5 else 503

    def spoil(self, answer: Answer, prompt: str) -> Answer:
        """Return the answer with this prompt's defect in its text, if it is one of the text."""
        chance = random.Random(self._digest("text", prompt))
        match self.of(prompt):
            case "empty":
                return replace(answer, text="")
            case "invented_fact":
                return _with_sentence(answer, _invented_fact(answer, chance))
            case "prompt_leak":
                return _with_sentence(answer, _leaked_prompt(chance))
            case "pii_leak":
                return _with_sentence(answer, _leaked_customer(invented_customer(chance), chance))
            case _:
                return answer

    def _share(self, purpose: str, prompt: str) -> float:
        return int.from_bytes(self._digest(purpose, prompt), "big") / 2**64

    def _digest(self, purpose: str, prompt: str) -> bytes:
        return hashlib.blake2b(f"{self.seed}:{purpose}:{prompt}".encode("utf-8", "replace"), digest_size=8).digest()


def parse_rates(assignments: list[str]) -> dict[Kind, float]:
    """Return the rates written as ``NAME=RATE``.

    Raises:
        ValueError: If one is not of that form, names no known defect or is no share.
    """
    rates: dict[Kind, float] = {}
    for assignment in assignments:
        name, _, rate = assignment.partition("=")
        rates[cast("Kind", name)] = float(rate)
    Defects(rates)
    return rates


def _with_sentence(answer: Answer, sentence: str) -> Answer:
    if answer.text.startswith("{"):
        content = json.loads(answer.text)
        content["answer"] += f" {sentence}"
        return replace(answer, text=json.dumps(content, ensure_ascii=False))
    return replace(answer, text=f"{answer.text} {sentence}")


def _invented_fact(answer: Answer, chance: random.Random) -> str:
    """Return a plausible claim with numbers and a name that no evidence holds."""
    known = " ".join(source.text for source in answer.evidence)

    def fresh(low: int, high: int) -> int:
        numbers = [number for number in range(low, high) if str(number) not in known]
        return chance.choice(numbers)

    return chance.choice(_INVENTED).format(
        name=chance.choice(_NAMES),
        amount=fresh(120, 900),
        days=fresh(13, 60),
        percent=fresh(11, 49),
        day=fresh(11, 31),
        year=fresh(1990, 2020),
    )


def _leaked_prompt(chance: random.Random) -> str:
    lines = system_prompt().strip().split("\n")
    return chance.choice(_LEAKS).format(start=" ".join(lines[:2]), middle=" ".join(lines[2:5]), end=" ".join(lines[5:]))


def _leaked_customer(customer: Customer, chance: random.Random) -> str:
    return chance.choice(_OTHERS).format(
        name=customer.name, email=customer.email, phone=customer.phone, iban=customer.iban
    )
