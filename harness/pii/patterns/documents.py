"""Papers and what stands in them: social security numbers, passports, licences, plates, vehicles, dates of birth."""

import re

from harness.pii.lexicon import words
from harness.pii.patterns.checksums import compact, passes_luhn
from harness.pii.patterns.quantities import is_counted, is_money
from harness.pii.patterns.rules import Rule, digits_of, pattern, word_set

MONTH = (
    r"(?:jan|feb|mar|mär|maa|apr|may|mai|maj|mei|jun|jul|aug|sep|oct|okt|out|nov|dec|dez|des|ene|abr|ago|set|dic|janv|févr|avr|juin|juil|août|déc|gen|mag|giu|lug|ott|fev|mars"
    r"|ocak|şub|nis|haz|tem|ağu|eyl|eki|kas|ara|sty|lut|kwi|cze|lip|sie|wrz|paź|lis|gru|agu|янв|фев|мар|апр|мая|июн|июл|авг|сен|окт|ноя|дек)[^\W\d_]*\.?"
)
_ANY_DATE = rf"""(?:\d{{4}}\s?[-/.\s]\s?\d{{1,2}}\s?[-/.\s]\s?\d{{1,2}}|\d{{1,2}}\s?[-/.\s]\s?\d{{1,2}}\s?[-/.\s]\s?\d{{2,4}}
    |\d{{1,2}}(?:st|nd|rd|th|\.|º|er)?\s+(?:of\s+|de\s+)?{MONTH}(?:,?\s+(?:de\s+)?(?:\d{{4}}|[’']?\d{{2}}))?|{MONTH}\s+(?:the\s+)?\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+(?:of\s+)?(?:\d{{4}}|[’']?\d{{2}}(?!\d)))?
    |\d{{1,2}}-?{MONTH}-?\d{{2,4}}|(?:19|20)\d{{2}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|[12]\d|3[01])(?:19|20)?\d{{2}})(?![\d])"""
# A whole date this long ago is somebody's birthday more often than anything else that people write to an assistant.
_BIRTH_YEAR = r"(?:19[2-9]\d|200\d|201[0-2])"
_BIRTH_DATE = rf"""(?:\d{{1,2}}([-/.\s])\d{{1,2}}\1{_BIRTH_YEAR}|{_BIRTH_YEAR}([-/.])\d{{1,2}}\2\d{{1,2}}
    |\d{{1,2}}(?:st|nd|rd|th|\.)?\s+(?:of\s+|de\s+)?{MONTH},?\s+(?:de\s+)?{_BIRTH_YEAR}|{MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+{_BIRTH_YEAR})"""
_BIRTH_WORDS = word_set(
    "born birth births birthday birthdays birthdate birthdates birthyear bday bdays b dob geboren geborene geburt geburtsdatum geburtstag geburtsjahr geburtsort geb jahrgang"
    " nacido nacida nacimiento cumple cumpleaños née né naissance anniversaire nascido nascida nascimento nato nata nascita geboorte geboortedatum geboortedag geboortejaar"
    " född fodd födelse födelsedatum födelsedag födelsedagen födelsetid födelseår født fødselsdato fødselsdag fødselsår fødselstid syntynyt syntyny syntymä syntymäaika syntymäaikani"
    " syntymäpäivä syntymävuosi urodz urodzony urodzona urodzenia urodziłem urodziłam urodziny ur doğum doğumlu doğumlum doğumgünü рожд рождения рождение родился родилась"
)
_MONTH_WORDS = word_set(
    "january february march april may june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec"
    " januar februar märz mai juni juli oktober dezember janvier février mars avril juin juillet août septembre octobre novembre décembre"
    " enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre"
    " janeiro fevereiro março maio junho julho setembro outubro novembro dezembro januari februari maart mei augustus maj augusti desember"
)
_HIGH_AGES = frozenset(map(str, range(90, 120)))
_ORDINALS = r"(?:(?:twenty|thirty)[\s-])?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|thirtieth)"
_SAID_DAY = rf"(?:\d{{1,2}}(?:st|nd|rd|th)?|{_ORDINALS})"
_SAID_YEAR = r"(?:nineteen[\s-](?:oh[\s-]|hundred(?:\s+and)?[\s-])?(?:[a-z]+teen|ten|eleven|twelve|(?:twen|thir|for|fif|six|seven|eigh|nine)ty)?(?:[\s-]?(?:one|two|three|four|five|six|seven|eight|nine))?|(?:forty|fifty|sixty|seventy|eighty|ninety)(?:[\s-](?:one|two|three|four|five|six|seven|eight|nine))?|two\s+thousand(?:\s+(?:and\s+)?[a-z]+)?|[’']?(?:19)?[4-9]\d(?!\d))"
SAID_DATE = rf"(?:{_SAID_DAY}\s+(?:of\s+|day\s+of\s+)?{MONTH},?\s+{_SAID_YEAR}|{MONTH}\s+(?:the\s+)?{_SAID_DAY},?\s+{_SAID_YEAR})"
"""Days as they are said: "seventh of march nineteen eighty-four", "7th of march 84"."""
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
    " plaque targa kenteken placa registreringsnummer regnr tablica rego tag parked plaka plakası nopol plat polisi biển rejestracja"
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


