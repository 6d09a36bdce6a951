"""Papers and what stands in them: social security numbers, passports, licences, plates, vehicles, dates of birth."""

import re

from harness.pii.checksums import compact, passes_luhn
from harness.pii.lexicon import words
from harness.pii.quantities import is_counted, is_money
from harness.pii.rules import Rule, digits_of, pattern, word_set

_MONTH = r"(?:jan|feb|mar|mär|apr|may|mai|maj|mei|jun|jul|aug|sep|oct|okt|out|nov|dec|dez|des|ene|abr|ago|set|dic|janv|févr|avr|juin|juil|août|déc|gen|mag|giu|lug|ott|fev|mars)[a-zäéûçš]*\.?"
_ANY_DATE = rf"""(?:\d{{4}}\s?[-/.\s]\s?\d{{1,2}}\s?[-/.\s]\s?\d{{1,2}}|\d{{1,2}}\s?[-/.\s]\s?\d{{1,2}}\s?[-/.\s]\s?\d{{2,4}}
    |\d{{1,2}}(?:st|nd|rd|th|\.|º|er)?\s+(?:of\s+|de\s+)?{_MONTH}(?:,?\s+(?:de\s+)?(?:\d{{4}}|[’']?\d{{2}}))?|{_MONTH}\s+(?:the\s+)?\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+(?:of\s+)?(?:\d{{4}}|[’']?\d{{2}}(?!\d)))?
    |\d{{1,2}}-{_MONTH}-\d{{2,4}}|(?:19|20)\d{{2}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|[12]\d|3[01])(?:19|20)?\d{{2}})(?![\d])"""
# A whole date this long ago is somebody's birthday more often than anything else that people write to an assistant.
_BIRTH_YEAR = r"(?:19[2-9]\d|200\d|201[0-2])"
_BIRTH_DATE = rf"""(?:\d{{1,2}}([-/.\s])\d{{1,2}}\1{_BIRTH_YEAR}|{_BIRTH_YEAR}([-/.])\d{{1,2}}\2\d{{1,2}}
    |\d{{1,2}}(?:st|nd|rd|th|\.)?\s+(?:of\s+|de\s+)?{_MONTH},?\s+(?:de\s+)?{_BIRTH_YEAR}|{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+{_BIRTH_YEAR})"""
_BIRTH_PARTS = (
    "born", "birth", "dob", "d.o.b", "bday", "b-day", "gebor", "geburt", "geb.", "geb ", "naci", "née", "né ", "naiss", "nasc", "nato ", "nata ", "nascita",
    "född", "født", "fødsel", "syntyn", "urodz", "doğum", "рожд", "nacimiento", "geboorte", "cumple", "anniversaire",
)  # fmt: skip
_SHORT_TEXT = 100
_OF_ONESELF = word_set("i my me mine i'm verify ich mein meine je mon ma mi yo meu minha eu io mio dob confirm")
"""In a long text about others, an old date is history."""
_LICENCE = (
    r"(?:driv(?:er|ing)[’']?s?\s+(?:licen[cs]e|permit)|driv(?:er|ing)s[’']\s+licen[cs]e|licen[cs]e|dl|d/l|führerschein|permis(?:\s+de\s+conduire)?"
    r"|patente|carnet\s+de\s+conducir|licencia(?:\s+de\s+conducir)?|carta\s+de\s+condução|cnh|rijbewijs|körkort|førerkort|kørekort|prawo\s+jazdy)"
)
_OF = r"(?:[\s-]*(?:number|numbers|no\.?|nr\.?|nummer|num|id|\#|número|numero|numéro|n°|nº))?(?:\s*(?:(?:is|are|was|ist|es|est|é|è)(?!\w)|[:=\#,-]))*\s*"
_VIN_VALUES = dict(
    zip("0123456789ABCDEFGHJKLMNPRSTUVWXYZ", (*range(10), *range(1, 9), *range(1, 6), 7, 9, *range(2, 10)), strict=True)
)
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_PLATE_WORDS = word_set(
    "plate plates coche voiture truck registration reg numberplate licence license vehicle car van truck motorbike kennzeichen nummernschild auto wagen matrícula matricula immatriculation"
    " plaque targa kenteken placa registreringsnummer regnr tablica rego tag parked"
)


def _is_ssn(value: str, _before: str, _after: str) -> bool:
    digits = digits_of(value)
    return digits[:3] not in {"000", "666"} and digits[0] != "9" and digits[3:5] != "00" and digits[5:] != "0000"


def _is_vin(value: str, _before: str, _after: str) -> bool:
    """Return whether the ninth place is the check digit that 49 CFR 565.15 prescribes."""
    vin = value.upper()
    total = sum(_VIN_VALUES[c] * weight for c, weight in zip(vin, _VIN_WEIGHTS, strict=True))
    return vin[8] == "0123456789X"[total % 11] and sum(c.isdigit() for c in vin) >= 4


def _is_code(value: str, before: str, after: str) -> bool:
    return sum(c.isdigit() for c in value) >= 2 and not is_money(before) and not is_counted(after)


