"""Short replies to a question for a personal value: "4432" after "the last four digits of your card?", "rose" after "your name?"."""

import re
from dataclasses import dataclass

from harness.pii.interface import PiiSpan
from harness.pii.lexicon import words
from harness.pii.patterns.documents import MONTH
from harness.pii.patterns.numerals import NUMERALS
from harness.pii.patterns.quantities import is_counted, is_money
from harness.pii.patterns.spelling import ALPHABET, FIGURES
from harness.pii.patterns.spoken import SAID_FIGURES

_ASKING = re.compile(
    r"\?|\b(?:please|could|can|may|what|which|tell|give|provide|enter|confirm|verify|share|need|have|send|type|your|bitte|ihre?|deine?|su|tu|votre|ton|seu|sua)\b",
    re.IGNORECASE,
)
_LONGEST_ANSWER = 80
_MOST_TOKENS = 10
_SCORE = 0.7
_TOKEN = re.compile(r"[^\s,;]+")
_MONTH_NAMED = re.compile(rf"(?<![^\W_]){MONTH}(?!\w)", re.IGNORECASE)
_NUMBERISH = re.compile(r"(?=[\w./#*-]*\d)[\w#*](?:[\w./#*() -]*[\w)])?")
_NAME_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|[.'’‑-](?=[^\W\d_])){0,60}")
_LONGEST_NAME = 4
_NAME_SCORE = 0.6
_LONGEST_STREET = 4
_ASKS_FOR_NAME = re.compile(
    r"\b(?:(?:your|full|first|last|the|what)\s+(?:full\s+|first\s+|last\s+)?name|who\s+(?:am\s+i|is\s+this|should|shall|will)|name,?\s+please|(?:ihr|dein)(?:en)?\s+name|su\s+nombre|tu\s+nombre|votre\s+nom|seu\s+nome"
    r"|who\s+(?:would\s+you\s+like|do\s+you\s+want|should\s+i|are\s+you)\b.{0,80}\b(?:send|transfer|pay)|(?:send|transfer|sending|transferring)\b.{0,80}\bto\s+who)",
    re.IGNORECASE,
)
_LAST_NAME_ASKED = re.compile(
    r"\b(?:nach|vor|familien)name\b|\bapellidos?\b|\bnombre\s+completo\b|\bc[oó]mo\s+se\s+llama|\bnom\s+(?:de\s+famille|complet)|\bprénom|\bcomment\s+vous\s+appelez|\bcognome\b|\bsuo\s+nome|\bsi\s+chiama\b"
    r"|\b(?:nome|como)\s+(?:completo|se\s+chama)|\bsobrenome\b|\bnazwisk\w*|\bimię\b|\bnazywa\b|\b(?:ad[ıi]|soyad[ıi])n[ıi]z|\bisminiz|\bheter\s+du\b|\b(?:ditt|efter|för)\s?namn\b|\b(?:uw|je|jouw)\s+naam\b|\bachternaam\b"
    r"|\btên\s+(?:gì|của|là|họ)|\bhọ\s+(?:và\s+)?tên|\bnama\s+(?:anda|lengkap|kamu|bapak|ibu)|\bsiapa\s+nama|\b(?:sur|last\s|family\s|maiden\s|first\s|given\s|fore|passenger\s|guest\s|patient\s)names?\b|^\W*(?:full\s+)?name\W*$|\bwho\s+am\s+i\b",
    re.IGNORECASE,
)
"""The other ways to ask for a name; "name" alone only where nothing else is said."""
_SHORT_PROMPT = 4
"""Words of a prompt that asks without asking: "and the cvv"."""
_PIECE = re.compile(r"\d{2,6}")
_ENDS_IN_PIECE = re.compile(
    r"(?:^|\b(?:number|nummer|numero|número|numéro|card|account|is|then|and)\s+)[+0]?\d{2,6}\W{0,2}$", re.IGNORECASE
)
"""A number that goes on in the next message: "my number is 07700", "900", "461"."""
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
    _ask("PASSWORD", r"\b(?:password|passcode|passwort|kennwort|contraseña|mot\s+de\s+passe|senha|security\s+(?:answer|question)|memorable\s+(?:word|name)|mother['’]?s\s+maiden\s+name|secret\s+word)\b", letters=True),
    _ask("PASSWORD", r"\b(?:pin|otp|one[\s-]?time|verification\s+code|security\s+code|cvv|cvc|code\s+(?:we|i)\s+(?:just\s+)?sent|geheimzahl)\b"),
    _ask("ID", r"\b(?:user\s?-?name|user\s?id|login\s+(?:name|id)|handle|nickname|benutzername|usuario|identifiant)\b", letters=True),
    _ask("CREDIT_CARD", r"\b(?:card|karte|tarjeta|carte)\b.{0,40}\b(?:number|digits|last\s+(?:four|4)|nummer|número|ends?)\b|\blast\s+(?:four|4)(?:\s+digits)?\b|\bexp(?:iry|iration)\b"),
    _ask("US_SSN", r"\b(?:ssn|social\s+security|national\s+(?:id|insurance)|tax\s+(?:id|number))\b"),
    _ask("DATE_OF_BIRTH", r"\b(?:date\s+of\s+birth|dob|birth\s?(?:day|date|year)|year\s+of\s+birth|jahrgang|doğum|urodzenia|nascita|geboortedatum|födelse\w*|ngày\s+sinh|tanggal\s+lahir|tgl\s+lahir|born|geburtsdatum|geboren|fecha\s+de\s+nacimiento|date\s+de\s+naissance|data\s+de\s+nascimento)\b", whole=True),
    _ask("PHONE_NUMBER", r"\b(?:phone|mobile|cell|telephone|contact\s+number|callback|handynummer|telefonnummer|teléfono|móvil|téléphone|telefone|number\s+(?:can|should|to)\s+(?:i|we|reach|call))\b"),
    _ask("LOCATION", r"\b(?:zip|post\s?code|postal\s+code|plz|postleitzahl|código\s+postal|code\s+postal|cep|cap|kod\s+pocztowy|postnummer)\b"),
    _ask("LOCATION", r"\b(?:address|where\s+(?:do\s+you\s+live|should\s+(?:we|i)\s+(?:send|deliver|ship))|adresse|anschrift|dirección|endereço|indirizzo|adres|house\s+(?:number|no)|street|strasse|straße|calle|rue)\b", whole=True),
    _ask("ID", r"\b(?:(?:licen[cs]e|number|registration)\s?plates?|plates?\s+of|(?:car|vehicle)[’']?s?\s+(?:registration|plate)|kennzeichen|nummernschild|matr[íi]cula|immatriculation|targa|kenteken|plaka|tablic\w*)\b", whole=True),
    _ask("ID", r"\b(?:(?:account|order|booking|reservation|ticket|case|reference|customer|client|member(?:ship)?|policy|invoice|tracking|confirmation|claim|passport|licen[cs]e|plate|registration|serial|employee|student|patient)\b.{0,24}\b(?:id|number|no|code|ref(?:erence)?|nummer)|(?:id|reference|confirmation|ticket|kunden|bestell|auftrags)\s?-?(?:number|code|nummer)|account\s+id|order\s+id|bestellnummer|kundennummer|número\s+de\s+(?:pedido|cliente|cuenta)|numéro\s+de\s+(?:commande|client|compte)|pnr|iban|vin|imei)\b"),
)  # fmt: skip


