"""What a company calls somebody by: account, order, booking and ticket numbers, told by a word before them or by their shape."""

import re

from harness.pii.lexicon import words
from harness.pii.patterns.quantities import is_counted, is_date, is_money, is_named_otherwise, is_ordinary, is_product
from harness.pii.patterns.rules import Recognizer, Rule, pattern, word_set

_LABELS = word_set(
    "orderid orderno ordernumber bookingid bookingno customerid customerno accountid accountno accountnumber ticketid ticketno invoiceno caseid memberid clientid group grp contract meter mrn crm account accounts acct acc order orders booking bookings reservation reservations ticket tickets case reference references ref customer client member membership policy"
    " invoice receipt bill passport licence license permit tracking track parcel package shipment consignment delivery confirmation transaction payment transfer"
    " tax ssn social insurance national student employee staff patient loyalty flyer sort routing swift bic vin plate registration serial imei imsi iccid id ids"
    " identification identifier nhs card iban claim complaint enquiry inquiry incident request quote contract subscription voucher pnr locator record file dossier folio"
    " rma return returns refund sin nino bsn pesel cpf cnpj rut curp aadhaar pan gstin vat ein tin utr meter mprn mpan supply device sim session user userid uid guid cust"
    " konto kontonummer kunde kunden kundennummer bestellung bestellnummer auftrag auftragsnummer rechnung rechnungsnummer vertrag vertragsnummer ausweis ausweisnummer"
    " personalausweis reisepass führerschein steuer steuernummer vorgang vorgangsnummer sendung sendungsnummer buchung buchungsnummer mitglied mitgliedsnummer versicherungsnummer"
    " aktenzeichen ticketnummer kundennr bestellnr rechnungsnr bearbeitungsnummer fallnummer sozialversicherungsnummer"
    " cuenta pedido cliente factura pasaporte referencia dni nie nif cif reserva expediente póliza poliza contrato documento cédula cedula incidencia localizador envío"
    " compte commande dossier passeport client réservation reservation facture contrat référence billet colis suivi adhérent sécurité abonnement"
    " conta pedido fatura cliente reserva encomenda processo protocolo matrícula matricula contribuinte"
    " ordine prenotazione fattura pratica tessera codice cliente fiscale bestelling klantnummer ordernummer reservering factuur polis klant"
    " alien uscis kundnr bokningsnr zaaknummer protocollo ordrenummer kundnummer kundenummer bokning bokningsnummer fakturanummer ärende ärendenummer tilausnumero asiakasnumero zamówienie zamówienia klienta rezerwacja"
)
_LABEL = rf"(?:{'|'.join(sorted(map(re.escape, _LABELS), key=len, reverse=True))})"
_NUMBER = r"(?:[\s_-]*(?:number|numbers|no\.?|nr\.?|nummer|num|id|ids|code|codes|key|key|\#|número|numero|numéro|n[°º]|ref|reference|de\s+\w+))"
_LINK = r"(?:(?:is|are|was|it['’]?s|ist|lautet|war|es|est|é|è|er|är|on|of|with|under|called|says|reads|shows|starts|the\s+one|would\s+be|should\s+be|seems\s+to\s+be|number|my|this\s+is|here|ends?\s+(?:in|with)|ending\s+(?:in|with))(?![^\W_])|[:=\#,>(–-])"
_CODE = r"(?=[A-Z0-9._/#*-]*\d)[A-Z0-9\#][A-Z0-9]*(?:(?:[_/#:-]{1,2}|(?<=\d)\.)[A-Z0-9]+)*"
# Groups that belong together: "AB 12 34", "8263 622 629".
_GROUPS = rf"{_CODE}(?:\s(?:\d[A-Z0-9-]*|(?-i:[A-Z]{{1,4}}|[A-Z]{{1,3}}\d[A-Z0-9]{{0,3}}))(?=\s|[.,;!?)]|$)(?!\s?(?:am|pm|items?|days?|people)))*|(?=[A-Z]{{1,4}}\s[A-Z]{{0,3}}\d)(?-i:[A-Z]{{1,4}})(?:\s(?:\d{{1,8}}[A-Z]?|(?-i:[A-Z]{{1,3}}\d{{0,6}})(?!\w)))+"
_WEAK_DIGITS = 5
_SHORTEST = 3
_FEWEST_OF_PARCEL = 9
_SHORT_DATE = 8
"""A date with two digits for the year may be a number in three parts."""
_GOES_ON = re.compile(r"[:.,]\d|%")
_FEWEST_IN_PARTS = 7
_FEWEST_LETTERS = 5
_CLOSER = re.compile(
    r"\s*(?:$|[.,;!?)\]\n]|(?:and|is|was|has|hasn|have|please|that|which|but|or|still|never|did|does|will|with|for|to|on|at|und|ist|y|et|e|à|se|no|not|from|in|as|thanks|thank|so|because|when|where|shows|says|from|of)\b)",
    re.IGNORECASE,
)
_TOLD_BEFORE = re.compile(
    r"(?:[:=#]|\b(?:number|numbers|no\.?|nr\.?|nummer|num|id|code|is|ist|es|est|número|numero|numéro|reference|ref))\W*$",
    re.IGNORECASE,
)
_NO_CODE = re.compile(
    r"\d{1,2}(?:st|nd|rd|th|am|pm|h|hrs?|x|k|m|%)|\d{1,2}[:.]\d\d(?:am|pm)?|\d+(?:[.,]\d{1,2})|24[/-]7|\d{1,2}[/-]\d{1,2}",
    re.IGNORECASE,
)
_DIMENSIONS = re.compile(
    r"\d+(?:[.,]\d+)?(?:x\d+(?:[.,]\d+)?)+[a-z]{0,3}|(?=[\d-]*[a-z])(?:\d{1,4}(?:(?:am|pm|st|nd|rd|th|hrs?|h|min|m)-?|-|$))+",
    re.IGNORECASE,
)
_COUNTED = re.compile(r"(?:\d+(?:[.,]\d+)?([^\W\d_]+))(?:[-/]?\d+([^\W\d_]+))*", re.IGNORECASE)
_ISO_TIME = re.compile(r"s\d{1,2}e\d{1,3}|\d{4}-?\d{2}-?\d{2}t\d.*|p(?:\d+[ymdw])*t?(?:\d+[hms])+", re.IGNORECASE)
_STEM = re.compile(r"([^\W\d_]+)[_-]?(\d+(?:-\d+)?)[a-z]{0,2}", re.IGNORECASE)
_TRANSPORT = word_set(
    "flight flights fly flying flies flew airline airlines airport plane depart departs departing departure arrive arrives arriving arrival landing boarding gate terminal"
    " layover stopover train trains trainid tram bus buses coach coaches platform station rail flug zug vuelo vol tren aircraft jet"
)
_NUMBER_AND_WORD = re.compile(r"\d[\dx-]{5,}-([^\W\d_]{3,})", re.IGNORECASE)
_FORMULA = re.compile(r"C\d{0,3}H\d{1,3}(?:(?:Cl|Br|Na|Mg|Ca|[NOSPFIK])\d{0,2})*")
"""Of organic chemistry; others have too few figures to be taken for a code."""
_AIRCRAFT = re.compile(
    r"(?:a3[0-9]{2}|b?7[0-9]7(?:-?\d{1,3}(?:er|lr|f|max)?)?|e1\d\d|crj\d+|md-?\d\d|dc-?\d+)(?:-?\d{1,3}[a-z]{0,3})?",
    re.IGNORECASE,
)
_CATALOGUED = re.compile(
    r"(?:cve-\d{4}-\d{4,}|kb\d{6,7}|(?:iso|iec|din|en|rfc|ieee|bs|astm)-?\d{3,6}(?:-\d+)*|0x[0-9a-f]{2,8})",
    re.IGNORECASE,
)
_SERVICE = re.compile(r"[A-Z]{1,3}[ -]?\d{1,4}[A-Z]?", re.IGNORECASE)
_TO_A_TOWN = re.compile(r"\s+(?:to|from|nach|aus|à|para|verso)\s+[A-ZÀ-Þ]")
_WORD = re.compile(r"[^\W\d_]+")


