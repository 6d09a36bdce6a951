"""Cards and bank accounts: whole with check digits, masked, in part, and what is named beside them."""

import re

from harness.pii.lexicon import words
from harness.pii.patterns.checksums import compact, has_iban_country, passes_luhn, passes_mod97
from harness.pii.patterns.quantities import are_years, is_counted, is_money
from harness.pii.patterns.rules import Rule, digits_of, pattern, word_set

_CARD_WORDS = word_set(
    "card cards visa mastercard amex maestro discover debit credit karte kreditkarte kartennummer tarjeta carte carta cartão cc kaart kort kortet kortti karta plastic"
)
_BANK_WORDS = word_set(
    "account accounts acct acc a/c iban routing aba sort bsb swift bic bank konto kontonummer blz bankleitzahl cuenta compte conta conto rekening rekeningnummer"
    " transit ifsc micr clabe cbu rib nuban wire ach"
)
_BARCODE_BEFORE = re.compile(
    r"\b(?:ean|gtin|upc|isbn|barcode)\W*(?:(?:is|number|code|13|ist|es)\W*){0,3}$", re.IGNORECASE
)
_CARD_BEFORE = re.compile(
    r"\b(?:card|visa|mastercard|amex|maestro|debit|credit|cvv|cvc|karte|tarjeta|carte|carta|cartão|kaart)\b",
    re.IGNORECASE,
)
_LETTERS_FOR_FIGURES = str.maketrans("oOiIlLsSbB", "0011115588")
_LETTER_BESIDE = re.compile(r"\d[oilsb]")
_FEWEST_FIGURES = 7
_EMPTY_MASK = re.compile(r"[x*•·.…\s-]+", re.IGNORECASE)


def _is_card(value: str, before: str, _after: str) -> bool:
    digits = digits_of(value)
    if are_years(value) or _BARCODE_BEFORE.search(before):
        return False
    return 13 <= len(digits) <= 19 and len(set(digits)) > 1 and digits[0] in "23456" and passes_luhn(digits)


def _is_iban(value: str, _before: str, _after: str) -> bool:
    return passes_mod97(compact(value))


def _has_iban_shape(value: str, _before: str, _after: str) -> bool:
    return has_iban_country(value)


def _is_masked(value: str, _before: str, _after: str) -> bool:
    return not _EMPTY_MASK.fullmatch(value)


def _is_misspelt_card(value: str, _before: str, _after: str) -> bool:
    """Return whether groups of figures and letters that look like some are a card's."""
    digits = digits_of(value.translate(_LETTERS_FOR_FIGURES))
    return sum(c.isdigit() for c in value) >= _FEWEST_FIGURES and digits[0] in "3456" and passes_luhn(digits)


def _is_expiry(value: str, before: str, _after: str) -> bool:
    """Return whether a month and a year are a card's: in letters they may be anything's."""
    return not any(c.isalpha() for c in value) or _CARD_BEFORE.search(before) is not None


def _is_told(_value: str, before: str, after: str) -> bool:
    return not is_money(before) and not is_counted(after)


