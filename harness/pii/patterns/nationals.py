"""National ids of some forty countries: known by their written form and check digits, in one scan over a text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from harness.pii.interface import PiiSpan
from harness.pii.patterns.checksums import (
    Check,
    begins_with_date,
    both,
    check_digit,
    compact,
    passes_luhn,
    passes_mod11_10,
    passes_verhoeff,
    weighted,
)
from harness.pii.patterns.rules import Facts, Recognizer, Scan

_VERIFIED = 1.0
_FORMED = 0.75
"""The written form is a country's own, but there are no check digits."""
_FEWEST_DIGITS = 4
_DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_HETU_MARKS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_CF_ODD = dict(
    zip("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23), strict=True)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class NationalId:
    """One country's id.

    Args:
        entity: Presidio's name of it, or one in its manner.
        shapes: How it is written, 9 for a digit and A for a letter; separators stand for themselves.
        holds: Whether a value in capitals without separators has the right check digits.
        words: Any of them (lower case) must be in the text if the shape alone is an ordinary number's.
    """

    entity: str
    shapes: tuple[str, ...]
    holds: Check
    words: frozenset[str] = frozenset()


def _id(entity: str, shapes: str, holds: Check, words: str = "") -> NationalId:
    return NationalId(
        entity, tuple(shape.replace("_", " ") for shape in shapes.split()), holds, frozenset(words.split())
    )


def _dni(value: str) -> bool:
    number = value[:-1].translate(str.maketrans("XYZ", "012"))
    return number.isdecimal() and _DNI_LETTERS[int(number) % 23] == value[-1]


def _nino(value: str) -> bool:
    return (
        value[0] not in "DFIQUV"
        and value[1] not in "DFIOQUV"
        and value[:2] not in {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"}
        and value[-1] in "ABCD"
    )


def _hetu(value: str) -> bool:
    digits = "".join(c for c in value[:-1] if c.isdecimal())[:9]
    return len(digits) == 9 and _HETU_MARKS[int(digits) % 31] == value[-1]


def _codice_fiscale(value: str) -> bool:
    total = sum(
        _CF_ODD[c] if place % 2 == 0 else (int(c) if c.isdecimal() else ord(c) - 65)
        for place, c in enumerate(value[:15])
    )
    return chr(65 + total % 26) == value[15]


def _nir(value: str) -> bool:
    number = value[:13].replace("2A", "19").replace("2B", "18")
    return number.isdecimal() and 97 - int(number) % 97 == int(value[13:])


def _german_pension(value: str) -> bool:
    """Return whether the check digit of a German pension insurance number holds (VKVV, § 4)."""
    number = f"{value[:8]}{ord(value[8]) - 64:02}{value[9:11]}"
    weights = (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)
    total = sum(sum(divmod(int(d) * w, 10)) for d, w in zip(number, weights, strict=True))
    return total % 10 == int(value[11])


def _mod97_tail(places: int) -> Check:
    """Return a check that the last two digits complete those before to a multiple of 97; Belgians born from 2000 on prefix a 2."""
    return lambda value: any(97 - int(prefix + value[:places]) % 97 == int(value[places:]) for prefix in ("", "2"))


def _cpf(value: str) -> bool:
    if len(set(value)) == 1:
        return False
    return check_digit(range(10, 1, -1))(value) and check_digit(range(11, 1, -1))(value)


def _cnpj(value: str) -> bool:
    first = (5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
    return check_digit(first)(value) and check_digit((6, *first))(value)


def _rut(value: str) -> bool:
    total = sum(int(d) * (2 + place % 6) for place, d in enumerate(reversed(value[:-1])))
    return "0123456789K0"[11 - total % 11] == value[-1]


def _chinese(value: str) -> bool:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(int(d) * w for d, w in zip(value, weights, strict=False)) % 11] == value[17]


def _swedish(value: str) -> bool:
    return passes_luhn(value[-10:]) and 1 <= int(value[-8:-6]) <= 12 and 1 <= int(value[-6:-4]) % 60 <= 31


def _norwegian(value: str) -> bool:
    return check_digit((3, 7, 6, 1, 8, 9, 4, 5, 2), overflow=None)(value) and check_digit(
        (5, 4, 3, 2, 7, 6, 5, 4, 3, 2), overflow=None
    )(value)


def _turkish(value: str) -> bool:
    digits = [int(d) for d in value]
    tenth = (sum(digits[0:9:2]) * 7 - sum(digits[1:8:2])) % 10
    return digits[0] != 0 and tenth == digits[9] and sum(digits[:10]) % 10 == digits[10]


def _south_african(value: str) -> bool:
    return passes_luhn(value) and begins_with_date("ymd")(value)


def _japanese(value: str) -> bool:
    rest = sum(int(d) * (n + 1 if n <= 6 else n - 5) for n, d in zip(range(11, 0, -1), value, strict=False)) % 11
    return int(value[11]) == (0 if rest <= 1 else 11 - rest)


def _singaporean(value: str) -> bool:
    total = sum(int(d) * w for d, w in zip(value[1:8], (2, 7, 6, 5, 4, 3, 2), strict=True)) + {
        "T": 4,
        "G": 4,
        "M": 3,
    }.get(value[0], 0)
    marks = {"S": "JZIHGFEDCBA", "T": "JZIHGFEDCBA", "F": "XWUTRQPNMLK", "G": "XWUTRQPNMLK", "M": "KLJNPQRTUWX"}.get(
        value[0]
    )
    return marks is not None and marks[total % 11] == value[8]


def _irish(value: str) -> bool:
    total = sum(int(d) * w for d, w in zip(value[:7], range(8, 1, -1), strict=True)) + (
        9 * (ord(value[8]) - 64) if len(value) > 8 else 0
    )
    return "WABCDEFGHIJKLMNOPQRSTUV"[total % 23] == value[7]


def _mexican(value: str) -> bool:
    return begins_with_date("ymd")(value[4:])


def _romanian(value: str) -> bool:
    rest = sum(int(d) * w for d, w in zip(value, (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9), strict=False)) % 11
    return int(value[12]) == (1 if rest == 10 else rest)


def _pan(value: str) -> bool:
    return value[3] in "ABCFGHJLPT"


def _always(_value: str) -> bool:
    return True


_KINDS: tuple[NationalId, ...] = (
    _id("UK_NINO", "AA999999A AA_99_99_99_A AA-99-99-99-A", _nino),
    _id("UK_NINO", "AA_99_99_99_A", _always),
    _id("UK_NHS", "999_999_9999 999-999-9999 9999999999", check_digit(range(10, 1, -1), overflow=None), "nhs"),
    _id("ES_NIF", "99999999A 99999999-A 9999999A 99.999.999-A 99.999.999A 99_999_999_A 99999999_A", _dni),
    _id("ES_NIE", "A9999999A A-9999999-A A9999999-A A-9999999A A_9999999_A", _dni),
    _id("IT_FISCAL_CODE", "AAAAAA99A99A999A AAA_AAA_99A99_A999A", _codice_fiscale),
    _id(
        "DE_TAX_ID",
        "99999999999 99_999_999_999",
        passes_mod11_10,
        "steuer steuerid idnr steuernummer steueridentifikationsnummer identifikationsnummer tin tax tax-id",
    ),
    _id("DE_SOCIAL_SECURITY", "99999999A999 99_999999_A_999 99_999999A999", _german_pension),
    _id("FR_NIR", "999999999999999 9_99_99_99_999_999_99 9_99_99_9A_999_999_99 999999A99999999 9999999999999_99", _nir),
    _id(
        "NL_BSN",
        "999999999 9999.99.999 999_999_999",
        weighted((9, 8, 7, 6, 5, 4, 3, 2, -1), 11),
        "bsn burgerservicenummer sofinummer",
    ),
    _id("PL_PESEL", "99999999999", check_digit((1, 3, 7, 9, 1, 3, 7, 9, 1, 3), 10), "pesel"),
    _id("PT_NIF", "999999999 999_999_999", check_digit(range(9, 1, -1)), "nif contribuinte"),
    _id("SE_PERSONNUMMER", "999999-9999 99999999-9999 999999+9999", _swedish),
    _id("SE_PERSONNUMMER", "9999999999 999999999999", _swedish, "personnummer samordningsnummer"),
    _id(
        "NO_FODSELSNUMMER",
        "99999999999 999999_99999 999999-99999",
        _norwegian,
        "fødselsnummer personnummer fodselsnummer",
    ),
    _id("DK_CPR", "999999-9999", begins_with_date("dmy")),
    _id("DK_CPR", "9999999999", begins_with_date("dmy"), "cpr personnummer"),
    _id("FI_PERSONAL_IDENTITY_CODE", "999999-999A 999999-9999 999999A999A 999999A9999 999999+999A", _hetu),
    _id("BE_NATIONAL_NUMBER", "99.99.99-999.99 99_99_99_999_99", _mod97_tail(9)),
    _id("BE_NATIONAL_NUMBER", "99999999999", _mod97_tail(9), "rijksregisternummer registre insz niss rijksregister"),
    _id("CH_AHV", "999.9999.9999.99", both(lambda v: v.startswith("756"), check_digit((1, 3) * 6, 10))),
    _id("CH_AHV", "9999999999999", both(lambda v: v.startswith("756"), check_digit((1, 3) * 6, 10))),
    _id(
        "AT_SVNR",
        "9999_999999 9999999999",
        weighted((3, 7, 9, -1, 5, 8, 4, 2, 1, 6), 11),
        "svnr sozialversicherungsnummer versicherungsnummer",
    ),
    _id("BR_CPF", "999.999.999-99 999_999_999-99 999999999-99", _cpf),
    _id("BR_CPF", "99999999999 999_999_999_99", _cpf, "cpf"),
    _id("BR_CNPJ", "99.999.999/9999-99 99999999999999", _cnpj),
    _id("MX_CURP", "AAAA999999AAAAAA99 AAAA999999AAAAAAA9", _mexican),
    _id("MX_RFC", " ".join("AAAA999999" + a + b + c for a in "A9" for b in "A9" for c in "A9"), _mexican),
    _id("AR_CUIT", "99-99999999-9", check_digit((5, 4, 3, 2, 7, 6, 5, 4, 3, 2))),
    _id("CL_RUT", "99.999.999-9 9.999.999-9 99.999.999-A 9.999.999-A 99999999-9 99999999-A 9999999-9 9999999-A", _rut),
    _id("CO_NIT", "999.999.999-9 9.999.999.999 1.999.999.999", _always, "cédula cedula nit cc ciudadanía"),
    _id("AR_DNI", "99.999.999 9.999.999", _always, "dni documento cédula cedula cuit ci rut run carnet"),
    _id("IN_AADHAAR", "9999_9999_9999 9999-9999-9999", passes_verhoeff),
    _id("IN_AADHAAR", "999999999999", passes_verhoeff, "aadhaar aadhar adhar uid uidai"),
    _id("IN_PAN", "AAAAA9999A", _pan),
    _id("CN_ID", "999999999999999999 99999999999999999A", _chinese),
    _id(
        "JP_MY_NUMBER",
        "9999_9999_9999 9999-9999-9999 999999999999",
        _japanese,
        "mynumber number my kojin bango マイナンバー",
    ),
    _id("KR_RRN", "999999-9999999", begins_with_date("ymd")),
    _id("SG_NRIC_FIN", "A9999999A", _singaporean),
    _id("AU_TFN", "999_999_999 999999999 999-999-999", weighted((1, 4, 3, 7, 5, 8, 6, 9, 10), 11), "tfn tax"),
    _id(
        "AU_MEDICARE",
        "9999_99999_9 9999999999 9999_99999_9/9",
        weighted((1, 3, 7, 9, 1, 3, 7, 9, -1, 0), 10),
        "medicare",
    ),
    _id("CA_SIN", "999_999_999 999-999-999 999999999", passes_luhn, "sin insurance nas assurance"),
    _id("ZA_ID", "9999999999999 999999_9999_999 999999_9999_99_9", _south_african),
    _id("TR_ID", "99999999999", _turkish, "tc kimlik tckn türkiye"),
    _id(
        "IL_ID", "999999999 99999999-9 9-9999999-9", lambda v: passes_luhn(v.zfill(9)), "teudat zehut id israeli israel"
    ),
    _id("RU_SNILS", "999-999-999_99 999-999-999-99", _always),
    _id("RU_INN", "9999999999 999999999999", _always, "inn инн"),
    _id("RU_PASSPORT", "9999_999999 99_99_999999", _always, "паспорт passport russian серия"),
    _id("CZ_RODNE_CISLO", "999999/9999 999999/999", _always),
    _id("HR_OIB", "99999999999", passes_mod11_10, "oib"),
    _id("RO_CNP", "9999999999999", _romanian, "cnp"),
    _id("IE_PPS", "9999999A 9999999AA", _irish),
    _id("LV_PERSONAL_CODE", "999999-99999", begins_with_date("dmy")),
    _id("TW_ID", "A999999999", lambda v: v[1] in "12", "taiwan id 身分證"),
    _id("HK_ID", "A999999(9) AA999999(9) A999999(A)", _always),
    _id("MY_NRIC", "999999-99-9999", begins_with_date("ymd")),
    _id("PK_CNIC", "99999-9999999-9", _always),
    _id("TH_TNIN", "9-9999-99999-99-9 9_9999_99999_99_9", _always),
    _id("AE_EMIRATES_ID", "999-9999-9999999-9", lambda v: v.startswith("784")),
    _id("VE_CEDULA", "A-99.999.999 A-99999999 A-9.999.999", lambda v: v[0] in "VE"),
    _id("US_ITIN", "999-99-9999 999_99_9999", lambda v: v[0] == "9" and v[3] in "56789"),
)

_TOKEN = re.compile(r"(?<![\w.,/+-])[A-Za-z0-9]+(?:[-./+][A-Za-z0-9]+)*(?:\([A-Za-z0-9]\))?(?!\w)")
_TO_SHAPE = {**{ord(c): "9" for c in "0123456789"}, **dict.fromkeys((*range(65, 91), *range(97, 123)), "A")}


@cache
def _by_shape() -> dict[str, tuple[NationalId, ...]]:
    found: dict[str, tuple[NationalId, ...]] = {}
    for kind in _KINDS:
        for shape in kind.shapes:
            found[shape] = (*found.get(shape, ()), kind)
    return found


@cache
def _groups_by_first() -> dict[str, tuple[int, ...]]:
    """Return how many groups the shapes have that begin with a group."""
    found: dict[str, set[int]] = {}
    for shape in _by_shape():
        first, *rest = shape.split(" ")
        found.setdefault(first, set()).add(1 + len(rest))
    return {first: tuple(sorted(counts)) for first, counts in found.items()}


def _find_national_ids(facts: Facts) -> Iterator[PiiSpan]:
    tokens = list(_TOKEN.finditer(facts.text))
    shapes = [token[0].translate(_TO_SHAPE) for token in tokens]
    groups = _groups_by_first()
    for place, shape in enumerate(shapes):
        for count in groups.get(shape, ()):
            if place + count <= len(tokens):
                start, end = tokens[place].start(), tokens[place + count - 1].end()
                whole = " ".join(shapes[place : place + count])
                if len(whole) == end - start:
                    yield from _identified(facts, start, end, whole)


def _identified(facts: Facts, start: int, end: int, shape: str) -> Iterator[PiiSpan]:
    value = compact(facts.text[start:end])
    for kind in _by_shape().get(shape, ()):
        if (not kind.words or not kind.words.isdisjoint(facts.words)) and kind.holds(value):
            score = _FORMED if kind.holds is _always else _VERIFIED
            yield PiiSpan(start=start, end=end, entity=kind.entity, score=score, why=_reason(facts, kind))


def _reason(facts: Facts, kind: NationalId) -> str:
    proof = "has no check digits" if kind.holds is _always else "check digits or date hold"
    told = min(kind.words & facts.words, default="")
    return f"{kind.entity} format, {proof}" + (f", context word '{told}'" if told else "")


NATIONAL_RULES: tuple[Recognizer, ...] = (
    Scan(look=_find_national_ids, why="national id by its form and check digits", digits=_FEWEST_DIGITS),
)