def _is_labelled(value: str, before: str, after: str) -> bool:
    """Return whether what follows "order", "account" … is its number rather than an amount: "order 5 more"."""
    plain = value.strip("#")
    told = _TOLD_BEFORE.search(before) is not None or value.startswith("#")
    if len(plain) < _SHORTEST or _NO_CODE.fullmatch(plain) or is_money(before) or is_counted(after):
        return False
    if _GOES_ON.match(after) or (is_date(plain) and not (told and len(plain) <= _SHORT_DATE)):
        return False
    if is_named_otherwise(before) or (_DIMENSIONS.fullmatch(plain) and not plain.isdecimal()):
        return False
    if sum(c.isdigit() for c in plain) == 1:
        return len(plain) >= _FEWEST_LETTERS and not _is_ordinary_token(plain, 1)
    if plain.isdecimal():
        if not told and len(plain) <= _WEAK_DIGITS and plain.endswith("00"):
            return False  # "to transfer 1500 to my savings"
        if re.fullmatch(r"(?:19|20)\d\d", plain):
            return told and re.search(r"\b(?:in|of|on)\s*$", before) is None
        return told or len(plain) >= _WEAK_DIGITS or _CLOSER.match(after) is not None
    match = _COUNTED.fullmatch(plain)
    return match is None or not _are_ordinary(match)


