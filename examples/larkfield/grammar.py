"""Phrases with choices, filled with a customer's values, knowing where each personal value stands."""

import datetime as dt
import random
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from larkfield.people import Customer

_INNERMOST_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SHARED_CHOICE = re.compile(r"<(\w+)>")
_SLOT = re.compile(r"\{(\w+)\}")


# Not from the locale: the same seed gives the same bytes on any machine.
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a message: plain words, or one personal value."""

    text: str
    kind: str | None = None
    """Type of the personal value; None for plain words."""


@dataclass(frozen=True, slots=True)
class Span:
    """Where a personal value stands in a text; ``end`` is exclusive, both count characters."""

    start: int
    end: int
    kind: str
    value: str


@lru_cache(maxsize=1)
def phrasebook() -> dict[str, Any]:
    """Return the phrases that all intents share."""
    return tomllib.loads(files("larkfield").joinpath("phrases.toml").read_text(encoding="utf-8"))


def expand(phrase: str, customer: Customer, chance: random.Random) -> list[Piece]:
    """Return one of the phrase's forms, its slots filled with the customer's values."""
    shared = phrasebook()["choices"]
    phrase = _SHARED_CHOICE.sub(
        lambda found: str(chance.choice(shared[found[1]])) if found[1] in shared else found[0], phrase
    )
    while _INNERMOST_CHOICE.search(phrase):
        phrase = _INNERMOST_CHOICE.sub(lambda found: chance.choice(found[1].split("|")), phrase, count=1)
    pieces: list[Piece] = []
    at = 0
    for slot in _SLOT.finditer(phrase):
        pieces += [Piece(phrase[at : slot.start()]), _filled(slot[1], customer, chance)]
        at = slot.end()
    pieces.append(Piece(phrase[at:]))
    return [piece for piece in pieces if piece.text]


def joined(pieces: list[Piece]) -> tuple[str, list[Span]]:
    """Return the text of the pieces and where its personal values stand."""
    spans: list[Span] = []
    at = 0
    for piece in pieces:
        if piece.kind is not None:
            spans.append(Span(at, at + len(piece.text), piece.kind, piece.text))
        at += len(piece.text)
    return "".join(piece.text for piece in pieces), spans


def _filled(slot: str, customer: Customer, chance: random.Random) -> Piece:
    if slot in _PERSONAL:
        kind, written = _PERSONAL[slot]
        return Piece(written(customer, chance), kind)
    if slot == "amount":
        return Piece(_amount(chance))
    if slot == "home_city":
        return Piece(customer.city)
    return Piece(str(chance.choice(phrasebook()["values"][slot])))


def _amount(chance: random.Random) -> str:
    value = chance.choice((5, 12, 20, 35, 50, 80, 100, 120, 150, 200, 250, 300, 450, 500, 800, 1000, 1500, 2000, 5000))
    return chance.choice((f"£{value}", f"£{value}", f"{value} pounds", f"£{value:,}", f"£{value}.00"))


def _phone(customer: Customer, chance: random.Random) -> str:
    national = "0" + customer.phone.removeprefix("+44 ")
    return chance.choice(
        (
            customer.phone,
            national,
            national.replace(" ", ""),
            customer.phone.replace(" ", ""),
            national.replace(" ", "-"),
        )
    )


def _grouped(value: str, chance: random.Random, separators: tuple[str, ...]) -> str:
    return chance.choice(separators).join(value[at : at + 4] for at in range(0, len(value), 4))


def _born(customer: Customer, chance: random.Random) -> str:
    day = dt.date.fromisoformat(customer.date_of_birth)
    month = _MONTHS[day.month - 1]
    return chance.choice((f"{day:%d/%m/%Y}", f"{day.day} {month} {day.year}", day.isoformat(), f"{day:%d.%m.%Y}"))


_PERSONAL: dict[str, tuple[str, Callable[[Customer, random.Random], str]]] = {
    "name": ("PERSON", lambda customer, _: customer.name),
    "first": ("PERSON", lambda customer, _: customer.first_name),
    "payee": ("PERSON", lambda customer, chance: chance.choice(customer.payees)),
    "email": ("EMAIL_ADDRESS", lambda customer, _: customer.email),
    "phone": ("PHONE_NUMBER", _phone),
    "card": ("CREDIT_CARD", lambda customer, chance: _grouped(customer.card, chance, ("", " ", " ", "-"))),
    "iban": ("IBAN_CODE", lambda customer, chance: _grouped(customer.iban, chance, ("", " "))),
    "account": ("ID", lambda customer, _: customer.account_id),
    "address": ("LOCATION", lambda customer, _: customer.address),
    "dob": ("DATE_OF_BIRTH", _born),
    "ssn": ("US_SSN", lambda customer, _: customer.national_id),
}
