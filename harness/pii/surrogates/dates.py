"""Invented dates of birth and ages: another day of another month, up to three years away, in the same notation."""

import re

from harness.pii.known.folding import fold, word_set
from harness.pii.surrogates.keyed import Draws, Seed

_YOUNGEST_OLD, _OLDEST_FREQUENT = 75, 89
"""Who is older is rare, as the safe-harbour rule has it (45 CFR 164.514(b)(2)(i)(C))."""
_MOST_YEARS = 3
_LAST_DAY = 28
"""There is no month without it."""
_MONTHS = tuple(
    tuple(line.split())
    for line in (
        "january february march april may june july august september october november december",
        "jan feb mar apr may jun jul aug sep oct nov dec",
        "januar februar marz april mai juni juli august september oktober november dezember",
        "janner februar marz april mai juni juli august september oktober november dezember",
        "jan feb mrz apr mai jun jul aug sep okt nov dez",
        "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "janeiro fevereiro marco abril maio junho julho agosto setembro outubro novembro dezembro",
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
        "januari februari maart april mei juni juli augustus september oktober november december",
        "januari februari mars april maj juni juli augusti september oktober november december",
        "januar februar mars april mai juni juli august september oktober november desember",
        "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesakuuta heinakuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta",
        "stycznia lutego marca kwietnia maja czerwca lipca sierpnia wrzesnia pazdziernika listopada grudnia",
        "ocak subat mart nisan mayis haziran temmuz agustos eylul ekim kasim aralik",
        "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    )
)
_KEPT = word_set("of de del den der the le am on born dob")
_TOKEN = re.compile(r"[^\W\d_]+|\d+")
_ENDING = re.compile(r"(?:st|nd|rd|th|er|te|ter|e|er|o|a)", re.IGNORECASE)


def fake_date(value: str, seed: Seed) -> str | None:
    """Return another date in the notation of ``value``; None for what is no date that can be read."""
    if re.fullmatch(r"\s*\d{8}\s*", value):
        return _run_together(value, seed)
    tokens = list(_TOKEN.finditer(value))
    numbers = [token for token in tokens if token[0].isdecimal()]
    years = [token for token in numbers if len(token[0]) == 4] or _short_year(numbers)
    small = [token for token in numbers if token not in years]
    if not numbers or len(years) > 1 or len(small) > 2 or any(not 1 <= int(token[0]) <= 31 for token in small):
        return None
    draws = seed.draws("date", *sorted(str(int(token[0])) for token in numbers))
    fakes = _numbers(years, small, draws)
    pieces: list[str] = []
    reached = 0
    for token in tokens:
        fake = fakes.get(token.start()) if token[0].isdecimal() else _word(value, token, fakes, seed)
        if fake is None:
            return None
        pieces += (value[reached : token.start()], fake)
        reached = token.end()
    return "".join((*pieces, value[reached:]))


def fake_age(value: str, seed: Seed) -> str | None:
    """Return another age that many people have, and so tells of nobody; None for what is no number."""
    if not value.isdecimal():
        return None
    return str(_YOUNGEST_OLD + seed.draws("age", value).below(_OLDEST_FREQUENT - _YOUNGEST_OLD + 1))


def _short_year(numbers: list[re.Match[str]]) -> list[re.Match[str]]:
    """Return the year of a date in which it has two digits: it stands last."""
    return numbers[-1:] if len(numbers) == 3 and len(numbers[-1][0]) == 2 else []


def _numbers(years: list[re.Match[str]], small: list[re.Match[str]], draws: Draws) -> dict[int, str]:
    """Return the fakes of a date's numbers by where they stand."""
    away = draws.below(2 * _MOST_YEARS)
    away = away - _MOST_YEARS if away < _MOST_YEARS else away - _MOST_YEARS + 1
    fakes = {year.start(): f"{(int(year[0]) + away) % (10 ** len(year[0])):0{len(year[0])}d}" for year in years}
    for number in small:
        # Up to 12 it may be a month: so it stays, for who reads it either way.
        lowest, highest = (
            (1, 12) if int(number[0]) <= 12 and len(small) > 1 else (1 if len(small) == 1 else 13, _LAST_DAY)
        )
        choices = [n for n in range(lowest, highest + 1) if n != int(number[0])]
        fakes[number.start()] = f"{choices[draws.below(len(choices))]:0{len(number[0])}d}"[-2:]
    return fakes


def _word(value: str, token: re.Match[str], fakes: dict[int, str], seed: Seed) -> str | None:
    """Return what stands for a word of a date: another month, the right ending of a day, or a word that stays."""
    word = fold(token[0])
    for months in _MONTHS:
        if word in months:
            return _month(token[0], months, seed)
    if value[token.start() - 1 : token.start()].isdecimal() and _ENDING.fullmatch(word):
        day = next((fake for start, fake in reversed(fakes.items()) if start < token.start()), "")
        return _ending(int(day)) if word in ("st", "nd", "rd", "th") and day else token[0]
    return token[0] if word in _KEPT else None


def _month(word: str, months: tuple[str, ...], seed: Seed) -> str:
    draws = seed.draws("month", str(months.index(fold(word))))
    fake = draws.one_of(tuple(month for month in months if month != fold(word) and seed.allows(month)))
    return fake.upper() if word.isupper() else fake if word.islower() else fake.capitalize()


def _ending(day: int) -> str:
    return "th" if day in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


def _run_together(value: str, seed: Seed) -> str:
    digits = value.strip()
    year_first = digits[:2] in ("19", "20")
    year = digits[:4] if year_first else digits[4:]
    draws = seed.draws("date", digits)
    away = (draws.below(_MOST_YEARS) + 1) * (1 if draws.below(2) else -1)
    rest = f"{draws.below(12) + 1:02d}", f"{draws.below(12) + 1:02d}"
    fake = f"{(int(year) + away) % 10_000:04d}"
    return value.replace(digits, fake + "".join(rest) if year_first else "".join(rest) + fake)
