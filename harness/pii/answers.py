"""Short replies to a question for a personal value: "4432" after "the last four digits of your card?", "rose" after "your name?"."""

import re
from dataclasses import dataclass

from harness.pii.interface import PiiSpan
from harness.pii.lexicon import words
from harness.pii.quantities import is_counted, is_money

_ASKING = re.compile(
    r"\?|\b(?:please|could|can|may|what|which|tell|give|provide|enter|confirm|verify|share|need|have|send|type|your|bitte|ihre?|deine?|su|tu|votre|ton|seu|sua)\b",
    re.IGNORECASE,
)
_LONGEST_ANSWER = 80
_MOST_TOKENS = 10
_SCORE = 0.7
_TOKEN = re.compile(r"[^\s,;]+")
_NUMBERISH = re.compile(r"(?=[\w./#*-]*\d)[\w#*](?:[\w./#*() -]*[\w)])?")
_NAME_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|[.'’‑-](?=[^\W\d_])){0,60}")
_LONGEST_NAME = 4
_NAME_SCORE = 0.6
_ASKS_FOR_NAME = re.compile(
    r"\b(?:(?:your|full|first|last|the|what)\s+(?:full\s+|first\s+|last\s+)?name|who\s+(?:am\s+i|is\s+this|should|shall|will)|name,?\s+please|(?:ihr|dein)(?:en)?\s+name|su\s+nombre|tu\s+nombre|votre\s+nom|seu\s+nome"
    r"|who\s+(?:would\s+you\s+like|do\s+you\s+want|should\s+i|are\s+you)\b.{0,80}\b(?:send|transfer|pay)|(?:send|transfer|sending|transferring)\b.{0,80}\bto\s+who)",
    re.IGNORECASE,
)
_PAIR = re.compile(r"\d{1,2}[:.]\d\d(?!\d)|\d+(?:[.,]\d{1,2})?\s?(?:%|am|pm|[€$£])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Question:
    entity: str
    asks: re.Pattern[str]
    letters: bool = False
    """A single word without a digit is an answer, too."""
    whole: bool = False
    """The whole reply is the answer if it holds a digit."""


def _ask(entity: str, source: str, *, letters: bool = False, whole: bool = False) -> _Question:
    return _Question(entity, re.compile(source, re.IGNORECASE | re.VERBOSE), letters, whole)


_QUESTIONS = (
    _ask("PASSWORD", r"\b(?:password|passcode|passwort|kennwort|contraseña|mot\s+de\s+passe|senha|security\s+answer|mother['’]?s\s+maiden\s+name|secret\s+word)\b", letters=True),
    _ask("PASSWORD", r"\b(?:pin|otp|one[\s-]?time|verification\s+code|security\s+code|cvv|cvc|code\s+(?:we|i)\s+(?:just\s+)?sent|geheimzahl)\b"),
    _ask("ID", r"\b(?:user\s?-?name|user\s?id|login\s+(?:name|id)|handle|nickname|benutzername|usuario|identifiant)\b", letters=True),
    _ask("CREDIT_CARD", r"\b(?:card|karte|tarjeta|carte)\b.{0,40}\b(?:number|digits|last\s+(?:four|4)|nummer|número|ends?)\b|\blast\s+(?:four|4)(?:\s+digits)?\b|\bexp(?:iry|iration)\b"),
    _ask("US_SSN", r"\b(?:ssn|social\s+security|national\s+(?:id|insurance)|tax\s+(?:id|number))\b"),
    _ask("DATE_OF_BIRTH", r"\b(?:date\s+of\s+birth|dob|birth\s?da(?:y|te)|born|geburtsdatum|geboren|fecha\s+de\s+nacimiento|date\s+de\s+naissance|data\s+de\s+nascimento)\b", whole=True),
    _ask("PHONE_NUMBER", r"\b(?:phone|mobile|cell|telephone|contact\s+number|callback|handynummer|telefonnummer|teléfono|móvil|téléphone|telefone|number\s+(?:can|should|to)\s+(?:i|we|reach|call))\b"),
    _ask("LOCATION", r"\b(?:zip|post\s?code|postal\s+code|plz|postleitzahl|código\s+postal)\b"),
    _ask("LOCATION", r"\b(?:address|where\s+(?:do\s+you\s+live|should\s+(?:we|i)\s+(?:send|deliver|ship))|adresse|anschrift|dirección|endereço|house\s+number|street)\b", whole=True),
    _ask("ID", r"\b(?:(?:account|order|booking|reservation|ticket|case|reference|customer|client|member(?:ship)?|policy|invoice|tracking|confirmation|claim|passport|licen[cs]e|plate|registration|serial|employee|student|patient)\b.{0,24}\b(?:id|number|no|code|ref(?:erence)?|nummer)|(?:id|reference|confirmation|ticket|kunden|bestell|auftrags)\s?-?(?:number|code|nummer)|account\s+id|order\s+id|bestellnummer|kundennummer|número\s+de\s+(?:pedido|cliente|cuenta)|numéro\s+de\s+(?:commande|client|compte)|pnr|iban|vin|imei)\b"),
)  # fmt: skip


def find_answered_value(question: str, text: str) -> PiiSpan | None:
    """Return the value that a short reply gives to a question for one; None if it is no such reply.

    Args:
        question: What was said right before.
        text: The reply.
    """
    stripped = text.strip(" \t\n.,!'\"")
    if not stripped or len(stripped) > _LONGEST_ANSWER or "?" in stripped or not _ASKING.search(question):
        return None
    tokens = _TOKEN.findall(stripped)
    if len(tokens) > _MOST_TOKENS:
        return None
    # The last thing asked for is what is answered.
    asked = [(match.start(), kind) for kind in _QUESTIONS for match in kind.asks.finditer(question)]
    if not asked:
        return None
    kind = max(asked, key=lambda entry: entry[0])[1]
    start = text.index(stripped)
    return _answer(kind, stripped, tokens, start)


def find_answered_name(question: str, text: str) -> PiiSpan | None:
    """Return the name that a short reply gives to a question for one; None if it is no such reply.

    Args:
        question: What was said right before.
        text: The reply.
    """
    stripped = text.strip(" \t\n.,!'\"")
    found = _NAME_WORD.findall(stripped)
    if not 1 <= len(found) <= _LONGEST_NAME or re.search(r"[\d?@]", stripped) or not _ASKS_FOR_NAME.search(question):
        return None
    if any(word.lower().removesuffix("'s") in words("common_words") for word in found):
        return None
    start = text.index(stripped)
    return PiiSpan(start=start, end=start + len(stripped), entity="PERSON", score=_NAME_SCORE)


def _answer(kind: _Question, stripped: str, tokens: list[str], start: int) -> PiiSpan | None:
    common = words("common_words") - words("street_names")
    if kind.letters and len(tokens) == 1 and tokens[0].lower() not in words("common_words") and len(tokens[0]) > 2:
        return PiiSpan(start=start, end=start + len(stripped), entity=kind.entity, score=_SCORE)
    if kind.whole and any(c.isdigit() for c in stripped):
        plain = [word for word in re.findall(r"[^\W\d_]{3,}", stripped.lower()) if word in common]
        if not plain and not _PAIR.fullmatch(stripped):
            return PiiSpan(start=start, end=start + len(stripped), entity=kind.entity, score=_SCORE)
    match = _NUMBERISH.search(stripped)
    if match is None or (kind.whole and len(tokens) > 1 and kind.entity == "LOCATION"):
        return None
    value = _without_words(match[0])
    end = match.start() + len(value)
    if (
        sum(c.isalnum() for c in value) < 2
        or is_money(stripped[: match.start()])
        or is_counted(stripped[end:])
        or _PAIR.match(stripped, match.start())
    ):
        return None
    return PiiSpan(start=start + match.start(), end=start + end, entity=kind.entity, score=_SCORE)


def _without_words(value: str) -> str:
    """Return a number without the words behind it: "4432 I think"."""
    parts = value.split(" ")
    while len(parts) > 1 and not any(c.isdigit() for c in parts[-1]):
        parts.pop()
    return " ".join(parts)