def _is_letter_code(value: str, before: str, _after: str) -> bool:
    """Return whether letters alone are a code: in capitals, or too unlike a word to be one."""
    plain = value.lower()
    if plain in words("common_words") or plain in words("quantities"):
        return False
    if value.isupper() and not before.isupper():
        return True
    if not _TOLD_BEFORE.search(before):
        return False
    vowels = sum(c in "aeiouyäöüéèêàáíóúãõå" for c in plain)
    return vowels * 4 <= len(plain) or re.search(r"[bcdfghjklmnpqrstvwxz]{5}", plain) is not None


def is_code(value: str, before: str, after: str) -> bool:
    """Return whether a bare token of letters and digits looks like somebody's code rather than a size or a product.

    Args:
        value: The token.
        before: What stands before it.
        after: What follows.
    """
    plain = value.strip("#")
    digits, letters = sum(c.isdigit() for c in plain), sum(c.isalpha() for c in plain)
    if digits == 1:
        return (
            letters >= 7
            and plain.isalnum()
            and not plain[-1].isdigit()
            and sum(c in "aeiouyAEIOUY" for c in plain) * 5 <= letters
        )
    if (
        digits < 2
        or digits + letters < 6
        or is_money(before)
        or _ISO_TIME.fullmatch(plain)
        or _DIMENSIONS.fullmatch(plain)
    ):
        return False
    if is_named_otherwise(before) or _is_ordinary_token(plain, digits) or is_product(before, after):
        return False
    return not (_is_service(plain, before, after) or _are_words_and_numbers(plain, digits))


def is_plain_token(value: str) -> bool:
    """Return whether a token of letters and digits is a size, a time, a product or a period by its own look."""
    digits = sum(c.isdigit() for c in value)
    return (
        _DIMENSIONS.fullmatch(value) is not None
        or _ISO_TIME.fullmatch(value) is not None
        or _is_ordinary_token(value, digits)
        or _are_words_and_numbers(value, digits)
    )


def _is_ordinary_token(plain: str, digits: int) -> bool:
    if digits < _FEWEST_IN_PARTS and (match := _COUNTED.fullmatch(plain)) and _are_ordinary(match):
        return True
    if _AIRCRAFT.fullmatch(plain) or _CATALOGUED.fullmatch(plain) or _FORMULA.fullmatch(plain):
        return True
    match = _STEM.fullmatch(plain)
    if match is None:
        return False
    stem = match[1].lower()
    return (stem in words("product_stems") and digits <= 5) or (
        bool(re.fullmatch(r"(?:19|20)\d\d", match[2])) and stem in words("common_words")
    )