def _is_birth_date(_value: str, before: str, after: str) -> bool:
    """Return whether an old date is no entry's: those have a time of day behind them."""
    return not re.match(r"[ T]\d{1,2}:\d\d", after) and not re.search(
        r"\b(?:since|copyright|version|released)\s+$", before, re.IGNORECASE
    )


DOCUMENT_RULES = (
    Rule(
        entity="US_SSN",
        pattern=pattern(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])"),
        score=1.0,
        digits=9,
        needs=lambda facts: "-" in facts.text,
        accepts=_is_ssn,
        precise=True,
    ),
    Rule(
        entity="US_SSN",
        pattern=pattern(r"(?<!\w)\d{3}\s?[\s./–-]\s?\d{2}\s?[\s./–-]\s?\d{4}(?!\w)"),
        score=0.8,
        digits=9,
    ),
    Rule(
        entity="US_SSN",
        pattern=pattern(
            r"\b(?:ssn|itin|social(?:\s+security)?|soc(?:\s+sec)?)\b(?:\s*(?:number|no\.?|\#|num|card))?[^\d\n]{0,40}?(\d[\d\s.-]{2,12}\d)(?!\w)"
        ),
        group=1,
        score=0.9,
        digits=4,
        words=frozenset(("ssn", "social", "itin", "soc")),
        accepts=lambda value, before, _after: not is_money(before) and not re.fullmatch(r"(?:19|20)\d\d", value),
    ),
    Rule(
        entity="ID",
        pattern=pattern(r"(?<![\w-])\d{2}-\d{7}(?![\w-])"),
        score=0.8,
        digits=9,
    ),
    Rule(
        entity="US_DRIVER_LICENSE",
        pattern=pattern(
            rf"\b{_LICENCE}\b{_OF}((?!plates?\b)(?=[A-Z]{{0,5}}[ -]?[*\d]|[A-Z]+\d)[A-Z0-9*]+(?:[ -](?=[A-Z0-9]*\d)[A-Z0-9]+){{0,6}})(?!\w)"
        ),
        group=1,
        score=0.88,
        digits=3,
        words=word_set(
            "license licence licences permit dl d führerschein permis patente carnet licencia carta cnh rijbewijs körkort førerkort kørekort prawo"
        ),
        accepts=lambda value, before, after: len(compact(value)) >= 4 and _is_code(value, before, after),
    ),
    Rule(
        entity="US_PASSPORT",
        pattern=pattern(
            rf"\b(?:passport|pasaporte|passeport|reisepass|pass(?:nummer|nr)|passaporto?|paspoort|paszport|passaporte|pasaport|паспорт)\b{_OF}((?=[A-Z0-9 -]*\d)[A-Z0-9]+(?:[ -](?=[A-Z0-9]*\d)[A-Z0-9]+){{0,4}})(?!\w)"
        ),
        group=1,
        score=0.9,
        digits=3,
        words=word_set(
            "passport pasaporte passeport reisepass passnummer passnr passaport passaporto passaporte paspoort paszport pasaport паспорт"
        ),
        accepts=lambda value, before, after: len(compact(value)) >= 5 and _is_code(value, before, after),
    ),
    Rule(
        entity="DATE_OF_BIRTH",
        pattern=pattern(
            rf"""\b(?:born|dob|d\.?o\.?b\.?|date\s+of\s+birth|birth\s?-?(?:da(?:y|te))?|b-?day|geboren|geburtsdatum|geburtstag|geb\.?|nacid[oa]|nacimiento|cumpleaños|née?|naissance|anniversaire|nascid[oa]|nascimento|nat[oa]\s+il|nascita|geboorte(?:datum|dag)?
            |född|födelse\w*|født|fødsels\w*|syntyny?t|syntymä\w*|urodz\w*|ur\.|doğum\w*|рожд\w*)[^\d\n]{{0,24}}?({_ANY_DATE})"""
        ),
        group=1,
        score=0.9,
        digits=1,
        holds=(*_BIRTH_PARTS, "ur."),
    ),
    Rule(
        entity="DATE_OF_BIRTH",
        pattern=pattern(
            rf"\b(?:born|dob|birth|birthday|bday|geboren|geburtstag|nacid[oa]|née?|nascid[oa])\b[^\d\n]{{0,16}}?({_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?|(?:(?:in|en|im|em)\s+)?(?:{_MONTH}\s+(?:de\s+)?)?(?:19|20)\d\d)(?!\w)"
        ),
        group=1,
        score=0.7,
        digits=1,
        holds=_BIRTH_PARTS,
    ),
    Rule(
        entity="DATE_OF_BIRTH",
        pattern=pattern(rf"(?<![\w./-]){_BIRTH_DATE}(?!\w|[-/.]\d)"),
        score=0.6,
        digits=5,
        needs=lambda facts: len(facts.text) <= _SHORT_TEXT or not facts.words.isdisjoint(_OF_ONESELF),
        accepts=_is_birth_date,
    ),
    Rule(
        entity="ID",
        pattern=pattern(r"(?<!\w)(?=[A-Z]*\d)[A-HJ-NPR-Z0-9]{17}(?!\w)"),
        score=1.0,
        digits=4,
        accepts=_is_vin,
    ),
    Rule(
        entity="ID",
        pattern=pattern(r"(?<!\w)\d{2}[\s-]?\d{6}[\s-]?\d{6}[\s-]?\d(?!\w)"),
        score=0.95,
        digits=15,
        words=frozenset(("imei", "device", "handset", "phone", "meid")),
        accepts=lambda value, _before, _after: passes_luhn(digits_of(value)),
    ),
    Rule(
        entity="ID",
        # Plates: Great Britain, France and Italy, Spain, the Netherlands, Germany; they need a word about vehicles unless their form is rare.
        pattern=pattern(
            r"""(?<![\w-])(?:[A-Z]{2}\d{2}\s?[A-Z]{3}|[A-Z]{2}[-\s]\d{3}[-\s][A-Z]{2}|\d{4}[\s-]?[BCDFGHJKLMNPRSTVWXYZ]{3}|\d{2}-[A-Z]{2,3}-\d{1,2}|[A-Z]{1,2}-\d{2,3}-[A-Z]{1,2}|\d{1,2}-[A-Z]{2,3}-\d{1,2}
            |[A-ZÄÖÜ]{1,3}[-\s:][A-Z]{1,2}\s?\d{1,4}[EH]?|[A-Z]{3}[\s-]?\d{3,4}|\d{3}[\s-]?[A-Z]{3}|\d[A-Z]{3}\d{3}|[A-Z]{2}\s?\d{2}\s?[A-Z]{1,2}\s?\d{4}|[A-Z]{3}\s?\d[A-Z]\d{2})(?![\w-])"""
        ),
        score=0.75,
        digits=1,
        words=_PLATE_WORDS,
        accepts=lambda value, before, after: _is_plate(value, before, after),
    ),
    Rule(
        entity="ID",
        pattern=pattern(r"(?<![\w-])(?:[A-Z]{2}\d{2}\s[A-Z]{3}|[A-Z]{2}-\d{3}-[A-Z]{2})(?![\w-])", exact_case=True),
        score=0.7,
        digits=2,
    ),
    Rule(
        entity="ID",
        pattern=pattern(
            rf"\b(?:(?:licen[cs]e|number|registration|vehicle|car)\s+plates?|number\s?plate|plates?|registration|reg|rego|(?:my|our|the|a)\s+(?:car|vehicle|van|truck|motorbike)|mein\s+(?:auto|wagen)|mi\s+coche|ma\s+voiture|kennzeichen|matr[íi]cula|immatriculation|targa|kenteken|placa)\b{_OF}((?=[\w ・-]*\d)[^\W_]{{1,8}}(?:[ -]+(?!(?:was|is|has|had|and|in|on|at|to|got|for|the|a|my|it|but|or|i|of|by|with|from|as|can|you|are)\b)(?=[^\W\d_]{{1,3}}(?!\w)|[^\W\d_]*\d)[^\W_]{{1,5}}){{0,3}})(?!\w)"
        ),
        group=1,
        score=0.85,
        digits=1,
        words=_PLATE_WORDS,
        accepts=lambda value, before, after: _is_told_plate(value, before, after),
    ),
)