PAYMENT_RULES = (
    Rule(
        entity="CREDIT_CARD",
        why="Luhn-valid card number",
        pattern=pattern(r"(?<![\w.-])\d(?:[\s.-]?\d){12,18}(?![\w-])"),
        score=1.0,
        digits=13,
        accepts=_is_card,
        precise=True,
    ),
    Rule(
        entity="CREDIT_CARD",
        why="grouped as a card number is; check digit not asked",
        # Groups of four with whatever between them; check digits may be mistyped.
        pattern=pattern(
            r"(?<!\w)(?:\d{4}[\s.,/–_-]{0,3}){3}\d{1,7}(?!\w)|(?<!\w)3[47]\d{2}[\s.–-]{0,3}\d{6}[\s.–-]{0,3}\d{5}(?!\w)"
        ),
        score=0.7,
        digits=13,
        accepts=lambda value, before, _after: not are_years(value) and not _BARCODE_BEFORE.search(before),
    ),
    Rule(
        entity="CREDIT_CARD",
        why="card number with letters for figures, its check digit holds",
        # "41l1 1l11 1111 1111"
        pattern=pattern(r"(?<!\w)(?=[\d\s.-]{0,16}[oilsb])(?:[\doilsb]{4}[\s.-]?){3}[\doilsb]{4}(?!\w)"),
        score=0.95,
        digits=_FEWEST_FIGURES,
        needs=lambda facts: _LETTER_BESIDE.search(facts.lower) is not None,
        accepts=_is_misspelt_card,
    ),
    Rule(
        entity="CREDIT_CARD",
        why="masked or partial card number",
        pattern=pattern(
            r"""(?<![\w*•#])(?:\d{1,6}[\s.-]{0,2}){0,3}(?:[*•·●∙\#]{2,16}|x{3,16}|X{2,16})(?:[\s.-]{0,2}(?:[*•·●∙\#]{2,16}|x{2,16}))*[\s.-]{0,2}\d{2,6}(?!\w)
            |(?<![\w.])(?:\u2026|\.{2,3})\d{3,4}(?![\w.])|(?<!\w)(?=[\dx*•-]*\d)(?=[\dx*•-]*[x*•]{2})[\dx*•]{4}(?:[\s-]?[\dx*•]{4}){2,3}(?!\w)"""
        ),
        score=0.8,
        digits=2,
        holds=("*", "xx", "•", "·", "●", "##", "…", ".."),
        accepts=_is_masked,
    ),
    Rule(
        entity="CREDIT_CARD",
        why="digits told to be a card's",
        pattern=pattern(
            r"\b(?:card|visa|mastercard|amex|maestro|karte|kreditkarte|tarjeta|carte|carta|cartão|cc|kaart)s?\b(?:\s*(?:number|numbers|no\.?|nr\.?|nummer|\#|num|ending|ends|endet|last|four|4|digits?|terminada|finissant|in|with|en|con|par|mit|auf|is|are|:|=|,|the|that|my|it|which|of))*\s*[*x.…\#]{0,4}(\d{4}(?:[\s-]?\d{1,6}){0,5})(?!\w|[.,:/]\d)"
        ),
        group=1,
        score=0.85,
        digits=4,
        words=_CARD_WORDS,
        accepts=lambda value, before, after: _is_told(value, before, after) and not re.fullmatch(r"20[0-4]\d", value),
    ),
    Rule(
        entity="CREDIT_CARD",
        why="told to be a card's last four digits",
        pattern=pattern(
            r"\b(\d{4})\s+(?:is\s+)?(?:(?:are|is)\s+)?(?:the\s+|what\s+)?(?:(?:the|my)\s+card\s+ends|last\s+(?:four|4)|final\s+(?:four|4))\b"
        ),
        group=1,
        score=0.8,
        digits=4,
        words=frozenset(("last", "final", "ends")),
    ),
    Rule(
        entity="CREDIT_CARD",
        why="a card's expiry date",
        # When it expires, and the code on its back.
        pattern=pattern(
            r"\b(?:exp(?:\.|iry|iration|ires)?(?:\s+date)?|valid\s+(?:thru|until|through|to)|gültig\s+bis|caduca|vence|expire)[\"']?\s*(?:is|on|in|:|=)?\s*[\"']?((?:0?[1-9]|1[0-2])\s?[/-]\s?(?:20)?[2-4]\d|(?:0[1-9]|1[0-2])[2-4]\d|20[2-4]\d-(?:0[1-9]|1[0-2])|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+(?:20)?[2-4]\d)(?![\d/-])"
        ),
        group=1,
        score=0.8,
        digits=2,
        accepts=_is_expiry,
        words=word_set("exp expiry expiration expires valid gültig caduca vence expire"),
    ),
    Rule(
        entity="CREDIT_CARD",
        why="a card's security code",
        pattern=pattern(
            r"\b(?:cvv2?|cvc2?|cid|csc|security\s+code|card\s+verification(?:\s+(?:code|number|value))?|prüfziffer|(?:karten)?prüfnummer|código\s+de\s+seguridad|cryptogramme|(?:three|3|four|4)\s+digits?\s+(?:(?:on|at)\s+)?(?:the\s+)?back)\b[\"']?(?:\s*(?:number|code|on\s+the\s+back|is|are|ist|es|est|:|=|,))*\s*[\"']?(\d{3,4})(?!\w)"
        ),
        group=1,
        score=0.9,
        digits=3,
        words=word_set(
            "cvv cvv2 cvc cvc2 cid csc security verification prüfziffer prüfnummer kartenprüfnummer seguridad cryptogramme back"
        ),
    ),
    Rule(
        entity="IBAN_CODE",
        why="IBAN checksum (mod 97) holds",
        pattern=pattern(r"(?<![\w-])[A-Z]{2}\s?\d{2}(?:[\s-]{0,2}[A-Z0-9]{4}){2,7}(?:[\s-]{0,2}[A-Z0-9]{1,3})?(?!\w)"),
        score=1.0,
        digits=8,
        accepts=_is_iban,
        precise=True,
    ),
    Rule(
        entity="IBAN_CODE",
        why="built as an IBAN of its country; checksum not asked",
        pattern=pattern(
            r"(?<![\w-])[A-Z]{2}\d{2}(?:(?:[\s.-]{1,2}(?=[A-Z0-9]{0,3}\d)[A-Z0-9]{2,4}){3,12}(?:[\s.-]{1,2}[A-Z0-9]{1,3})?|(?=[A-Z]{0,6}\d)[A-Z0-9]{11,30})(?!\w)"
        ),
        score=0.7,
        digits=8,
        accepts=_has_iban_shape,
    ),
    Rule(
        entity="IBAN_CODE",
        why="told to be an IBAN",
        pattern=pattern(
            r"\biban\b[^\w\n]{0,4}(?:(?:number|no|code|is|ist|es|est|:|=|,|the|my)\s*){0,3}((?=[A-Z0-9 -]*\d)[A-Z]{2}[\s-]?(?:\d[A-Z0-9]*)(?:[\s-]+(?=[A-Z0-9]*\d)[A-Z0-9]{1,6}){0,9})(?!\w)"
        ),
        group=1,
        score=0.85,
        words=frozenset(("iban",)),
        digits=4,
    ),
    Rule(
        entity="ID",
        why="bank code (BIC) of a known country",
        pattern=pattern(
            r"\b(?:bic|swift)(?:\s*/\s*(?:bic|swift))?(?:\s*-?\s*code)?\b(?:\s*(?:is|ist|es|est|:|=|,|the|code))*\s*([A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?)(?!\w)"
        ),
        group=1,
        score=0.9,
        words=frozenset(("bic", "swift")),
        accepts=lambda value, _before, _after: value[4:6].lower() in words("country_codes"),
    ),
    Rule(
        entity="ID",
        why="written as a bank's sort code",
        pattern=pattern(r"(?<![\w-])\d{2}([-\s])\d{2}\1\d{2}(?![\w-])"),
        score=0.85,
        digits=6,
        words=frozenset(("sort", "sortcode", "sc", "s")),
        accepts=lambda _value, before, _after: (
            re.search(r"\bs(?:ort|c|ortcode|/c)\b", before, re.IGNORECASE) is not None
        ),
    ),
    Rule(
        entity="US_BANK_NUMBER",
        why="told to be a bank account or routing number",
        pattern=pattern(
            r"\b(?:account|acct|acc|a/c|routing|aba|transit|bsb|ifsc|clabe|cbu|rib|nuban|konto(?:nummer|nr)?|blz|bankleitzahl|cuenta|compte|conta|conto|rekening(?:nummer)?|sort\s?code)\b\.?(?:\s*(?:number|numbers|no\.?|nr\.?|num|\#|is|are|ist|es|est|é|è|:|=|,|the|my|code|and|to|new|bank|bancaria|corriente|bancaire))*\s*((?:[A-Z]{4}0[A-Z0-9]{6})|\d(?:[\s-]?\d){4,19})(?![\w%]|[.,:/]\d)"
        ),
        group=1,
        score=0.8,
        words=_BANK_WORDS,
        digits=5,
        accepts=_is_told,
    ),
)
