"""Presidio's own recognizers for national ids, used directly: no NLP engine, no network, and only where one can match."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from harness.pii.interface import PiiSpan
from harness.pii.rules import Facts

_VERIFIED = 1.0


@dataclass(frozen=True, slots=True)
class _Prefiltered:
    recognizer: Any
    entity: str
    needs: Callable[[Facts], bool]


def find_verified(facts: Facts) -> Iterator[PiiSpan]:
    """Yield the values that a recognizer of Presidio's verified, for example by a checksum."""
    if facts.digits < _FEWEST_DIGITS or len(facts.text) > _LONGEST_TEXT:
        return
    for entry in _recognizers():
        if entry.needs(facts):
            for result in entry.recognizer.analyze(facts.text, [entry.entity], None):
                if result.score >= _VERIFIED:
                    yield PiiSpan(start=result.start, end=result.end, entity=entry.entity, score=_VERIFIED)


def _token(source: str) -> Callable[[Facts], bool]:
    compiled = re.compile(source, re.IGNORECASE)
    return lambda facts: compiled.search(facts.text) is not None


def _run_of(digits: int) -> Callable[[Facts], bool]:
    compiled = re.compile(rf"\d(?:[ .-]?\d){{{digits - 1}}}")
    return lambda facts: facts.digits >= digits and compiled.search(facts.text) is not None


_FEWEST_DIGITS = 5
_LONGEST_TEXT = 20_000
"""Some recognizers take quadratic time; in longer texts our own rules find the numbers, only under a plainer type."""


@cache
def _recognizers() -> tuple[_Prefiltered, ...]:
    # Importing Presidio takes two seconds, so it waits for the first text with enough digits.
    from presidio_analyzer import predefined_recognizers as presidio

    # E-mail is not among them: Presidio's asks the network for the list of public suffixes.
    chosen: tuple[tuple[str, Callable[[Facts], bool]], ...] = (
        ("CryptoRecognizer", _token(r"\b(?:bc1|[13])[a-z0-9]{25,}")),
        ("NhsRecognizer", _run_of(10)),
        ("EsNifRecognizer", _token(r"\b\d{7,8}-?[a-z]\b")),
        ("EsNieRecognizer", _token(r"\b[xyz]-?\d{7}-?[a-z]\b")),
        ("ItFiscalCodeRecognizer", _token(r"\b[a-z]{6}\w{2}[a-z]\w{2}[a-z]\w{3}[a-z]\b")),
        ("PlPeselRecognizer", _run_of(11)),
        ("FiPersonalIdentityCodeRecognizer", _token(r"\b\d{6}[+\-a-y]\d{3}\w\b")),
        ("AuTfnRecognizer", _run_of(9)),
        ("AuMedicareRecognizer", _run_of(10)),
        ("InAadhaarRecognizer", _run_of(12)),
        ("SgFinRecognizer", _token(r"\b[stfgm]\d{7}[a-z]\b")),
        ("MedicalLicenseRecognizer", _token(r"\b[a-z]{2}\d{7}\b")),
    )
    found = []
    for name, needs in chosen:
        kind = getattr(presidio, name, None)
        if kind is not None:
            recognizer = kind()
            found.append(_Prefiltered(recognizer, recognizer.supported_entities[0], needs))
    return tuple(found)