def _are_ordinary(match: re.Match[str]) -> bool:
    """Return whether the letters behind digits are units or words: "24hours", "2bed2bath", "100-year"."""
    return all(
        group is None
        or group.lower() in words("quantities")
        or (len(group) >= _SHORTEST and group.lower() in words("common_words"))
        for group in match.groups()
    )


def _are_words_and_numbers(plain: str, digits: int) -> bool:
    """Return whether a token joins words with short numbers or a year: "100-year-old", "mid-2024", "covid-19"."""
    if (match := _NUMBER_AND_WORD.fullmatch(plain)) and match[1].lower() in words("common_words"):
        return True  # "0171-234567-office": other recognizers see the number.
    parts = re.split(r"[_-]", plain)
    if len(parts) < 2 or not all(
        part.isalpha() or part.isdecimal() or re.fullmatch(r"\d+[a-z]{1,2}", part) for part in parts
    ):
        return False
    numbers = [part for part in parts if not part.isalpha()]
    told = [part for part in parts if part.isalpha()]
    if any(re.fullmatch(r"(?:1\d|20)\d\ds?", number) for number in numbers) and digits <= 6:
        return True
    return (digits <= 3 and any(len(word) > 2 for word in told)) or (
        all(word.lower() in words("product_stems") for word in told) and digits <= 5
    )


def _is_service(plain: str, before: str, after: str) -> bool:
    """Return whether a token is a flight's or a train's in a talk about travelling."""
    return _SERVICE.fullmatch(plain) is not None and (
        _TO_A_TOWN.match(after) is not None or not _TRANSPORT.isdisjoint(_WORD.findall((before + " " + after).lower()))
    )


def _is_bare_number(value: str, before: str, after: str) -> bool:
    """Return whether a long number without any word about it is somebody's."""
    plain = value.strip("#")
    if not plain.isdecimal() and sum(c.isdigit() for c in plain) < _FEWEST_IN_PARTS:
        return False
    return not is_ordinary(plain, before, after) and not is_named_otherwise(before)


