"""Ways to reach somebody: e-mail addresses (also spelt out), telephone numbers, network addresses, profile pages."""

import ipaddress
import re
from functools import lru_cache

from harness.pii.rules import Rule, digits_of, pattern

_PROVIDERS = r"(?:gmail|googlemail|yahoo|ymail|hotmail|outlook|live|icloud|aol|gmx|web|proton(?:mail)?|mail|email|msn|yandex|orange|free|t-online|libero|uol|bol|qq|163)"
_DOT = r"(?:\s*[(\[{]\s*(?:dot|punkt|punto|ponto)\s*[)\]}]\s*|\s+(?:dot|punkt|punto|ponto)\s+)"
_AT = r"(?:\s*[(\[{]\s*(?:at|arroba|chiocciola)\s*[)\]}]\s*|\s+(?:at|arroba|chiocciola|@)\s+)"
_NUMBER_WORD = (
    r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple"
    r"|null|eins|zwei|drei|vier|fünf|sechs|sieben|acht|neun"
    r"|cero|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve)"
)
DATE = re.compile(r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2}))(?:\s+\d{1,2})?")
_NO_PHONE = re.compile(r"\d{3}-\d{2}-\d{4}|(?:\d{1,3}\.){3}\d{1,3}")
MONEY = re.compile(r"(?:[$€£¥₹]|\b(?:usd|eur|gbp|chf|rs\.?|inr)\s?)\s?-?$", re.IGNORECASE)
_PHONE_WORD = re.compile(
    r"\b(?:phone|mobile|cell|call|tel|telephone|text|sms|whatsapp|fax|number|contact|reach|handy|rufnummer|telefon"
    r"|móvil|movil|teléfono|telefono|portable|téléphone|telefone|celular)\b",
    re.IGNORECASE,
)
_REFERENCE_WORD = re.compile(
    r"\b(?:order|reference|ref|ticket|case|booking|account|invoice|tracking|policy|confirmation|transaction|article|part|serial)\b[^.!?\n]{0,24}$",
    re.IGNORECASE,
)
# Regions whose national notation is tried when a number has no country code.
_REGIONS = ("US", "GB", "DE", "FR", "ES", "IN", "BR", "IT")


def _is_ip(value: str, before: str) -> bool:
    if before.endswith((".", "v")) or re.search(r"\bversion\s*$", before, re.IGNORECASE):
        return False
    try:
        ipaddress.ip_address(value.strip("[]"))
    except ValueError:
        return False
    return value not in {"::", "::1", "127.0.0.1", "0.0.0.0"}  # noqa: S104 - names nobody's machine


def _is_phone(value: str, before: str) -> bool:
    digits = digits_of(value)
    if (
        not 7 <= len(digits) <= 15
        or _NO_PHONE.fullmatch(value)
        or DATE.fullmatch(value.strip())
        or MONEY.search(before)
    ):
        return False
    return value.startswith("+") or len(digits) >= 8 or bool(_PHONE_WORD.search(before))


def _is_valid_phone(value: str, before: str) -> bool:
    if _REFERENCE_WORD.search(before):
        return False
    if not _is_phone(value, before) or (re.search(r"[\w.]$|[#:/]\s?$", before) and not _PHONE_WORD.search(before)):
        return False
    separated = re.search(r"[\s().-]", value.strip("+")) is not None
    if not (value.startswith("+") or (separated and value[0] in "(0123456789") or _PHONE_WORD.search(before)):
        return False
    return _valid_number(value)


@lru_cache(maxsize=4096)
def _valid_number(value: str) -> bool:
    """Return whether libphonenumber knows the number as one that can be assigned."""
    import phonenumbers

    for region in (None,) if value.startswith("+") else _REGIONS:
        try:
            if phonenumbers.is_valid_number(phonenumbers.parse(value, region)):
                return True
        except phonenumbers.NumberParseException:
            continue
    return False


_PHONE = pattern(
    r"""(?<![\w$€£.,/-])(?:\+|00)?\(?\+?\d(?:[\s().\-/\u2010-\u2013]{0,3}\d){6,14}
    (?:\s*(?:x|ext\.?|extension|durchwahl)\s*\d{1,6})?(?![\w%€$£]|[.,]\d)"""
)

