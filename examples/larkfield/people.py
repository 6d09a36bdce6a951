"""Invented customers and their personal values: cards pass Luhn, IBANs pass their checksum.

Phone numbers come from ranges that regulators reserve for fiction and e-mail
addresses from domains reserved for documentation, so that no value can belong
to a real person.
"""

import datetime as dt
import random
import tomllib
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

_PHONE_RANGES = (
    "+44 20 7946 0{:03d}", "+44 161 496 0{:03d}", "+44 113 496 0{:03d}", "+44 121 496 0{:03d}", "+44 141 496 0{:03d}", "+44 191 498 0{:03d}",
)  # fmt: skip
_MAIL_HOSTS = ("example.com", "example.org", "example.net", "mail.example.com", "post.example.org", "inbox.example.net")
_CARD_STARTS = ("400000", "411111", "510510", "555555", "222300")
_PLANS = ("everyday", "everyday", "everyday", "plus", "plus", "songbird", "meadow")
_BANK_CODES = ("LARK", "FLDB", "WREN")


@dataclass(frozen=True, slots=True)
class Customer:
    """One invented customer, as the bank's profile store holds them."""

    user_id: str
    name: str
    email: str
    phone: str
    address: str
    postcode: str
    city: str
    region: str
    date_of_birth: str
    national_id: str
    account_id: str
    iban: str
    card: str
    plan: str
    customer_since: int
    payees: tuple[str, ...] = ()
    """Names of the people to whom the customer sends money."""

    @property
    def first_name(self) -> str:
        """The first word of the name."""
        return self.name.split(" ", 1)[0]

    def profile(self) -> dict[str, Any]:
        """Return the customer as one record of ``profiles.jsonl``."""
        return asdict(self)


def invented_customer(chance: random.Random, number: int = 0) -> Customer:
    """Return a customer made up from the given source of chance."""
    lists = _lists()
    name = full_name(chance)
    city, region, area = chance.choice(lists["city"])
    street = f"{chance.randint(1, 180)} {chance.choice(lists['street'])} {chance.choice(lists['street_kind'])}"
    postcode = (
        f"{area}{chance.randint(1, 19)} {chance.randint(1, 9)}{chance.choice('ABDEFGHJ')}{chance.choice('LNPQRSTU')}"
    )
    born = dt.date(1938, 1, 1) + dt.timedelta(days=chance.randrange(69 * 365))
    return Customer(
        user_id=f"C{chance.randrange(10_000, 99_999)}{number:03d}",
        name=name,
        email=email_of(name, chance),
        phone=chance.choice(_PHONE_RANGES).format(chance.randrange(1000)),
        address=f"{street}, {city} {postcode}",
        postcode=postcode,
        city=city,
        region=region,
        date_of_birth=born.isoformat(),
        national_id=f"{chance.randint(101, 665)}-{chance.randint(11, 98)}-{chance.randint(1001, 9998)}",
        account_id=f"LK-{chance.randint(10_000_000, 99_999_999)}",
        iban=iban(chance),
        card=card_number(chance),
        plan=chance.choice(_PLANS),
        customer_since=chance.randint(1996, 2026),
        payees=tuple(full_name(chance) for _ in range(chance.randint(1, 3))),
    )


def full_name(chance: random.Random) -> str:
    """Return a first and a last name."""
    lists = _lists()
    return f"{chance.choice(lists['first'])} {chance.choice(lists['last'])}"


def email_of(name: str, chance: random.Random) -> str:
    """Return an e-mail address as somebody of this name would have it."""
    first, last = name.lower().split(" ", 1)
    number = chance.randint(2, 98)
    local = chance.choice(
        (f"{first}.{last}", f"{first[0]}{last}", f"{first}{number}", f"{last}.{first[0]}{number}", f"{first}_{last}")
    )
    return f"{local}@{chance.choice(_MAIL_HOSTS)}"


def card_number(chance: random.Random) -> str:
    """Return a 16-digit card number that passes Luhn's check (ISO/IEC 7812-1, annex B)."""
    digits = chance.choice(_CARD_STARTS) + f"{chance.randrange(10**9):09d}"
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(digits)]
    total = sum(value - 9 if value > 9 else value for value in doubled)
    return f"{digits}{-total % 10}"


def iban(chance: random.Random) -> str:
    """Return a British IBAN of an invented bank with a valid checksum (ISO 13616-1)."""
    account = f"{chance.choice(_BANK_CODES)}{chance.randrange(10**14):014d}"
    as_digits = "".join(str(int(char, 36)) for char in f"{account}GB00")
    return f"GB{98 - int(as_digits) % 97:02d}{account}"


@lru_cache(maxsize=1)
def _lists() -> dict[str, Any]:
    return tomllib.loads(files("larkfield").joinpath("names.toml").read_text(encoding="utf-8"))
