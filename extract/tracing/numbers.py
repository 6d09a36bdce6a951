"""Invented numbers that pass their checks: cards, accounts, national ids."""

import random
import string
from collections.abc import Callable, Sequence

_BANKS = {"DE": 18, "AT": 16, "CH": 17, "FR": 23, "ES": 20, "PT": 21, "BE": 12, "PL": 24, "DK": 14, "FI": 14}
"""Countries whose account numbers hold digits only, and how many."""
_LETTERED = {"GB": ("????", 14), "NL": ("????", 10), "IE": ("????", 14)}
_DNI = "TRWAGMYFPDXBNJZSQVHLCKE"
_HETU = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_FISCAL_ODD = dict(
    zip(
        string.digits + string.ascii_uppercase,
        (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23),
        strict=True,
    )
)  # fmt: skip
_VERHOEFF_D = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678", "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
_VERHOEFF_P = (
    "0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258",
)  # fmt: skip


def card(dice: random.Random) -> str:
    """Return the number of a payment card that passes the Luhn check, in groups or run together."""
    if dice.random() < 0.15:
        number = with_luhn(dice.choice(("34", "37")) + digits(dice, 12))
        return dice.choice((f"{number[:4]} {number[4:10]} {number[10:]}", number))
    number = with_luhn(
        dice.choice(("4", "51", "53", "55", "2221")).ljust(4, str(dice.randint(0, 9))) + digits(dice, 11)
    )
    return dice.choice((" ", " ", "-", "")).join(number[at : at + 4] for at in range(0, 16, 4))


def iban(dice: random.Random) -> str:
    """Return an IBAN of one of thirteen countries that passes the mod-97 check (ISO 13616)."""
    country = dice.choice([*_BANKS, *_LETTERED])
    if country in _BANKS:
        account = digits(dice, _BANKS[country])
    else:
        letters, count = _LETTERED[country]
        account = "".join(dice.choice("ABCDKLNRST") for _ in letters) + digits(dice, count)
    check = 98 - int("".join(str(int(c, 36)) for c in f"{account}{country}00")) % 97
    number = f"{country}{check:02}{account}"
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4)) if dice.random() < 0.5 else number


def ssn(dice: random.Random) -> str:
    """Return a US social security number that was or can be given out."""
    area = dice.choice([n for n in range(100, 900) if n != 666])
    parts = f"{area}", f"{dice.randint(1, 99):02}", f"{dice.randint(1, 9999):04}"
    return dice.choice(("-", "-", "-", " ", "")).join(parts)


def national_id(dice: random.Random) -> str:
    """Return a number of a national register that passes the register's check."""
    return dice.choice(NATIONAL_IDS)(dice)


def digits(dice: random.Random, count: int) -> str:
    """Return so many digits."""
    return "".join(dice.choice(string.digits) for _ in range(count))


def with_luhn(number: str) -> str:
    """Return a number with its Luhn check digit behind it."""
    doubled = [int(d) * (2 - place % 2) for place, d in enumerate(reversed(number))]
    return number + str(-sum(d - 9 if d > 9 else d for d in doubled) % 10)


def _weighted(number: str, weights: Sequence[int]) -> int:
    return sum(int(d) * weight for d, weight in zip(number, weights, strict=True))


def _until(make: Callable[[], tuple[str, int]]) -> tuple[str, int]:
    """Return the first number whose check is a digit: some registers skip the others."""
    while True:
        number, check = make()
        if 0 <= check <= 9:
            return number, check


def _cpf(dice: random.Random) -> str:
    number = digits(dice, 9)
    for length in (9, 10):
        number += str(_weighted(number, range(length + 1, 1, -1)) * 10 % 11 % 10)
    return dice.choice((f"{number[:3]}.{number[3:6]}.{number[6:9]}-{number[9:]}", number))


def _dni(dice: random.Random) -> str:
    number = digits(dice, 8)
    return f"{number}{dice.choice(('', '-'))}{_DNI[int(number) % 23]}"


def _nie(dice: random.Random) -> str:
    first, number = dice.randrange(3), digits(dice, 7)
    return f"{'XYZ'[first]}{number}{_DNI[int(f'{first}{number}') % 23]}"


def _fiscal_code(dice: random.Random) -> str:
    letters = "".join(dice.choice("BCDFGLMNPRST") for _ in range(6))
    code = f"{letters}{digits(dice, 2)}{dice.choice('ABCDEHLMPRST')}{dice.randint(1, 28):02}{dice.choice('ABCDEFGHIL')}{digits(dice, 3)}"
    total = sum(_FISCAL_ODD[c] if place % 2 == 0 else int(c, 36) % 10 if c.isdigit() else ord(c) - 65 for place, c in enumerate(code))  # fmt: skip
    return code + chr(65 + total % 26)