_LAW_BEFORE = re.compile(
    r"\b(?:loi|lei|ley|act|law|legge|decreto?|décret|directive|directiva|gesetz|verordnung|bgbl|convention|treaty|regulation)\b[^.!?]{0,32}$",
    re.IGNORECASE,
)


def _is_birth_date(_value: str, before: str, after: str) -> bool:
    """Return whether an old date is no entry's: those have a time of day behind them."""
    return (
        not re.match(r"[ T]\d{1,2}:\d\d", after)
        and not re.search(r"\b(?:since|copyright|version|released)\s+$", before, re.IGNORECASE)
        and not _LAW_BEFORE.search(before)
    )


_SAID_WORDS = (
    word_set("nineteen twenty thousand")
    | frozenset(word for start in range(40, 100) for word in (str(start), f"19{start}"))
    | word_set("forty fifty sixty seventy eighty ninety")
)

DOCUMENT_RULES = (
    Rule(
        entity="US_SSN",
        why="US SSN format, in a range that is given out",
        pattern=pattern(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])"),
        score=1.0,
        digits=9,
        needs=lambda facts: "-" in facts.text,
        accepts=_is_ssn,
        precise=True,
    ),
    Rule(
        entity="US_SSN",
        why="US SSN grouping",
        pattern=pattern(r"(?<!\w)\d{3}\s?[\s./–-]\s?\d{2}\s?[\s./–-]\s?\d{4}(?!\w)"),
        score=0.8,
        digits=9,
    ),
    Rule(
        entity="US_SSN",
        why="told to be a social security number",
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
        why="written as a US employer's tax number",
        pattern=pattern(r"(?<![\w-])\d{2}-\d{7}(?![\w-])"),
        score=0.8,
        digits=9,
    ),
    Rule(
        entity="US_DRIVER_LICENSE",
        why="told to be a driving licence's number",
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
        why="told to be a passport's number",
        pattern=pattern(
            rf"\b(?:passport|pasaporte|passeport|reisepass|pass(?:nummer|nr)|passaporto?|paspoort|paszport|passaporte|pasaport|паспорт)\b{_OF}((?:[A-Z0-9][ -]){{5,10}}[A-Z0-9]|(?=(?:[A-Z]{{1,4}}[ -]){{0,3}}[A-Z]{{0,4}}\d|[A-Z0-9]*\d)[A-Z0-9]+(?:[ -](?=[A-Z0-9]*\d)[A-Z0-9]+){{0,4}})(?!\w)"
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
        why="date told to be one of birth",
        pattern=pattern(
            rf"""\b(?:born|dob|d\.?o\.?b\.?|date\s+of\s+birth|birth\s?-?(?:da(?:y|te))?|b-?day|geboren|geburtsdatum|geburtstag|geb\.?|nacid[oa]|nacimiento|cumpleaños|née?|naissance|anniversaire|nascid[oa]|nascimento|nat[oa]\s+il|nascita|geboorte(?:datum|dag)?
            |född|födelse\w*|født|fødsels\w*|syntyny?t|syntymä\w*|urodz\w*|ur\.|doğum\w*|рожд\w*)[^\d\n]{{0,24}}?({_ANY_DATE})"""
        ),
        group=1,
        score=0.9,
        digits=1,
        words=_BIRTH_WORDS,
    ),
    Rule(
        entity="DATE_OF_BIRTH",
        why="part of a date told to be one of birth",
        pattern=pattern(
            rf"\b(?:born|dob|birth|birthday|bday|geboren|geburtstag|jahrgang|geburtsjahr|nacid[oa]|née?|nascid[oa])\b[^\d\n]{{0,16}}?({MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?|(?:(?:in|en|im|em)\s+)?(?:{MONTH}\s+(?:de\s+)?)?(?:(?:19|20)\d\d|[’']\d\d))(?!\w)"
        ),
        group=1,
        score=0.7,
        digits=1,
        words=_BIRTH_WORDS,
    ),
    Rule(
        entity="DATE_OF_BIRTH",
        why="whole date as long ago as a birthday",
        pattern=pattern(rf"(?<![\w./-])(?=\d|[^\W\d_]{{3,14}}\.?\s\d){_BIRTH_DATE}(?!\w|[-/.]\d)"),
        score=0.6,
        digits=5,
        needs=lambda facts: len(facts.text) <= _SHORT_TEXT or not facts.words.isdisjoint(_OF_ONESELF),
        accepts=_is_birth_date,
    ),
    Rule(
        entity="DATE_OF_BIRTH",
        why="a day as it is said, with the year",
        pattern=pattern(rf"(?<!\w){SAID_DATE}(?!\w|[:.,]\d)"),
        score=0.65,
        words=_MONTH_WORDS,
        needs=lambda facts: not facts.words.isdisjoint(_SAID_WORDS),
        accepts=lambda value, before, after: (
            not is_counted(after) and not is_money(before) and _is_birth_date(value, before, after)
        ),
    ),
    Rule(
        entity="DATE_OF_BIRTH",
        why="a date that the words behind it say is a birthday",
        pattern=pattern(
            rf"(?<![\w./-])({_ANY_DATE})(?=[\s,]+(?:(?:is|was|that[’']?s|its|it[’']?s|ist|es|est)\s+)?(?:(?:my|his|her|their|the|mein|mi|mon|ma)\s+)?(?:birth|dob|d\.o\.b|b-?day|geburt|cumple|nacim|naissance|nascim))"
        ),
        group=1,
        score=0.8,
        digits=1,
        words=_BIRTH_WORDS,
    ),
    Rule(
        entity="DATE_OF_BIRTH",
        why="the day on which somebody turned an age",
        pattern=pattern(rf"\bturn(?:ed|s|ing)?\s+\d{{1,3}}\s+(?:(?:on|this|last|next)\s+)?(?:the\s+)?({_ANY_DATE})"),
        group=1,
        score=0.8,
        digits=1,
        words=word_set("turn turned turns turning"),
    ),
    Rule(
        entity="AGE",
        why="an age above 89, which few reach",
        pattern=pattern(
            r"\b(?:i[’']?m|i\s+am|(?:she|he)(?:[’']?s|\s+is)|(?:mother|father|mum|mom|dad|grandmother|grandfather|grandma|grandpa|nan|gran|aunt|uncle|husband|wife|patient)(?:\s+is|[’']s)|aged?|age\s+(?:is|of)|turn(?:ed|ing|s))\s*:?\s*(?:now\s+|already\s+|almost\s+|a\s+)?(9\d|1[01]\d)(?=[\s-]*(?:years?|yrs?|yo\b|y/o|and\b|[,!?]|\.(?!\d)|$))"
        ),
        group=1,
        score=0.7,
        digits=2,
        words=_HIGH_AGES,
    ),
    Rule(
        entity="ID",
        why="the machine-readable lines of a travel document",
        pattern=pattern(r"(?<![A-Z0-9<])(?=[A-Z0-9]*<)(?=[A-Z0-9<]*<<)[A-Z0-9<]{20,}", exact_case=True),
        score=0.95,
        needs=lambda facts: "<<" in facts.text,
    ),
    Rule(
        entity="ID",
        why="vehicle identification number (VIN) with its check digit",
        pattern=pattern(r"(?<!\w)(?=[A-Z]*\d)[A-HJ-NPR-Z0-9]{17}(?!\w)"),
        score=1.0,
        digits=4,
        accepts=_is_vin,
    ),
    Rule(
        entity="ID",
        why="IMEI whose Luhn check digit holds",
        pattern=pattern(r"(?<!\w)\d{2}[\s-]?\d{6}[\s-]?\d{6}[\s-]?\d(?!\w)"),
        score=0.95,
        digits=15,
        words=frozenset(("imei", "device", "handset", "phone", "meid")),
        accepts=lambda value, _before, _after: passes_luhn(digits_of(value)),
    ),
    Rule(
        entity="ID",
        why="written as a licence plate",
        # Plates: Great Britain, France and Italy, Spain, the Netherlands, Germany; they need a word about vehicles unless their form is rare.
        pattern=pattern(
            r"""(?<![\w-])(?:[A-Z]{2}\d{2}\s?[A-Z]{3}|[A-Z]{2}[-\s]\d{3}[-\s][A-Z]{2}|\d{4}[\s-]?[BCDFGHJKLMNPRSTVWXYZ]{3}|\d{2}-[A-Z]{2,3}-\d{1,2}|[A-Z]{1,2}-\d{2,3}-[A-Z]{1,2}|\d{1,2}-[A-Z]{2,3}-\d{1,2}
            |[A-ZÄÖÜ]{1,3}[-\s:][A-Z]{1,2}\s?\d{1,4}[EH]?|[A-Z]{3}[\s-]?\d{2,4}[A-Z]?|\d{3}[\s-]?[A-Z]{3}|\d[A-Z]{3}\d{3}|[A-Z]{2}\s?\d{2}\s?[A-Z]{1,2}\s?\d{4}|[A-Z]{3}\s?\d[A-Z]\d{2}|\d{2}[A-Z]\d?-\d{3}\.?\d{2}|\d{2}[\s-]?[A-Z]{1,3}[\s-]?\d{2,4}|[A-Z]{1,2}\s\d{1,4}\s[A-Z]{1,3})(?![\w-]|[.,]\d)"""
        ),
        score=0.75,
        digits=1,
        words=_PLATE_WORDS,
        accepts=lambda value, before, after: _is_plate(value, before, after),
    ),
    Rule(
        entity="ID",
        why="written as a British or French licence plate",
        pattern=pattern(r"(?<![\w-])(?:[A-Z]{2}\d{2}\s[A-Z]{3}|[A-Z]{2}-\d{3}-[A-Z]{2})(?![\w-])", exact_case=True),
        score=0.7,
        digits=2,
    ),
    Rule(
        entity="ID",
        why="told to be a licence plate",
        pattern=pattern(
            rf"\b(?:(?:licen[cs]e|number|registration|vehicle|car)\s+plates?|number\s?plate|plates?|registration|reg|rego|(?:my|our|the|a)\s+(?:car|vehicle|van|truck|motorbike)|mein\s+(?:auto|wagen)|mi\s+coche|ma\s+voiture|kennzeichen|matr[íi]cula|immatriculation|targa|kenteken|placa|plaka(?:sı|m)?|plat\s+nomor|nopol|biển\s+số(?:\s+xe)?|rego|regnr|nr\s+rejestracyjny)\b{_OF}((?=[\w ・-]*\d)[^\W_]{{1,8}}(?:[ -]+(?!(?:was|is|has|had|and|in|on|at|to|got|for|the|a|my|it|but|or|i|of|by|with|from|as|can|you|are)\b)(?=[^\W\d_]{{1,3}}(?!\w)|[^\W\d_]*\d)[^\W_]{{1,5}}){{0,3}})(?!\w)"
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
