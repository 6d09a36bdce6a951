"""Numbers and codes that stand for a person: cards, accounts, national ids, references, dates of birth, secrets."""

import re

from harness.pii.contacts import DATE, MONEY
from harness.pii.rules import Rule, digits_of, pattern

_IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AT": 20, "BE": 16, "BG": 22, "BR": 29, "CH": 21, "CY": 21, "CZ": 24, "DE": 22, "DK": 18, "EE": 20,
    "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IS": 26, "IT": 27, "LI": 21,
    "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "RS": 22, "SA": 24,
    "SE": 24, "SI": 19, "SK": 24, "SM": 27, "TR": 26, "UA": 29, "XK": 20,
}  # fmt: skip


def passes_luhn(digits: str) -> bool:
    """Return whether a string of digits passes the Luhn check (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit)
        total += number if place % 2 == 0 else (number * 2 - 9 if number > 4 else number * 2)
    return total % 10 == 0


def passes_mod97(iban: str) -> bool:
    """Return whether a compact IBAN has its country's length and passes the mod-97 check (ISO 13616)."""
    value = iban.upper()
    if len(value) != _IBAN_LENGTHS.get(value[:2], len(value)) or not 15 <= len(value) <= 34:
        return False
    return int("".join(str(int(c, 36)) for c in value[4:] + value[:4])) % 97 == 1


def _compact(value: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "", value)


def _is_card(value: str, _before: str) -> bool:
    digits = digits_of(value)
    return 13 <= len(digits) <= 19 and len(set(digits)) > 1 and digits[0] in "23456" and passes_luhn(digits)


def _is_iban(value: str, _before: str) -> bool:
    return passes_mod97(_compact(value))


def _has_iban_shape(value: str, _before: str) -> bool:
    return _compact(value)[:2].upper() in _IBAN_LENGTHS


def _is_ssn(value: str, _before: str) -> bool:
    digits = digits_of(value)
    return digits[:3] not in {"000", "666"} and digits[0] != "9" and digits[3:5] != "00" and digits[5:] != "0000"


_UNIT = re.compile(
    r"\d+(?:st|nd|rd|th|am|pm|km|kg|gb|mb|tb|ms|min|mins|px|mm|cm|usd|eur|gbp|chf|k|m|x|hrs?|days?|years?|mbps|kwh|dpi|hz|mah|s)",
    re.IGNORECASE,
)


def _is_reference(value: str, before: str) -> bool:
    """Return whether a token of letters and digits looks like somebody's reference rather than a size or a product."""
    digits = sum(c.isdigit() for c in value)
    if digits < 3 or _UNIT.fullmatch(value) or DATE.fullmatch(value):
        return False
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}t\d.*", value, re.IGNORECASE) or MONEY.search(before):
        return False
    return digits >= 4 or bool(re.search(r"[A-Za-z].*\d.*[A-Za-z]|\d.*[A-Za-z].*\d", value))


def _is_number(value: str, before: str) -> bool:
    return not MONEY.search(before) and not DATE.fullmatch(value)


def _holds_digit(value: str, before: str) -> bool:
    return (
        any(c.isdigit() for c in value)
        and not MONEY.search(before)
        and not DATE.fullmatch(value)
        and not _UNIT.fullmatch(value)
    )


_LABELS = r"""(?:account|acct|a/c|order|booking|reservation|ticket|case|reference|ref|customer|client|member(?:ship)?|policy|invoice
    |passport|licen[cs]e|permit|tracking|parcel|confirmation|transaction|tax|ssn|social\s+security|insurance|national|student
    |employee|patient|loyalty|frequent\s+flyer|sort|routing|swift|bic|vin|plate|registration|serial|imei|id|nhs|card|iban
    |konto|kunden|bestell|auftrags|rechnungs|vertrags|ausweis|reisepass|führerschein|steuer|vorgangs|cuenta|pedido|cliente
    |factura|pasaporte|referencia|dni|nie|nif|compte|commande|dossier|passeport|conta|fatura|cpf|cnpj)"""
_NUMBER = r"(?:[\s-]*(?:number|numbers|no\.?|nr\.?|nummer|num|id|code|\#|número|numero|numéro|ref))?"
_LINK = r"(?:\s*(?:is|are|was|ist|es|est|é|:|=|\#|,|ending\s+(?:in|with)|ends\s+(?:in|with)|the\s+one|would\s+be))*\s*"
_MONTH = r"(?:jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez|ene|abr|ago|dic|janv|févr|avr|juin|juil|août|déc)[a-zäéû]*\.?"
_ANY_DATE = rf"""(?:\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}|\d{{1,2}}[-/.\s]\d{{1,2}}[-/.\s]\d{{2,4}}
    |\d{{1,2}}(?:st|nd|rd|th|\.)?\s+(?:of\s+|de\s+)?{_MONTH}(?:,?\s+(?:de\s+)?\d{{2,4}})?|{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+\d{{2,4}})?)"""
