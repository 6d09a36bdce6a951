"""Values known to be personal (a user's profile), found in the variants in which people write them."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from harness.pii.interface import PiiSpan
from harness.pii.known.birthdates import date_readings
from harness.pii.known.codes import add_code, add_mailbox, add_phone
from harness.pii.known.folding import TOKEN, compact, fold, visible
from harness.pii.known.kinds import entity_of
from harness.pii.known.people import add_name
from harness.pii.known.postal import address_of
from harness.pii.known.search import Search
from harness.pii.known.variants import Variants, Word

__all__ = ["KnownValues", "entity_of", "fold", "known_values"]

_SHORTEST = 3
"""Shorter values say nothing: a country code, a yes."""
_SHORTEST_FORM = 5
"""Shorter values are only looked for as words."""


class KnownValues:
    """The searchable variants of one user's values.

    A name is found in all its parts, in pet forms, with initials, run
    together, in either order, misspelt; a number with any separators, country
    code or trunk prefix, spoken, in part, with one digit wrong; a date in any
    notation; an e-mail address also by its local part and as it is spoken; an
    address by its street in any abbreviation, with what stands around it.

    Args:
        values: As they stand in the profile.
        ordinary: Folded words of the data that are never taken for misspelt names, such as its frequent words.
        areas: Whether a town or country of an address is removed even where it stands alone.
    """

    def __init__(self, values: Sequence[str], *, ordinary: frozenset[str] = frozenset(), areas: bool = False) -> None:
        variants = Variants()
        for value in values:
            _add(variants, value.strip(), areas=areas)
        self._search = Search(variants, ordinary) if variants.words or variants.forms else None

    def __bool__(self) -> bool:
        return self._search is not None

    def find(self, text: str) -> Iterator[PiiSpan]:
        """Yield where the values occur; spans may overlap."""
        if self._search is None:
            return
        seen = visible(text)
        if seen is None:
            yield from self._search.find(text)
            return
        for span in self._search.find(seen.text):
            start, end = seen.starts[span.start], seen.starts[span.end]
            yield PiiSpan(start=start, end=end, entity=span.entity, score=span.score)


@lru_cache(maxsize=1024)
def known_values(values: tuple[str, ...], *, ordinary: frozenset[str] = frozenset()) -> KnownValues:
    """Return the searchable variants of some values, made once."""
    return KnownValues(values, ordinary=ordinary)


def _add(variants: Variants, value: str, *, areas: bool) -> None:
    tokens = TOKEN.findall(fold(value))
    whole = "".join(tokens)
    entity = entity_of(value)
    if len(whole) < _SHORTEST and not (entity == "PERSON" and not whole.isascii()):
        return
    if len(tokens) > 1:
        variants.wholes.add(" ".join(tokens))
    if entity == "PERSON":
        add_name(variants, value)
    elif entity == "EMAIL_ADDRESS":
        add_mailbox(variants, value)
    elif entity == "PHONE_NUMBER":
        add_phone(variants, value)
    elif entity == "DATE_OF_BIRTH":
        variants.dates.update(date_readings(value))
    elif entity == "LOCATION":
        _add_address(variants, value, areas=areas)
    else:
        add_code(variants, value)
    if len(tokens) > 1 or entity != "PERSON":
        if len(whole) >= _SHORTEST_FORM or len(tokens) > 1:
            variants.add_form(whole, entity)
        else:
            variants.words.setdefault(whole, Word(entity))


def _add_address(variants: Variants, value: str, *, areas: bool) -> None:
    address = address_of(value)
    variants.streets.update(address.streets)
    variants.address.update(address.tokens)
    for name, street in address.streets.items():
        if street.telling and len(name) > _SHORTEST_FORM:
            variants.add_misspellings((name,), "LOCATION", shortest=6)
    for postcode in address.postcodes:
        if len(postcode) >= _SHORTEST_FORM:
            variants.add_form(postcode, "LOCATION")
    for area in address.areas if areas else ():
        variants.add_form(compact(area), "LOCATION")
