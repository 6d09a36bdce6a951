"""Addresses: a street with its number, in the spellings and abbreviations people use; what else the address says."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.pii.known.folding import TOKEN, fold, spellings, word_set
from harness.pii.known.ordinary import is_ordinary
from harness.pii.lexicon import words

STREET_TYPES = word_set("""
    street st str road rd avenue ave av aven boulevard blvd bvd lane ln drive dr drv court ct crt square sq terrace ter terr circle cir crcl
    parkway pkwy highway hwy crescent cres cr trail trl loop alley aly expressway turnpike tpke close cl mews row gardens gdns grove gr grv
    plaza plz place pl way wy walk wlk crest rise quay wharf pike bend cove cv green grn hill hl hills park pk point pt ridge rdg run view vw
    path pass heights hts bypass causeway csway gate yard esplanade esp promenade
    rue r allee allees impasse imp chemin chem ch quai cours route rte place sentier faubourg fg
    calle c cl cll avenida avda avd carrera cra kr carretera ctra paseo pso plaza pza camino cno ronda travesia callejon cjon
    via viale vle vicolo piazza pza p corso cso largo lgo strada str contrada
    rua travessa tv largo praca pc estrada alameda rodovia
    strase strasse weg gasse allee platz pl ring ufer damm steig chaussee promenade
    straat laan plein gracht kade dreef singel steeg vej gade gata gatan vagen vag katu tie ulica ul aleja al plac
    """)  # fmt: skip
"""Words for a street, and their abbreviations, folded."""
_LONG_TYPES = frozenset(word for word in STREET_TYPES if len(word) > 3) - {
    "pass",
    "view",
    "gate",
    "green",
    "point",
    "park",
    "ring",
    "loop",
    "rise",
    "path",
    "yard",
    "close",
}
_ENDS = (
    "strase",
    "strasse",
    "straat",
    "gasse",
    "allee",
    "platz",
    "gatan",
    "vagen",
    "gracht",
    "plein",
    "laan",
    "steig",
    "ufer",
    "damm",
    "weg",
    "str",
)
"""Words for a street that are joined to its name."""
_EQUAL_ENDS = {
    "strase": ("strasse", "str"),
    "strasse": ("strase", "str"),
    "str": ("strase", "strasse"),
    "platz": ("pl",),
    "straat": ("str",),
}
UNIT_WORDS = word_set(
    "apartment apt appartement app unit suite ste flat floor fl room rm building bldg block blk no nr num numero number lot po box "
    "piso puerta escalera bajo planta etage stock wohnung whg hinterhaus scala interno int bis ter top haus house entrance"
)
DIRECTIONS = word_set(
    "north south east west n s e w ne nw se sw northeast northwest southeast southwest norte sur este oeste nord sud est ouest ost"
)
_SMALL = word_set(
    "de la le les du des del los las el da do dos das di della van der den het the of and y e am an im in zum zur auf"
)
_ORDINALS = {
    "1st": "first", "2nd": "second", "3rd": "third", "4th": "fourth", "5th": "fifth", "6th": "sixth", "7th": "seventh", "8th": "eighth",
    "9th": "ninth", "10th": "tenth", "11th": "eleventh", "12th": "twelfth",
}  # fmt: skip
_ORDINALS |= {word: number for number, word in _ORDINALS.items()}
_SAINTS = {"saint": "st", "sainte": "ste", "mount": "mt", "fort": "ft", "doctor": "dr"}
_POSTCODE = re.compile(
    r"(?<!\w)(?:[a-z]{1,2}\d[a-z\d]?\s?\d[a-z]{2}|[a-z]\d[a-z]\s?\d[a-z]\d|\d{4}\s?[a-z]{2}|\d{5}(?:-?\d{3,4})?|\d{6}|\d{3}\s\d{2}|\d{2}-\d{3}|\d{4}-\d{3})(?!\w)"
)
_TELLING = 5
_LONGEST_HOUSE_NUMBER = 6


@dataclass(frozen=True, slots=True)
class Street:
    """A street of a known address."""

    number: frozenset[str]
    """Tokens of its house number; empty if there is none."""
    types: frozenset[str]
    """Words that stand around its name in the address: street, lane, rue."""
    telling: bool
    """Whether its name alone is enough to tell it."""


@dataclass(frozen=True, slots=True)
class Address:
    """The searchable parts of a known address, all folded."""

    streets: dict[str, Street]
    """By the street's name without its type, run together, in every spelling."""
    postcodes: frozenset[str]
    """Run together."""
    tokens: frozenset[str]
    """All its words: they go when they stand beside another part of it."""
    areas: tuple[str, ...]
    """Town, county, country: lines without a number."""