# A whole date this long ago is somebody's birthday more often than anything else that people write to an assistant.
_BIRTH_YEAR = r"(?:19\d\d|200\d|201[0-2])"
_BIRTH_DATE = rf"""(?:\d{{1,2}}([-/.\s])\d{{1,2}}\1{_BIRTH_YEAR}|{_BIRTH_YEAR}([-/.])\d{{1,2}}\2\d{{1,2}}
    |\d{{1,2}}(?:st|nd|rd|th|\.)?\s+(?:of\s+|de\s+)?{_MONTH},?\s+(?:de\s+)?{_BIRTH_YEAR}|{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+{_BIRTH_YEAR})"""

DOCUMENT_RULES = (
    Rule(
        entity="CREDIT_CARD",
        pattern=pattern(r"(?<![\w.-])\d(?:[\s.-]?\d){12,18}(?![\w-])"),
        score=1.0,
        needs=lambda facts: facts.digits >= 13,
        accepts=_is_card,
        precise=True,
    ),
    Rule(
        entity="CREDIT_CARD",
        pattern=pattern(r"(?<!\w)(?:\d{4}[\s.-]?){3}\d{1,7}(?!\w)|(?<!\w)3[47]\d{2}[\s.-]?\d{6}[\s.-]?\d{5}(?!\w)"),
        score=0.7,
        needs=lambda facts: facts.digits >= 13,
    ),
    Rule(
        entity="CREDIT_CARD",
        pattern=pattern(
            r"\b(?:card|visa|mastercard|amex|karte|tarjeta|carte)\b[^\d\n]{0,24}?(?:ending|ends|endet|last\s+(?:four|4)|terminada|finissant)[^\d\n]{0,20}(\d{4})\b"
        ),
        group=1,
        score=0.9,
        needs=lambda facts: facts.digits >= 4,
    ),
    Rule(
        entity="IBAN_CODE",
        pattern=pattern(r"\b[A-Z]{2}\d{2}(?:[\s-]?[A-Z0-9]{4}){2,7}(?:[\s-]?[A-Z0-9]{1,3})?\b"),
        score=1.0,
        needs=lambda facts: facts.digits >= 8,
        accepts=_is_iban,
        precise=True,
    ),
    Rule(
        entity="IBAN_CODE",
        pattern=pattern(r"\b[A-Z]{2}\d{2}(?:[\s-]?(?=[A-Z0-9]*\d)[A-Z0-9]{3,4}){3,7}(?:[\s-]?[A-Z0-9]{1,3})?\b"),
        score=0.7,
        needs=lambda facts: facts.digits >= 8,
        accepts=_has_iban_shape,
    ),
    Rule(
        entity="US_SSN",
        pattern=pattern(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])"),
        score=1.0,
        needs=lambda facts: facts.digits >= 9 and "-" in facts.text,
        accepts=_is_ssn,
        precise=True,
    ),
    Rule(
        entity="US_SSN",
        pattern=pattern(r"(?<!\w)\d{3}[\s.-]\d{2}[\s.-]\d{4}(?!\w)"),
        score=0.8,
        needs=lambda facts: facts.digits >= 9,
    ),
    Rule(
        entity="US_SSN",
        pattern=pattern(r"\b(?:ssn|social(?:\s+security)?(?:\s+number)?)\b[^\d\n]{0,30}(\d[\d\s.-]{2,12}\d)"),
        group=1,
        score=0.9,
        needs=lambda facts: facts.digits >= 4 and facts.holds("ssn", "social"),
    ),
    Rule(
        entity="DATE_OF_BIRTH",
        pattern=pattern(
            rf"\b(?:born|dob|d\.o\.b\.?|date\s+of\s+birth|birth\s?da(?:y|te)|geboren|geburtsdatum|geburtstag|nacid[oa]|nacimiento|née?\s+le|naissance|nascid[oa]|nascimento)\b[^\d\n]{{0,24}}?({_ANY_DATE})"
        ),
        group=1,
        score=0.9,
        needs=lambda facts: (
            facts.digits >= 2
            and facts.holds("born", "birth", "dob", "d.o.b", "gebor", "geburt", "naci", "née", "né le", "naiss", "nasc")
        ),
    ),
    Rule(
        entity="DATE_OF_BIRTH",
        pattern=pattern(rf"(?<![\w./-]){_BIRTH_DATE}(?!\w|[-/.]\d)"),
        score=0.6,
        needs=lambda facts: facts.digits >= 5,
    ),
    Rule(
        entity="ID",
        pattern=pattern(
            rf"\b{_LABELS}{_NUMBER}{_LINK}((?=[\w/-]*\d)[A-Z0-9](?:[A-Z0-9]|[/_-](?=[A-Z0-9])){{3,}}(?:\s\d{{2,}})*)\b"
        ),
        group=1,
        score=0.85,
        needs=lambda facts: facts.digits >= 2,
        accepts=_holds_digit,
    ),
    Rule(
        entity="ID",
        pattern=pattern(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"),
        score=0.95,
        needs=lambda facts: facts.text.count("-") >= 4,
    ),
    Rule(
        entity="ID",
        pattern=pattern(r"(?<![\w@./-])\#?(?=[\w-]*\d)(?=[\w-]*[a-z])[a-z0-9]+(?:[_-][a-z0-9]+)*(?![\w@])(?!\.\w)"),
        score=0.6,
        needs=lambda facts: facts.digits >= 3,
        accepts=lambda value, before: len(value) >= 6 and _is_reference(value, before),
    ),
    Rule(
        entity="ID",
        pattern=pattern(r"(?<![\w$€£.,/+-])\#?\d(?:[-\s]?\d){5,}(?![\w%€$£]|[.,:/]\d)"),
        score=0.5,
        needs=lambda facts: facts.digits >= 6,
        accepts=_is_number,
    ),
    Rule(
        entity="ID",
        pattern=pattern(
            r"\b(?:user\s?name|login|user\s?id|handle|nickname|benutzername|usuario|identifiant|skype|telegram|insta(?:gram)?)\b(?:\s*(?:is|:|=|ist|es|est))+\s*[\"'@]?([\w][\w.-]{2,31})"
        ),
        group=1,
        score=0.8,
        needs=lambda facts: facts.holds(
            "user", "login", "handle", "nick", "benutzer", "usuario", "identif", "skype", "tele", "insta"
        ),
        accepts=lambda value, _before: (
            value.lower()
            not in {"not", "the", "wrong", "invalid", "blocked", "locked", "incorrect", "correct", "and", "required"}
        ),
    ),
    Rule(
        entity="ID",
        pattern=pattern(r"(?<![\w@.])@[a-z_][\w.]{2,30}\b"),
        score=0.7,
        needs=lambda facts: "@" in facts.text,
    ),
)

