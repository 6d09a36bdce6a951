"""Names: every part, pet forms, initials, either order, run together."""

import re
from collections.abc import Iterable, Sequence
from functools import cache

from harness.pii.known.folding import TOKEN, UNSPACED, compact, fold, spellings, word_set
from harness.pii.known.ordinary import is_ordinary, word_file
from harness.pii.known.variants import Variants
from harness.pii.lexicon import words

_WORD = re.compile(r"[^\W\d_]+(?:[-'’`´‘][^\W\d_]+)*")
_ROLES = word_set(
    "mr mrs ms miss mx dr prof herr frau sr sra srta señor señora mme mlle sir lady lord jr junior senior snr jnr ii iii iv phd md esq"
)
_SHORTEST_PART = 3
_SHORTEST_FORM = 5
_SHORTEST_PET = 3


def add_name(variants: Variants, value: str) -> None:
    """Add the variants of a person's name, or of one word that may be a name."""
    parts = [word for word in _in_order(value) if fold(word) not in _ROLES]
    if not parts:
        variants.add_form(compact(value), "PERSON")
        return
    core = [word for word in parts if fold(word) not in words("name_particles")] or parts
    variants.particles.update(token for word in parts for token in TOKEN.findall(fold(word)) if word not in core)
    for word in core:
        _add_part(variants, word, alone=len(core) == 1)
    _add_pets(variants, core)
    if len(parts) > 1:
        _add_joined(variants, core)
        for order in (parts, [parts[-1], *parts[:-1]]):
            for spelled in _runs(order):
                _add_form(variants, spelled)


def _in_order(value: str) -> list[str]:
    """Return the words of a name, given names first: "Smith, John" has them last."""
    last, comma, first = value.partition(",")
    ordered = f"{first} {last}" if comma and first.strip() else value
    return _WORD.findall(ordered)


def _add_part(variants: Variants, word: str, *, alone: bool) -> None:
    tokens = TOKEN.findall(word)
    for token in tokens:
        particle = len(tokens) > 1 and fold(token) in words("name_particles")
        if (len(token) >= _SHORTEST_PART and not particle) or alone or UNSPACED.search(token):
            found = spellings(token)
            for spelling in found:
                variants.add_name_word(spelling)
                _add_plural(variants, spelling)
                if UNSPACED.search(token):
                    variants.add_form(spelling, "PERSON")
            variants.add_misspellings(found, "PERSON")
        variants.initials.add(fold(token)[0])
    if len(tokens) > 1:
        for run in _runs([word]):
            variants.add_name_word(run)
            _add_form(variants, run)
            variants.add_misspellings((run,), "PERSON")


def _add_plural(variants: Variants, word: str) -> None:
    """Add the family: the Wennerströms."""
    if len(word) > _SHORTEST_PART and not is_ordinary(word + "s"):
        variants.add_name_word(word + ("es" if word.endswith(("s", "z", "x", "ch", "sh")) else "s"))
        variants.add_name_word(word + "s")


def _add_pets(variants: Variants, parts: Sequence[str]) -> None:
    given = parts[:-1] if len(parts) > 1 else parts
    for token in {spelling for word in given for part in TOKEN.findall(word) for spelling in spellings(part)}:
        for pet in _pets().get(token, ()):
            if len(pet) >= _SHORTEST_PET:
                variants.add_name_word(pet, pet=True)


def _add_joined(variants: Variants, parts: Sequence[str]) -> None:
    """Add "jsmith", "smithj", "johns", "johnsmith" for names of any number of parts, and three initials or more."""
    first, last = parts[0], parts[-1]
    for surname in _runs([last]):
        for given in _runs([first]):
            for form in (given[0] + surname, surname + given[0], given + surname[0], given + surname, surname + given):
                _add_form(variants, form)
        middles = "".join(fold(word)[0] for word in parts[1:-1])
        if middles:
            _add_form(variants, fold(first)[0] + middles + surname)
    signed = "".join(fold(word)[0] for word in parts)
    variants.signed.add(signed)


def _add_form(variants: Variants, form: str) -> None:
    if len(form) >= _SHORTEST_FORM and not is_ordinary(form):
        variants.add_form(form, "PERSON")


def _runs(parts: Iterable[str]) -> set[str]:
    """Return the spellings of parts, run together."""
    runs = {""}
    for word in parts:
        whole = {""}
        for token in TOKEN.findall(word):
            whole = {begun + spelling for begun in whole for spelling in spellings(token)}
        runs = {begun + spelling for begun in runs for spelling in whole if len(runs) * len(whole) <= 16} or {
            begun + compact(word) for begun in runs
        }
    return runs


@cache
def _pets() -> dict[str, frozenset[str]]:
    """Return what a given name may be shortened to, and what it may be short for."""
    table: dict[str, set[str]] = {}
    for line in word_file("nicknames"):
        names = {fold(name) for name in line.split()}
        for name in names:
            table.setdefault(name, set()).update(names - {name})
    return {name: frozenset(others) for name, others in table.items()}