def _nir(dice: random.Random) -> str:
    number = f"{dice.choice('12')}{digits(dice, 2)}{dice.randint(1, 12):02}{dice.randint(10, 89)}{digits(dice, 6)}"
    key = 97 - int(number) % 97
    whole = f"{number}{key:02}"
    return dice.choice((whole, " ".join((whole[0], whole[1:3], whole[3:5], whole[5:7], whole[7:10], whole[10:13], whole[13:]))))  # fmt: skip


def _pesel(dice: random.Random) -> str:
    number = f"{dice.randint(50, 99)}{dice.randint(1, 12):02}{dice.randint(1, 28):02}{digits(dice, 4)}"
    return f"{number}{-_weighted(number, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)) % 10}"


def _bsn(dice: random.Random) -> str:
    def make() -> tuple[str, int]:
        number = f"{dice.randint(1, 9)}{digits(dice, 7)}"
        return number, _weighted(number, range(9, 1, -1)) % 11

    number, check = _until(make)
    return f"{number}{check}"


def _nhs(dice: random.Random) -> str:
    def make() -> tuple[str, int]:
        number = f"{dice.randint(4, 7)}{digits(dice, 8)}"
        return number, (11 - _weighted(number, range(10, 1, -1)) % 11) % 11

    number, check = _until(make)
    return f"{number[:3]} {number[3:6]} {number[6:]}{check}"


def _aadhaar(dice: random.Random) -> str:
    number, state = f"{dice.randint(2, 9)}{digits(dice, 10)}", 0
    for place, digit in enumerate(reversed(number), start=1):
        state = int(_VERHOEFF_D[state][int(_VERHOEFF_P[place % 8][int(digit)])])
    check = next(d for d in range(10) if _VERHOEFF_D[state][d] == "0")
    return dice.choice((f"{number[:4]} {number[4:8]} {number[8:]}{check}", f"{number}{check}"))


def _personnummer(dice: random.Random) -> str:
    born = f"{dice.randint(50, 99)}{dice.randint(1, 12):02}{dice.randint(1, 28):02}"
    return f"{born}-{with_luhn(born + digits(dice, 3))[6:]}"


def _hetu(dice: random.Random) -> str:
    born, serial = (
        f"{dice.randint(1, 28):02}{dice.randint(1, 12):02}{dice.randint(50, 99)}",
        f"{dice.randint(2, 899):03}",
    )
    return f"{born}-{serial}{_HETU[int(born + serial) % 31]}"


def _sin(dice: random.Random) -> str:
    number = with_luhn(dice.choice("1234567") + digits(dice, 7))
    return f"{number[:3]} {number[3:6]} {number[6:]}"


def _za_id(dice: random.Random) -> str:
    return with_luhn(f"{dice.randint(50, 99)}{dice.randint(1, 12):02}{dice.randint(1, 28):02}{digits(dice, 4)}08")


def _ahv(dice: random.Random) -> str:
    number = f"756{digits(dice, 9)}"
    check = -_weighted(number, (1, 3) * 6) % 10
    return f"756.{number[3:7]}.{number[7:11]}.{number[11:]}{check}"


def _nino(dice: random.Random) -> str:
    number = f"{dice.choice('ABCEGHJKLMNPRSTWXYZ')}{dice.choice('ABCEGHJKLMNPRSTWXYZ')}{digits(dice, 6)}{dice.choice('ABCD')}"
    return dice.choice((number, " ".join((number[:2], number[2:4], number[4:6], number[6:8], number[8]))))


def _tax_id(dice: random.Random) -> str:
    number, product = f"{dice.randint(1, 9)}{digits(dice, 9)}", 10
    for digit in number:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    whole = f"{number}{(11 - product) % 10}"
    return dice.choice((whole, f"{whole[:2]} {whole[2:5]} {whole[5:8]} {whole[8:]}"))


NATIONAL_IDS: tuple[Callable[[random.Random], str], ...] = (
    _cpf, _dni, _nie, _fiscal_code, _nir, _pesel, _bsn, _nhs, _aadhaar, _personnummer, _hetu, _sin, _za_id, _ahv, _nino, _tax_id,
)  # fmt: skip
"""Brazil, Spain (two), Italy, France, Poland, Netherlands, UK health, India, Sweden, Finland, Canada, South Africa,
Switzerland, UK insurance, Germany."""