SECRET_RULES = (
    Rule(
        entity="API_KEY",
        pattern=pattern(
            r"""(?<!\w)(?:(?:AKIA|ASIA)[A-Z0-9]{16}|(?:sk|pk|rk)[-_](?:live|test|proj|ant|or)?[-_]?[A-Za-z0-9_-]{16,}|gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,}
            |xox[abposr]-[A-Za-z0-9-]{10,}|AIza[\w-]{30,}|glpat-[\w-]{16,}|(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{4,})""",
            exact_case=True,
        ),
        score=1.0,
        needs=lambda facts: facts.holds(
            "akia", "asia", "sk-", "sk_", "pk_", "rk_", "gh", "xox", "aiza", "glpat", "eyj"
        ),
        precise=True,
    ),
    Rule(
        entity="API_KEY",
        pattern=pattern(
            r"-----BEGIN[ ][A-Z ]*PRIVATE[ ]KEY-----[\s\S]*?(?:-----END[ ][A-Z ]*PRIVATE[ ]KEY-----|\Z)",
            exact_case=True,
        ),
        score=1.0,
        needs=lambda facts: "-----begin" in facts.lower,
        precise=True,
    ),
    Rule(
        entity="PASSWORD",
        pattern=pattern(
            r"\b(?:password|passwort|passcode|pwd|contraseña|mot\s+de\s+passe|senha|pin|cvv|cvc|otp|security\s+code|one[\s-]time\s+code)\b(?:\s+(?:code|number))?\s*(?:is|:|=|ist|es|est|é)\s*[\"']?((?=\S*[\d!$%&*_\#])[^\s\"',;]{3,64})"
        ),
        group=1,
        score=0.8,
        needs=lambda facts: facts.holds("pass", "pwd", "contrase", "senha", "pin", "cvv", "cvc", "otp", "code"),
    ),
    Rule(
        entity="CRYPTO",
        pattern=pattern(
            r"\b(?:0x[0-9a-fA-F]{40}|bc1[02-9ac-hj-np-z]{20,60}|[13][1-9A-HJ-NP-Za-km-z]{25,34})\b", exact_case=True
        ),
        score=0.9,
        needs=lambda facts: facts.digits >= 3,
    ),
)