def looks_postal(value: str) -> bool:
    """Return whether a value without a house number is a street all the same, or a value is a postcode."""
    folded = fold(value)
    parts = folded.split()
    if len(parts) == 1:
        return folded.endswith(_ENDS[:9]) and len(folded) > _TELLING and folded.isalpha()
    if folded[-1:].isalpha() and folded[-2:-1].isalpha() and not any(map(str.isdigit, folded)):
        return (parts[-1] in _LONG_TYPES or parts[0] in _LONG_TYPES) and len(parts) <= _TELLING
    return bool(parts) and _POSTCODE.fullmatch(folded) is not None and any(map(str.isalpha, folded))


def address_of(value: str) -> Address:
    """Return the searchable parts of an address."""
    lines = [line.strip() for line in re.split(r"[,;\n|]", value) if line.strip()]
    streets: dict[str, Street] = {}
    postcodes: set[str] = set()
    areas: list[str] = []
    for line in lines:
        found = [re.sub(r"\W", "", match[0]) for match in _POSTCODE.finditer(fold(line))]
        if _is_street(line, first=line is lines[0], has_postcode=bool(found)):
            streets.update(_streets(line))
            continue
        postcodes.update(found)
        if not any(c.isdigit() for c in line):
            areas.append(line)
    tokens = {spelling for match in TOKEN.finditer(value) for spelling in spellings(match[0])}
    return Address(streets, frozenset(postcodes), frozenset(tokens), tuple(areas))


def _is_street(line: str, *, first: bool, has_postcode: bool) -> bool:
    tokens = TOKEN.findall(fold(line))
    names = [token for token in tokens if token.isalpha() and token not in UNIT_WORDS]
    if not any(len(name) > 1 for name in names) and not (set(tokens) & _ORDINALS.keys()):
        return False
    typed = any(token in _LONG_TYPES or token.endswith(_ENDS) for token in names)
    numbered = any(_is_house_number(token) for token in tokens)
    return typed or (numbered and (first or not has_postcode))


def _is_house_number(token: str) -> bool:
    return token[0].isdigit() and len(token) <= _LONGEST_HOUSE_NUMBER and token not in _ORDINALS


def _streets(line: str) -> Iterator[tuple[str, Street]]:
    raw = [match[0] for match in TOKEN.finditer(line)]
    name = _name([token for token in raw if not _is_house_number(fold(token)) and fold(token) not in UNIT_WORDS])
    if not name:
        return
    number = frozenset(fold(token) for token in raw if _is_house_number(fold(token)))
    types = frozenset(fold(token) for token in raw if fold(token) in STREET_TYPES and token not in name)
    telling = any(_tells(fold(token)) for token in name)
    for spelling in _joined(name):
        yield spelling, Street(number, types, telling and len(spelling) >= _TELLING)


def _name(tokens: Sequence[str]) -> list[str]:
    """Return the words of a street's name: without its type, direction and articles at either end."""
    name = list(tokens)
    while len(name) > 1 and fold(name[-1]) in STREET_TYPES | DIRECTIONS:
        name.pop()
    while len(name) > 1 and fold(name[0]) in STREET_TYPES | DIRECTIONS | _SMALL:
        name.pop(0)
    return name


def _joined(name: Sequence[str]) -> Iterator[str]:
    """Yield the spellings of a street's name, run together."""
    wholes = {""}
    for token in name:
        options = set(spellings(token)) | {word for table in (_ORDINALS, _SAINTS) if (word := table.get(fold(token)))}
        wholes = {whole + option for whole in sorted(wholes)[:8] for option in options}
    for whole in wholes:
        yield whole
        for end, others in _EQUAL_ENDS.items():
            if whole.endswith(end) and len(whole) > len(end) + 2:
                yield from (whole[: -len(end)] + other for other in others)
                break


def _tells(token: str) -> bool:
    if len(token) < _TELLING or not token.isalpha() or token in words("places") or token in STREET_TYPES:
        return False
    return not is_ordinary(token) and token not in DIRECTIONS
