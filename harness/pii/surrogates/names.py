"""Invented names: each word of a name has its own fake, so that a person is the same in every spelling of the name."""

import re
from collections import Counter
from collections.abc import Callable
from functools import cache, lru_cache

from harness.pii.known import fold
from harness.pii.lexicon import words as lexicon
from harness.pii.surrogates.keyed import DIGITS, Seed
from harness.pii.surrogates.vocabulary import bearers, canonical, cased, families, latin, pool, unmarked

Spelled = Callable[[str], str]
"""Returns the folded name that a folded word misspells; the word itself if it misspells none."""

ATTEMPTS = 12
_PART = re.compile(r"[^\W\d_]+|\d+")
_LATIN = re.compile("[A-Za-zªº\u00c0-\u024f\u1e00-\u1eff]+")
_CYRILLIC = re.compile("[\u0400-\u04ff]+")
_LATIN_INITIALS = "ABCDEFGHIJKLMNOPRSTVW"
_CYRILLIC_INITIALS = "АБВГДЕЗИКЛМНОПРСТФЮЯ"
_SHORTEST_WITH_ENDING = 5
_SUFFIXES = frozenset(("jr", "ii", "iii", "iv", "phd", "md", "esq", "junior", "senior"))
_ENDINGS = tuple(
    (re.compile(f"(?:{endings})$"), region)
    for region, endings in (
        ("cyrillic", "[ое]в|[ое]ва|ин|ина|ский|ская|ко|ук|[oe]v|[oe]va|enko|chuk|skiy|sky|skaya|ich|ovna"),
        ("slavic", "ski|ska|cki|cka|[cdz]zki|wicz|wic|vic|czyk|czak|iak|escu|eanu|poulos|akis|idis|ek|ik|szky|yi|zik"),
        ("nordic", "s?sen|sson|dottir|dotter|qvist|kvist|nen|gard|gaard|holm|dahl|strom|gren|lund|vik|heim|onis|auskas|ins"),
        ("germanic", "mann?|stein|[ae]uer|[ae]yer|e?ier|hoff|bach|berger?|feld|huber|sch|dijk|veld|huis|kamp|tz|stra|wald|ling|ner|hardt?|fried|haus|brink|horst"),
        ("iberian", "[aeiou]z|eira|eiro|inho|ao|ado|ales|ero|illo|illa|ados|oso|osa|ares|ejo|ueno|uela|eda|era"),
        ("italian", "in[io]|ett[ia]|ell[aio]|ucci|acci|on[ei]|oss[io]|ese|azz[oi]|isi|ardi|acchi|olo|ucco|anti|iello"),
        ("french", "eaux?|ault|ette?|ier|oux|ois|ard|gny|euil|ieux|enne|ac|ign?on|elle|oit|aud"),
        ("middle_eastern", "oglu|zadeh?|pour|yan|ian|ullah?|uddin|awi|iri|bakr|nejad|tan|baz|lou|cioglu"),
        ("south_asian", "wal|kar|singh|preet|red+y|swam[iy]|nathan|murth[iy]|deep|ani|ap+a|wala|uri|sekhar|dasa?"),
        ("japanese", "moto|mura|yama|[gk]awa|shima|jima|zaki|hara|guchi|naka|uchi|mori|oka|bayashi|ita"),
        ("african", "nkwo|ele|oye|wu|uma|ele|shi|mbe|nde|bayo|oju|ulu|wale|tunde|ngo|embo|oro"),
    )
)  # fmt: skip
_LONGEST_ENDING = 4
_FEWEST_ALIKE = 3
_LEAST_ODDS = 1.6
_FEMALE_GIVEN = ("a", "ine", "elle", "ette", "een", "lyn", "wen")
_FEMALE_FAMILY = re.compile("(?:ska|cka|zka|ova|eva|ina|aya|ska|ова|ева|ина|ая)$")


@cache
def kept_words() -> frozenset[str]:
    """Return the folded words that stay in names: titles, particles and the like, which tell nothing of anybody."""
    return lexicon("honorifics") | lexicon("name_particles") | _SUFFIXES


def fake_name(value: str, seed: Seed, spelled: Spelled = fold) -> str | None:
    """Return an invented name in the form of ``value``; None for scripts in which none can be made.

    Args:
        value: A name, or parts of one, in any order and spelling.
        seed: Decides which.
        spelled: Knows misspelt names.
    """
    found = list(_PART.finditer(value))
    telling = [part for part in found if fold(part[0]) not in kept_words()]
    pieces: list[str] = []
    reached = 0
    for part in found:
        pieces.append(value[reached : part.start()])
        reached = part.end()
        fake = part[0] if telling and _stays(value, part) else fake_word(part[0], seed, spelled)
        if fake is None:
            return None
        pieces.append(fake)
    return "".join((*pieces, value[reached:])) if found else None


