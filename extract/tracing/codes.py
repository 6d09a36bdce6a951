"""Invented codes: references, documents, plates, addresses of machines, secrets, dates of birth."""

import datetime as dt
import random
import string

from extract.tracing import people
from extract.tracing.numbers import digits
from extract.tracing.places import written

_REFERENCES = (
    "########", "#######", "??-######", "?#######", "??##??", "ORD-#######", "INV/20##/####", "#####-####", "REF ######", "??######??", "R-########-#", "TK#######", "###-#######-#######", "CASE-#####",
)  # fmt: skip
_PASSPORTS = ("#########", "?########", "C##?##?##", "##??#####", "?#######", "??#######", "???######", "P#######?")
_PLATES = (
    "??## ???", "B-?? ####", "M ?? ###", "??-###-??", "#### ???", "?? ### ??", "??? ####", "?-###-??", "W ##### ?", "KA ## ?? ####", "???-####", "## ??? ##",
)  # fmt: skip
_MONTHS = ("January", "March", "April", "June", "July", "August", "October", "December")
_DATES = (
    "{d:02}/{m:02}/{y}", "{m:02}/{d:02}/{y}", "{y}-{m:02}-{d:02}", "{d}.{m}.{y}", "{d:02}-{m:02}-{y}", "{month} {d}, {y}", "{d} {month} {y}", "{d}/{m}/{yy:02}", "{d:02}.{m:02}.{yy:02}", "{d:02} {m:02} {y}",
)  # fmt: skip
_ALPHANUMERIC = string.ascii_letters + string.digits
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BECH32 = "023456789acdefghjklmnpqrstuvwxyz"
_WORDS = ("Sommer", "kitten", "Dragon", "qwerty", "liverpool", "banana", "Admin", "sunshine")


def reference(dice: random.Random) -> str:
    """Return an order's, a customer's, a ticket's number."""
    return written(dice.choice(_REFERENCES), dice)


def passport(dice: random.Random) -> str:
    """Return a passport's number."""
    return written(dice.choice(_PASSPORTS), dice)


def plate(dice: random.Random) -> str:
    """Return a car's registration."""
    return written(dice.choice(_PLATES), dice)


def date_of_birth(dice: random.Random) -> str:
    """Return the day on which somebody between 16 and 85 was born."""
    born = dt.date(1941, 1, 1) + dt.timedelta(days=dice.randrange(25_000))
    month = dice.choice(_MONTHS)
    return dice.choice(_DATES).format(d=born.day, m=born.month, y=born.year, yy=born.year % 100, month=month)


def ip_address(dice: random.Random) -> str:
    """Return an IPv4 address or, in a third of cases, an IPv6 address; all in ranges set aside for documentation."""
    if dice.random() < 1 / 3:
        tail = ":".join(f"{dice.randrange(1, 65536):x}" for _ in range(dice.choice((2, 4, 6))))
        return f"2001:db8:{tail}" if tail.count(":") == 5 else f"2001:db8::{tail}"
    return f"{dice.choice(('203.0.113', '198.51.100', '192.0.2'))}.{dice.randint(1, 254)}"


def mac_address(dice: random.Random) -> str:
    """Return the hardware address of a network card."""
    parts = [f"{dice.randrange(256):02x}" for _ in range(6)]
    return dice.choice((":".join(parts), "-".join(parts).upper(), ":".join(parts).upper()))


def api_key(dice: random.Random) -> str:
    """Return what looks like a secret of a cloud, a payment service, a code forge or a session."""
    return dice.choice(
        (
            f"AKIA{_some(16, dice, string.ascii_uppercase + string.digits)}",
            f"sk_live_{_some(24, dice)}",
            f"sk-proj-{_some(40, dice)}",
            f"ghp_{_some(36, dice)}",
            f"xoxb-{digits(dice, 11)}-{_some(24, dice)}",
            f"AIza{_some(35, dice)}",
            f"glpat-{_some(20, dice)}",
            f"eyJ{_some(20, dice)}.eyJ{_some(40, dice)}.{_some(43, dice)}",
        )
    )


def password(dice: random.Random) -> str:
    """Return what somebody chose, or was sent, to log in with."""
    return dice.choice(
        (
            f"{dice.choice(_WORDS)}{digits(dice, 4)}!",
            f"{dice.choice(_WORDS)}#{digits(dice, 2)}",
            _some(8, dice) + digits(dice, 2),
            f"{digits(dice, 4)}",
            f"{digits(dice, 6)}",
            f"{dice.choice(_WORDS)}_{dice.choice(_WORDS)}{digits(dice, 3)}",
        )
    )


def wallet(dice: random.Random) -> str:
    """Return an address of a crypto currency, in form only."""
    return dice.choice(
        (
            f"0x{_some(40, dice, string.hexdigits[:16])}",
            f"bc1q{_some(38, dice, _BECH32)}",
            f"{dice.choice('13')}{_some(33, dice, _BASE58)}",
        )
    )


def url(dice: random.Random) -> str:
    """Return an address of a page or a database with somebody's secret or name in it."""
    token = _some(24, dice)
    return dice.choice(
        (
            f"https://shop.example/reset?token={token}",
            f"https://portal.example/invoice?user={people.username(dice)}&id={digits(dice, 7)}",
            f"postgres://{people.username(dice)}:{token[:12]}@db.internal.example:5432/orders",
            f"https://files.example/d/{digits(dice, 6)}?sig={token}&email={people.username(dice)}%40mail.example",
        )
    )


def _some(count: int, dice: random.Random, characters: str = _ALPHANUMERIC) -> str:
    return "".join(dice.choice(characters) for _ in range(count))
