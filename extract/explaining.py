"""Why a value is removed: the recognizers run one by one, and what each says of it in words."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from harness.pii import PiiDetector, PiiSpan
from harness.pii.detector import merge
from harness.pii.memory import NameMemory
from harness.pii.patterns import STRICT, WHOLE
from harness.pii.redaction import SessionRedactor
from harness.pii.registry import KnownRegistry, RegistryDetector
from harness.pii.rules import Facts
from harness.pii.tagger.tagging import shipped_tagger

_CERTAIN = 1.0
_CHECKED = {
    "CREDIT_CARD": "the Luhn checksum holds",
    "IBAN_CODE": "the country's length and the mod-97 checksum hold",
    "PHONE_NUMBER": "libphonenumber knows it as a number that can be given out",
    "EMAIL_ADDRESS": "it has the form of an e-mail address",
    "US_SSN": "it has the form of a social security number in a range that is given out",
    "MAC_ADDRESS": "it has the form of a hardware address",
    "URL": "the link carries a name, a password or a token",
    "API_KEY": "it begins and is built as this kind of key is",
    "IP_ADDRESS": "it is a valid network address",
    "CRYPTO": "it is built as a wallet's address is",
}
_LOOKS = {
    "CREDIT_CARD": "grouped or introduced as a card number is; no checksum was needed",
    "IBAN_CODE": "built as an IBAN is, though the checksum does not hold",
    "PHONE_NUMBER": "grouped, spelt out or introduced as a phone number is",
    "EMAIL_ADDRESS": "an e-mail address that is spelt out or broken up",
    "US_SSN": "grouped or introduced as a social security number is",
    "DATE_OF_BIRTH": "a date that is introduced as one of birth, or long enough ago",
    "LOCATION": "built as an address is in one of many countries, or introduced as one",
    "PERSON": "introduced as a name is, or on a list of names",
    "ID": "letters and digits as in a reference, a long number, or introduced as somebody's number",
    "PASSWORD": "introduced as a password, a PIN or a code is",
    "URL": "a link with somebody's name or key in it",
}


_REMEMBERED = "a name that was found with certainty here, and so wherever it stands"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one recognizer says of a value."""

    source: str
    """``pattern``, ``tagger``, ``known value``, ``conversation`` or ``configured``."""
    entity: str
    score: float
    reason: str
    """In words."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A value that is removed, and why."""

    start: int
    end: int
    """Exclusive."""
    value: str
    entity: str
    score: float
    evidence: tuple[Evidence, ...]
    """The surest first; never empty."""


@dataclass(frozen=True, slots=True)
class Explained:
    """A text, what would become of it, and why."""

    redacted: str
    found: tuple[Explanation, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return this as JSON-compatible values."""
        return {"redacted": self.redacted, "found": [asdict(each) for each in self.found]}


def explain(
    text: str, finder: PiiDetector, *, registry: KnownRegistry | None = None, own_tagger: bool = True
) -> Explained:
    """Return what would be removed from a message by itself, and why.

    The decision is the sanitizer's own; the recognizers are then asked one by
    one what made it.

    Args:
        text: A message, the first of its session.
        finder: The detector as it sanitizes.
        registry: Values known of all users; None: none is known.
        own_tagger: Whether the tagger that comes with the package is among what the detector asks.
    """
    names = NameMemory()
    asked = finder if registry is None else RegistryDetector(finder, registry)
    redactor = SessionRedactor(asked, names=names)
    looked = redactor.look([text])
    (redacted,) = redactor.redact_found([text], looked)
    remembered = names.find(text)
    evidence = list(_evidence(text, registry, own_tagger=own_tagger))
    evidence += [(span, Evidence("conversation", "PERSON", span.score, _REMEMBERED)) for span in remembered]
    found = tuple(_explanation(text, span, evidence) for span in merge([*looked[0], *remembered]))
    return Explained(redacted, found)


def _evidence(text: str, registry: KnownRegistry | None, *, own_tagger: bool) -> Iterator[tuple[PiiSpan, Evidence]]:
    facts = Facts.of(text)
    for span in (*STRICT.find(facts), *WHOLE.find(facts)):
        yield span, Evidence("pattern", span.entity, span.score, _pattern_reason(span))
    if own_tagger:
        for span in shipped_tagger().find([text])[0]:
            what = "the name of a person" if span.entity == "PERSON" else "an address"
            reason = f"the tagger is {span.score:.0%} sure that it belongs to {what}"
            yield span, Evidence("tagger", span.entity, span.score, reason)
    for span in registry.find(text) if registry else ():
        yield span, Evidence("known value", span.entity, span.score, "a value of somebody's profile")


def _pattern_reason(span: PiiSpan) -> str:
    if span.score >= _CERTAIN:
        return _CHECKED.get(span.entity, "the form, the length and the check digits are those of such a number")
    return _LOOKS.get(span.entity, "written or introduced as such a value is")


def _explanation(text: str, span: PiiSpan, evidence: Sequence[tuple[PiiSpan, Evidence]]) -> Explanation:
    reasons = _distinct(said for other, said in evidence if other.start < span.end and span.start < other.end)
    if not reasons:
        reasons = (Evidence("configured", span.entity, span.score, "a configured model or recognizer found it"),)
    return Explanation(span.start, span.end, text[span.start : span.end], span.entity, span.score, reasons)


def _distinct(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Return the surest of what each source says for each type."""
    best: dict[tuple[str, str], Evidence] = {}
    for said in sorted(evidence, key=lambda said: -said.score):
        best.setdefault((said.source, said.entity), said)
    return tuple(best.values())