REFERENCE_RULES: tuple[Recognizer, ...] = (
    Rule(
        entity="ID",
        why="labelled code or number",
        pattern=pattern(
            rf"(?<![^\W_]){_LABEL}{_NUMBER}?(?:['’]s)?(?:\s*{_LINK}){{0,4}}[\s\"'“(\[]*({_GROUPS})(?![\w@])"
        ),
        group=1,
        score=0.85,
        digits=1,
        words=_LABELS,
        accepts=_is_labelled,
    ),
    Rule(
        entity="ID",
        why="labelled code of letters only",
        # Letters alone: "booking ref ABXQTZ", "the confirmation code is qxjkwt".
        pattern=pattern(
            r"""\b(?:booking|reservation|confirmation|reference|ref|pnr|locator|order|ticket|case|tracking|buchungs\w*|reserva|referencia|localizador|réservation|référence|prenotazione|reservering|claim|policy|record)
            (?:[\s-]*(?:number|no\.?|nr\.?|code|ref|reference|locator|id|\#))*\s*(?:(?:is|was|ist|es|est|é|è|:|=|\#|,|-)\s*){0,3}["'“(]?\s*([A-Z]{5,10})(?![\w'’-])"""
        ),
        group=1,
        score=0.75,
        words=word_set(
            "booking reservation confirmation reference ref pnr locator order ticket case tracking reserva referencia localizador réservation référence prenotazione reservering claim policy record"
        ),
        accepts=_is_letter_code,
    ),
    Rule(
        entity="ID",
        why="number of a parcel",
        # UPS, and the Universal Postal Union's S10.
        pattern=pattern(r"(?<!\w)1Z(?:\s?[A-Z0-9]){16}(?!\w)|(?<!\w)[A-Z]{2}\s?(?:\d\s?){9}[A-Z]{2}(?!\w)"),
        score=0.9,
        digits=_FEWEST_OF_PARCEL,
        accepts=lambda value, _before, _after: (
            value[:2].upper() == "1Z" or value[-2:].lower() in words("country_codes")
        ),
    ),
    Rule(
        entity="ID",
        why="key of a record, with the prefix of its kind",
        # Stripe's and its like: "cus_Nffr…", "ord_01H…".
        pattern=pattern(
            r"(?<![\w-])[a-z]{2,8}_(?=[A-Za-z0-9]*\d)(?=[A-Za-z0-9]*[A-Z])[A-Za-z0-9]{10,}(?![\w-])", exact_case=True
        ),
        score=0.9,
        digits=1,
        needs=lambda facts: "_" in facts.text,
    ),
    Rule(
        entity="ID",
        why="number of a file at a court or an office",
        pattern=pattern(
            r"(?<!\w)(?:az|aktenzeichen|gz|gesch\.-?z|geschäftszeichen|sygn\.?(?:\s+akt)?|rol|docket|case\s+no)\b[.:]*\s*((?=[\w ./-]*\d)[A-Z0-9]{1,5}(?:[ -](?:[A-Z]{1,3}|\d{1,4})){0,3}[ -]?\d{1,6}/\d{2,4})(?!\w)"
        ),
        group=1,
        score=0.85,
        digits=3,
        words=word_set("az aktenzeichen gz gesch geschäftszeichen sygn rol docket case"),
    ),
    Rule(
        entity="ID",
        why="letters and figures in two groups",
        pattern=pattern(r"(?<![\w-])[A-Z]{1,3}\d{2,4}[ ]\d{5,9}(?![\w-]|[.,]\d)", exact_case=True),
        score=0.7,
        digits=7,
        accepts=lambda _value, before, after: not is_named_otherwise(before) and not is_product(before, after),
    ),
    Rule(
        entity="ID",
        why="id of a health certificate",
        pattern=pattern(r"\burn:uvci:[\w:/\#.-]+"),
        score=1.0,
        words=frozenset(("uvci",)),
    ),
    Rule(
        entity="ID",
        why="UUID or hash",
        pattern=pattern(
            r"(?<![\w-])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![\w-])|(?<!\w)(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{32}(?:[0-9a-f]{8})?(?:[0-9a-f]{24})?(?!\w)"
        ),
        score=0.95,
        digits=3,
        needs=lambda facts: len(facts.text) >= 32,
    ),
    Rule(
        entity="ID",
        why="code of letters and digits",
        pattern=pattern(r"(?<![\w@./-])\#?(?=[\w-]*\d)(?=[\w-]*[^\W\d_])[^\W_]+(?:[_-]{1,2}[^\W_]+)*(?![\w@])(?!\.\w)"),
        score=0.6,
        digits=1,
        accepts=is_code,
    ),
    Rule(
        entity="ID",
        why="code in parts",
        # Parts that stand apart by strokes: "QX/2024/88172".
        pattern=pattern(r"(?<![\w@./:-])(?=[A-Z]*[\w./-]*\d{3})[A-Z]{1,5}[./]\d{2,6}(?:[./-][A-Z0-9]{2,10})+(?![\w@])"),
        score=0.6,
        digits=4,
        accepts=lambda value, before, after: (
            value.isupper() and not is_product(before, after) and not is_named_otherwise(before)
        ),
    ),
    Rule(
        entity="ID",
        why="long number that nothing explains",
        pattern=pattern(r"(?<![\w$€£.,/+-])\#?\d(?:[-\s]?\d){5,}(?![\w%€$£]|[.,:/]\d)"),
        score=0.5,
        digits=6,
        accepts=_is_bare_number,
    ),
    Rule(
        entity="ID",
        why="number behind a number sign",
        pattern=pattern(r"(?<![\w&])\#\s?(\d{4,}|[A-Z]{1,4}-?\d{3,})(?![\w%]|[.,:/]\d)"),
        group=1,
        score=0.7,
        digits=3,
        holds=("#",),
        accepts=lambda _value, before, _after: not is_named_otherwise(before),
    ),
)