def fake_word(word: str, seed: Seed, spelled: Spelled = fold) -> str | None:
    """Return the fake of one word of a name; None where none can be made."""
    if word.isdecimal():
        return _digits(word, seed)
    if not (_LATIN.fullmatch(word) or _CYRILLIC.fullmatch(word)):
        return None
    if len(word) == 1:
        return _initial(word, seed)
    name = canonical(spelled(fold(word)))
    for attempt in range(seed.attempt, seed.attempt + ATTEMPTS):
        fake = _written(_candidate(seed.key, attempt, name), word)
        if canonical(fake) != name and seed.allows(fake):
            return cased(fake, word)
    return None


@lru_cache(maxsize=65_536)
def region_of(word: str) -> str:
    """Return the region from which a canonical surname or place name probably is, by its ending."""
    if len(word) >= _SHORTEST_WITH_ENDING:
        for ending, region in _ENDINGS:
            if ending.search(word):
                return region
    return "cyrillic" if _CYRILLIC.match(word) else "english"


@lru_cache(maxsize=65_536)
def _candidate(key: bytes, attempt: int, name: str) -> str:
    choices = _choices(name)
    return Seed(key, attempt=attempt).draws("name", name).one_of(choices)


def _choices(name: str) -> tuple[str, ...]:
    """Return the names from which the fake of a canonical one is taken."""
    cyrillic = _CYRILLIC.match(name) is not None
    bearer = bearers().get(name)
    if bearer and not (bearer.gender == "neutral" and name in families()):
        region = "cyrillic" if cyrillic else bearer.region
        if bearer.gender == "neutral" and region != "neutral":
            return pool(region, "female") + pool(region, "male")
        return pool(region, bearer.gender)
    if name not in families() and (name in lexicon("given_names") or _ends_as_given(name)):
        return pool(region_of(name), "female") if name.endswith(_FEMALE_GIVEN) else pool("neutral", "neutral")
    region = "cyrillic" if cyrillic else families().get(name) or region_of(name)
    female = "family_endings_female" if _FEMALE_FAMILY.search(name) else ""
    return pool(region, "family", female if region in ("slavic", "cyrillic") else "")


def _ends_as_given(name: str) -> bool:
    """Return whether a canonical name that no list has ends as given names do more than as surnames do: "Ottoline".

    By its longest ending that a few listed names have; where that says little it is a surname. Only the word
    itself decides, so that it has the same fake alone and in a whole name.
    """
    if name in lexicon("surnames") or any(ending.search(name) for ending, _ in _ENDINGS):
        return False
    given, family = _endings()
    for length in range(_LONGEST_ENDING, 0, -1):
        ending = name[-length:]
        if given[ending] + family[ending] >= _FEWEST_ALIKE:
            odds = (given[ending] + 0.5) / (family[ending] + 0.5) * (family[""] + 1) / (given[""] + 1)
            return odds > _LEAST_ODDS
    return False


@cache
def _endings() -> tuple[Counter[str], Counter[str]]:
    """Return how many listed given names and surnames have each ending; all have the empty one."""
    given = {canonical(name) for name in lexicon("given_names")} | set(bearers())
    family = {canonical(name) for name in lexicon("surnames")} | set(families())
    one, other = (
        Counter(name[len(name) - length :] for name in names for length in range(_LONGEST_ENDING + 1))
        for names in (given - family, family - given)
    )
    return one, other


def _written(fake: str, like: str) -> str:
    """Return a name in the script of another, and without accents where that has none."""
    if _CYRILLIC.match(like):
        return fake
    fake = latin(fake) if _CYRILLIC.match(fake) else fake
    return unmarked(fake) if like.isascii() else fake


def _stays(value: str, part: re.Match[str]) -> bool:
    if fold(part[0]) in kept_words():
        return True
    if len(part[0]) > 1:
        return False
    # "O'Brien", and the s of "Anna's".
    before, after = value[part.start() - 1 : part.start()], value[part.end() : part.end() + 1]
    return after in ("'", "’") or (before in ("'", "’") and part[0] in "sS" and bool(before))


def _initial(letter: str, seed: Seed) -> str:
    choices = _CYRILLIC_INITIALS if _CYRILLIC.match(letter) else _LATIN_INITIALS
    drawn = Seed(seed.key).draws("initial", fold(letter)).other_than(letter.upper(), choices)
    return drawn.lower() if letter.islower() else drawn


def _digits(number: str, seed: Seed) -> str | None:
    for attempt in range(ATTEMPTS):
        draws = seed.after(seed.attempt + attempt).draws("digits", number)
        fake = draws.other_than(number[0], DIGITS) + draws.digits(len(number) - 1)
        if seed.allows(fake):
            return fake
    return None