def find_answered_value(question: str, text: str) -> PiiSpan | None:
    """Return the value that a short reply gives to a question for one; None if it is no such reply.

    Args:
        question: What was said right before.
        text: The reply.
    """
    stripped = text.strip(" \t\n.,!'\"")
    if _PIECE.fullmatch(stripped) and _ENDS_IN_PIECE.search(question):
        return PiiSpan(start=text.index(stripped), end=text.index(stripped) + len(stripped), entity="ID", score=_SCORE)
    if not stripped or len(stripped) > _LONGEST_ANSWER or "?" in stripped or not _is_asking(question):
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
    if not 1 <= len(found) <= _LONGEST_NAME or re.search(r"[\d?@]", stripped):
        return None
    if not (_ASKS_FOR_NAME.search(question) or _LAST_NAME_ASKED.search(question)):
        return None
    if NUMERALS.issuperset(word.lower() for word in found):
        return None
    if any(word.lower().removesuffix("'s") in words("common_words") - words("word_names") for word in found):
        return None
    start = text.index(stripped)
    return PiiSpan(start=start, end=start + len(stripped), entity="PERSON", score=_NAME_SCORE)


def _is_asking(question: str) -> bool:
    return _ASKING.search(question) is not None or len(question.split()) <= _SHORT_PROMPT


def _is_said(tokens: list[str]) -> bool:
    """Return whether a reply consists of figures and letters that are said: "double oh four", "kilo seven papa two"."""
    said = [part for token in tokens for part in token.lower().strip(".").split("-") if part]
    known = ALPHABET | FIGURES | SAID_FIGURES
    return len(said) > 1 and all(part in known or len(part) == 1 for part in said)


def _answer(kind: _Question, stripped: str, tokens: list[str], start: int) -> PiiSpan | None:
    common = words("common_words") - words("street_names")
    if kind.letters and len(tokens) == 1 and tokens[0].lower() not in words("common_words") and len(tokens[0]) > 2:
        return PiiSpan(start=start, end=start + len(stripped), entity=kind.entity, score=_SCORE)
    if kind.entity == "LOCATION" and kind.whole and _is_street(stripped):
        return PiiSpan(start=start, end=start + len(stripped), entity=kind.entity, score=_SCORE)
    if _is_said(tokens) or (kind.entity == "DATE_OF_BIRTH" and _MONTH_NAMED.search(stripped)):
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


def _is_street(reply: str) -> bool:
    """Return whether a reply is nothing but a street's name and its kind: "larch close"."""
    found = reply.lower().rstrip(".").split()
    if not 1 < len(found) <= _LONGEST_STREET or found[-1] not in words("street_words"):
        return False
    ordinary = words("common_words") - words("street_names") - words("word_names")
    return all(part.isalpha() and part not in ordinary for part in found[:-1])


def _without_words(value: str) -> str:
    """Return a number without the words behind it: "4432 I think"."""
    parts = value.split(" ")
    while len(parts) > 1 and not any(c.isdigit() for c in parts[-1]):
        parts.pop()
    return " ".join(parts)