CONTACT_RULES = (
    Rule(
        entity="EMAIL_ADDRESS",
        # `help@bank.test` is as good as `help@bank.com`: no list of top-level domains is asked.
        pattern=pattern(r"(?<![\w.+%-])[\w.+%'’-]{1,64}@(?:[\w-]{1,63}\.)+[a-z]{2,24}\b"),
        score=1.0,
        needs=lambda facts: "@" in facts.text,
        precise=True,
    ),
    Rule(
        entity="EMAIL_ADDRESS",
        pattern=pattern(r"[\w.+%-]{2,64}\s{0,2}[@＠]\s{0,2}[\w-]+(?:\s?\.\s?[\w-]+)*\s?\.\s?[a-z]{2,24}\b"),
        score=0.9,
        needs=lambda facts: "@" in facts.text or "＠" in facts.text,
    ),
    Rule(
        entity="EMAIL_ADDRESS",
        pattern=pattern(
            rf"\b[\w+%-]{{1,64}}(?:(?:{_DOT}|\.|\s+(?:underscore|dash|hyphen|minus)\s+)[\w+%-]{{1,64}}){{0,4}}{_AT}[\w-]+(?:{_DOT}[\w-]+){{1,3}}"
        ),
        score=0.9,
        needs=lambda facts: facts.holds("dot", "punkt", "punto", "ponto"),
    ),
    Rule(
        entity="EMAIL_ADDRESS",
        pattern=pattern(rf"\b[\w.+%-]{{2,64}}{_AT}(?:{_PROVIDERS}\s?\.\s?[a-z]{{2,3}}(?:\.[a-z]{{2}})?)\b"),
        score=0.9,
        needs=lambda facts: "." in facts.text and facts.holds("at", "@", "arroba"),
    ),
    Rule(
        entity="PHONE_NUMBER",
        pattern=_PHONE,
        score=1.0,
        needs=lambda facts: facts.digits >= 7,
        accepts=_is_valid_phone,
        precise=True,
    ),
    Rule(
        entity="PHONE_NUMBER",
        pattern=_PHONE,
        score=0.6,
        needs=lambda facts: facts.digits >= 7,
        accepts=_is_phone,
    ),
    Rule(
        entity="PHONE_NUMBER",
        pattern=pattern(rf"\b{_NUMBER_WORD}(?:[\s,.-]+{_NUMBER_WORD}){{6,}}\b"),
        score=0.8,
        needs=lambda facts: facts.holds("three", "five", "seven", "nine", "drei", "fünf", "tres", "cinco"),
    ),
    Rule(
        entity="PHONE_NUMBER",
        pattern=pattern(
            r"\b(?:phone|mobile|cell|tel|telephone|fax|handynummer|rufnummer|telefonnummer|whatsapp)(?:\s*(?:number|no\.?|nr\.?|is|ist|:|\#|ends?\s+(?:in|with)))*\s*([(+]?\d[\d\s().-]{2,}\d)"
        ),
        group=1,
        score=0.7,
        needs=lambda facts: facts.digits >= 4,
    ),
    Rule(
        entity="IP_ADDRESS",
        pattern=pattern(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)"),
        score=0.95,
        needs=lambda facts: facts.digits >= 4 and facts.text.count(".") >= 3,
        accepts=_is_ip,
    ),
    Rule(
        entity="IP_ADDRESS",
        pattern=pattern(r"(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])"),
        score=0.95,
        needs=lambda facts: facts.text.count(":") >= 2,
        accepts=lambda value, before: (
            len(value) > 4 and not re.fullmatch(r"[\d:]{5,8}", value) and _is_ip(value, before)
        ),
    ),
    Rule(
        entity="MAC_ADDRESS",
        pattern=pattern(r"\b[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}\b"),
        score=1.0,
        needs=lambda facts: facts.text.count(":") >= 5 or facts.text.count("-") >= 5,
    ),
    Rule(
        entity="URL",
        pattern=pattern(r"\b[a-z][a-z0-9+.-]*://[^\s/@]+:[^\s/@]*@[^\s<>\"']+"),
        score=1.0,
        needs=lambda facts: "://" in facts.text and "@" in facts.text,
        precise=True,
    ),
    Rule(
        entity="URL",
        pattern=pattern(
            r"\bhttps?://[^\s<>\"']*[?&;](?:[\w-]*(?:token|key|sig|mail|user|name|id|session|code|phone)[\w-]*)=[^\s<>\"']+"
        ),
        score=0.9,
        needs=lambda facts: "http" in facts.lower and "=" in facts.text,
    ),
    Rule(
        entity="URL",
        pattern=pattern(
            r"\b(?:https?://)?(?:[\w-]{1,63}\.)?(?:linkedin\.com/in|facebook\.com|fb\.me|instagram\.com|twitter\.com|x\.com|tiktok\.com|github\.com|t\.me|wa\.me|xing\.com/profile)/[\w.@%+-]+"
        ),
        score=0.9,
        needs=lambda facts: "/" in facts.text and "." in facts.text,
    ),
)