_NO_PLATE = re.compile(
    r"(?:USB|PCI|DVI|HDR|XL|THE|AND|FOR|ROW|ABS|GPS|SUV|EUR|USD|GBP|CHF|MPH|KMH|KPH|RPM|BHP)\b.*|.*\d\s?(?:KM|MPH|KMH|USD|EUR|GBP|CHF|MIN|HRS|DAY|THE|AND|FOR)",
    re.IGNORECASE,
)


def _is_told_plate(value: str, before: str, after: str) -> bool:
    """Return whether what follows "my car" or "number plate" has both letters and figures and is no amount."""
    letters = re.findall(r"[^\W\d_]+", value.lower())
    if (
        not letters
        or not any(c.isdigit() for c in value)
        or sum(c.isalnum() for c in value) < 4
        or is_money(before)
        or is_counted(after)
        or re.match(r"\d{1,2}(?:st|nd|rd|th)\b", value)
    ):
        return False
    return value.isupper() or not any(
        len(part) > 2 and (part in words("common_words") or part in words("quantities")) for part in letters
    )


def _is_plate(value: str, before: str, after: str) -> bool:
    """Return whether letters and figures by a word about vehicles are a plate; in lower case only if they are unlike words."""
    if _NO_PLATE.fullmatch(value) or is_money(before) or is_counted(after):
        return False
    letters = re.findall(r"[^\W\d_]+", value.lower())
    if value.isupper():
        return True
    return len(compact(value)) >= 6 and not any(
        part in words("common_words") or (len(part) > 2 and re.search(r"[aeiouy]", part)) for part in letters
    )
