"""Invented addresses: numbers, postcodes and names change; street types, units and the order of things stay."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Literal

from harness.pii.known import fold
from harness.pii.lexicon import words as lexicon
from harness.pii.surrogates.keyed import Seed
from harness.pii.surrogates.names import ATTEMPTS, region_of
from harness.pii.surrogates.shapes import same_shape
from harness.pii.surrogates.vocabulary import canonical, cased, latin, pool, unmarked, words

_Role = Literal["name", "number", "direction", "state", "kept", "letter"]
_PIECE = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)*")
_WRITABLE = re.compile("[0-9A-Za-zªº'’\u00c0-\u024f\u1e00-\u1eff\u0400-\u04ff]+")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_ORDINAL = re.compile(r"(\d+)(st|nd|rd|th)", re.IGNORECASE)
_JOINED = re.compile(
    r"(?i)(.{2,}?)(stra(?:ß|ss)e|str|gasse|weg|platz|allee|ring|straat|laan|gracht|plein|steeg|gatan|gata|v[äa]gen|veien|vej|gade|katu|tie)$"
)
"""Street types that are joined to the name."""
_STYLES = {
    "rue": "french", "chemin": "french", "allee": "french", "impasse": "french", "quai": "french", "boulevard": "french",
    "calle": "iberian", "avenida": "iberian", "paseo": "iberian", "rua": "iberian", "travessa": "iberian", "carrera": "iberian",
    "largo": "iberian", "plaza": "iberian", "colonia": "iberian", "via": "italian", "viale": "italian", "corso": "italian", "piazza": "italian",
    "vicolo": "italian", "strasse": "germanic", "str": "germanic", "gasse": "germanic", "platz": "germanic", "straat": "germanic", "laan": "germanic",
    "gracht": "germanic", "plein": "germanic", "gatan": "nordic", "gata": "nordic", "vagen": "nordic", "veien": "nordic", "vej": "nordic",
    "gade": "nordic", "katu": "nordic", "tie": "nordic", "ulica": "slavic", "ul": "slavic", "utca": "slavic", "strada": "slavic", "jalan": "sinitic",
    "sokak": "middle_eastern", "cad": "middle_eastern", "mah": "middle_eastern", "marg": "south_asian", "nagar": "south_asian",
}  # fmt: skip
"""In which language a word says that the address is."""
_UNITS = (
    "flat apt apartment suite ste unit room rm floor fl level bldg building block blk tower house lot box po p.o house no nr num number"
    " piso puerta planta depto departamento apto int ext esc escalera bloque andar bloco casa lote etage stock wohnung top hinterhaus"
    " appartement appt bat batiment etg verdieping bus scala interno piano lgh vaning kerros as lokal m kv kvartira dom d km"
    " чп дом кв квартира улица ул проспект пр корпус область обл город г"
)
_SMALL_WORDS = (
    "the of on at in by near upon and to for am an der die das den dem im zum zur beim unter auf und de del la las los le les du des da do das dos"
    " di della delle dei degli san santa santo st saint sainte sao y e et al el l d og och i na pod nad u za c/o co a by next corner behind"
    " zip zipcode postcode code postal plz cep cp county city town state province district region road street address lives live from"
)
_DIRECTIONS = tuple(
    tuple(group.split()) for group in ("n s e w", "ne nw se sw", "north south east west", "northeast northwest southeast southwest")
)  # fmt: skip


@cache
def kept_words() -> frozenset[str]:
    """Return the folded words that stay in addresses: they say what something is, and not which."""
    listed = (lexicon(name) for name in ("street_words", "street_words_leading", "street_openers", "name_particles"))
    own = (*_STYLES, *_UNITS.split(), *_SMALL_WORDS.split())
    # Both, because "straße" is folded to "strase".
    return frozenset().union(*listed, map(fold, own), map(canonical, own))


@dataclass(slots=True)
class _Rewriting:
    """An address while it is rewritten, piece by piece."""

    value: str
    seed: Seed
    style: str
    pieces: list[str] = field(default_factory=list)
    reached: int = 0

    def put(self, start: int, end: int, fake: str) -> None:
        self.pieces += (self.value[self.reached : start], fake)
        self.reached = end

    @property
    def text(self) -> str:
        return "".join((*self.pieces, self.value[self.reached :]))


def fake_address(value: str, seed: Seed) -> str | None:
    """Return an invented address or place in the form of ``value``; None for scripts in which none can be made."""
    found = list(_PIECE.finditer(value))
    if not found or not all(_WRITABLE.fullmatch(piece[0]) for piece in found):
        return None
    work = _Rewriting(value, seed, _style_of(value, [piece[0] for piece in found]))
    # Where every word is one that stays ("Park Road", "The Green"), the words are the name.
    names_only = all(_role(piece[0]) == "kept" and fold(piece[0]) not in _units() for piece in found)
    place = 0
    while place < len(found):
        end = _name_end(value, found, place, all_words=names_only)
        if end > place:
            name = value[found[place].start() : found[end - 1].end()]
            fake = _country(name, seed) or _place(name, work)
        else:
            end = place + 1
            fake = _other(found[place][0], seed)
        if fake is None:
            return None
        work.put(found[place].start(), found[end - 1].end(), fake)
        place = end
    return work.text


def _name_end(value: str, found: list[re.Match[str]], start: int, *, all_words: bool) -> int:
    """Return behind which piece the name ends that begins with a piece; ``start`` where none begins."""
    end = start
    while end < len(found) and _is_name(found[end][0], all_words=all_words and len(found) - end > 1):
        if end > start and value[found[end - 1].end() : found[end].start()] not in (" ", "-", "–"):
            break
        end += 1
    return end


def _is_name(word: str, *, all_words: bool) -> bool:
    role = _role(word)
    return role == "name" or (all_words and role == "kept" and word[0].isupper())


@lru_cache(maxsize=65_536)
def _role(word: str) -> _Role:
    """Return what a word of an address is, by itself."""
    if any(c.isdecimal() for c in word):
        return "number"
    if _direction(word):
        return "direction"
    if len(word) == 2 and word.isupper() and word.lower() in lexicon("us_states"):
        return "state"
    if fold(word) in kept_words():
        return "kept"
    return "name" if len(word) > 1 else "letter"


def _other(word: str, seed: Seed) -> str:
    """Return what stands for a word that is no name."""
    role = _role(word)
    if role == "kept":
        return word
    if role == "direction":
        return cased(_another(word, _direction(word), seed).capitalize(), word)
    if role == "state":
        return _another(word, tuple(sorted(lexicon("us_states"))), seed).upper()
    if ordinal := _ORDINAL.fullmatch(word):
        number = same_shape(ordinal[1], seed)
        return number + cased(_ordinal_ending(int(number)), ordinal[2])
    return same_shape(word, seed)


def _another(word: str, group: tuple[str, ...], seed: Seed) -> str:
    folded = fold(word)
    return seed.draws("place", folded).one_of(tuple(other for other in group if other != folded))


def _direction(word: str) -> tuple[str, ...]:
    folded = fold(word)
    return next((group for group in _DIRECTIONS if folded in group), ())


def _ordinal_ending(number: int) -> str:
    return "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def _style_of(value: str, found: list[str]) -> str:
    """Return the region as which an address is written; empty where nothing says."""
    if _CYRILLIC.search(value):
        return "cyrillic"
    return next(filter(None, map(_style, found)), "")


@lru_cache(maxsize=65_536)
def _style(word: str) -> str:
    joined = _JOINED.fullmatch(word)
    style = _styles().get(canonical(joined[2] if joined else word), "")
    # "Allee": by itself it is French.
    return "germanic" if joined and style == "french" else style


@cache
def _units() -> frozenset[str]:
    return frozenset(map(fold, _UNITS.split()))


@cache
def _styles() -> Mapping[str, str]:
    return {canonical(word): style for word, style in _STYLES.items()}


def _country(name: str, seed: Seed) -> str | None:
    folded = fold(name)
    if folded not in _countries():
        return None
    for attempt in range(ATTEMPTS):
        fake = (
            seed.after(seed.attempt + attempt)
            .draws("country", folded)
            .one_of(words("countries", "countries"))
            .replace("_", " ")
        )
        if seed.allows(fake) and fold(fake) != folded:
            return cased(fake, name)
    return None


@cache
def _countries() -> frozenset[str]:
    return frozenset(
        fold(name.replace("_", " ")) for part in ("countries", "also_known") for name in words("countries", part)
    )


def _place(name: str, work: _Rewriting) -> str | None:
    """Return an invented name of a place or street; one word, however many the original has."""
    joined = _JOINED.fullmatch(name)
    stem = joined[1] if joined else name
    key = canonical(stem)
    region = work.style or region_of(key.split()[-1])
    choices = pool(region, "family", "place_endings")
    for attempt in range(ATTEMPTS):
        fake = work.seed.after(work.seed.attempt + attempt).draws("place", key).one_of(choices)
        if region == "cyrillic" and not _CYRILLIC.search(name):
            fake = latin(fake)
        fake = unmarked(fake) if name.isascii() else fake
        if canonical(fake) != key and work.seed.allows(fake):
            return cased(fake, stem) + (joined[2] if joined else "")
    return None
