"""Where somebody lives: street addresses as written in several countries, postcodes in context, coordinates."""

import re

from harness.pii.lexicon import words
from harness.pii.rules import Rule, pattern

_STREET_WORDS = words("street_words")
_STREET = f"(?:{'|'.join(sorted(_STREET_WORDS, reverse=True))})"
_STREET_EXACT = r"(?:Park|Hill|Green|Center|Centre|Common|Commons|Point|View|Path|Pass|Run|Ridge|Glen|Court|Row|Village|Circus|Bridge|Parade|Esplanade|Promenade|Mall|Camino|Real|Alameda|Strand|Embarcadero|Broadway)"
_TOWARDS = r"(?:(?:north|south|east|west)(?:east|west)?|[nsew]{1,2})\b\.?"
_UNIT = r"(?:,?\s*(?:(?:apt|apartment|suite|ste|unit|flat|floor|room)\b\.?\s*\#?\s*\w{1,6}\b|\#\s*\w{1,6}))"
_TOWN = r"[^\W\d_]['’\w-]*(?:[ ][^\W\d_]['’\w-]*){0,3}"
_CAPITAL_TOWN = r"(?-i:[A-ZÀ-Þ])['’\w-]*(?:[ ](?-i:[A-ZÀ-Þ])['’\w-]*){0,3}"
_REST = rf"(?:,\s*{_TOWN}){{0,2}}(?:,?\s+(?:[A-Z]{{2}}\s+)?\d{{4,5}}(?:-\d{{4}})?\b)(?:,\s*{_CAPITAL_TOWN})?|(?:,\s*{_TOWN},\s*[A-Za-z]{{2}}\b(?:\s+\d{{5}}(?:-\d{{4}})?)?)"
_UK_POSTCODE = r"[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}"
_QUANTITIES = words("quantities")
_ARTICLES = frozenset(("de", "la", "los", "las", "del", "da", "do", "das", "dos", "della", "dei", "di"))


def _is_street(value: str, before: str) -> bool:
    """Return whether the words between number and street word can be a street's name."""
    name = _street_name(value)
    if re.search(r"[$€£]\s?$", before) or (name and name[0].lower() in _QUANTITIES):
        return False
    plain = words("common_words") - words("word_names")
    return bool(name) and not any(w.lower() in plain and not (w[0].isupper() and len(w) > 2) for w in name)


def _is_capital_street(value: str, before: str) -> bool:
    return not re.search(r"[$€£]\s?$", before) and re.findall(r"[^\W\d_]+", value)[0].lower() not in _QUANTITIES


def _street_name(value: str) -> list[str]:
    found = re.findall(r"[^\W\d_]+", value)
    for place, word in enumerate(found):
        if word.lower() in _STREET_WORDS and (place or word.lower() == "broadway"):
            return found[:place] or found[:1]
    return []


def _is_named(value: str, _before: str) -> bool:
    """Return whether no ordinary word stands between street word and number: "via the app in 2 days" is no address."""
    plain = words("common_words") - words("word_names")
    return not any(word in plain for word in re.findall(r"[^\W\d_]{2,}", value.lower())[1:] if word not in _ARTICLES)


def _english(street: str) -> str:
    return rf"""(?<![\w$€£.,:/-])\d{{1,6}}[a-z]?(?:[-/]\d{{1,5}})?,?\s+(?:{_TOWARDS}\s+)?(?:[^\W_][\w'’.-]*\s+){{0,4}}?{street}\b(?:\.(?=[ ,]+(?:\w|\#)))?
        (?:\s+{_TOWARDS}(?!\w))?{_UNIT}?(?:{_REST})?"""


ADDRESS_RULES = (
    Rule(
        # Any street of any country: what tells is the flat's number, and the postcode after the town.
        entity="LOCATION",
        pattern=pattern(
            r"(?<!\w)\d{1,6}[a-z]?[ ,][^\n?!]{2,50}?[\s,>?]+(?:apt|apartment|suite|ste|unit|flat)\.?\s*\#?\d{1,5}\b(?:[^\d?!]{2,60}?\d{4,6}\b(?:-\d{4})?)?"
        ),
        score=0.8,
        needs=lambda facts: facts.digits >= 3 and facts.holds("apt", "apartment", "suite", "ste", "unit", "flat"),
    ),
    Rule(
        entity="LOCATION",
        pattern=pattern(
            r"""\b(?:address(?:\s+(?:is|was|to|as|with|into))?\s*:?|i\s+(?:now\s+)?live\s+(?:at|on|in)|(?:i|we)\s+(?:have\s+)?moved\s+to|deliver(?:ed)?\s+(?:it\s+)?to|(?:ship|send|sent|post)(?:ped|ed)?\s+(?:it\s+)?to
            |adresse\s+(?:ist|est|lautet)|dirección\s+es|vivo\s+en|j['’]habite(?:\s+au)?|endereço\s+é|wohne\s+(?:in|an)(?:\s+der)?)\s+
            ((?:[^\W\d_][\w.'’-]*[ ]){0,4}\d{1,6}[a-z]?(?:[ ,]+[\w.'’\#/-]+){1,3}?(?=[ ,]*(?:$|[\n.!?;])))"""
        ),
        group=1,
        score=0.7,
        needs=lambda facts: facts.digits >= 1,
        accepts=lambda value, before: _is_capital_street(value, before) and _is_named(value, before),
    ),
    Rule(
        entity="LOCATION",
        pattern=pattern(_english(_STREET)),
        score=0.8,
        needs=lambda facts: facts.digits >= 1,
        accepts=_is_street,
    ),
    Rule(
        entity="LOCATION",
        pattern=pattern(
            rf"(?<![\w$€£.,:/-])\d{{1,6}}[A-Za-z]?\s+(?:[NSEW]\.?\s+)?(?:[A-Z][\w'’.-]*\s+){{1,4}}?{_STREET_EXACT}\b(?:\s+(?:North|South|East|West|[NSEW]{{1,2}})\b)?{_UNIT}?(?:{_REST})?",
            exact_case=True,
        ),
        score=0.7,
        needs=lambda facts: facts.digits >= 1,
        accepts=_is_capital_street,
    ),
    Rule(
        entity="LOCATION",
        pattern=pattern(
            r"""\b(?:(?-i:[A-ZÄÖÜ])[\w.-]{0,40}\s+)?[^\W\d_][\w-]{0,40}(?:stra(?:ß|ss)e|str\.|(?:\s|-)stra(?:ß|ss)e|weg|platz|allee|gasse|damm|ufer|ring|steig|chaussee
            |straat|laan|plein|gracht|kade|singel|gatan|vägen|gränd|veien|gata|vej|gade|katu|tie|polku)\s+\d{1,4}\s?[a-z]?\b
            (?:,?\s+(?:[A-Z]{1,2}-)?\d{3}\s?\d{1,2}\s*(?:[A-Z]{2}\s+)?[^\W\d_][\w-]+)?"""
        ),
        score=0.85,
        needs=lambda facts: facts.digits >= 1,
    ),
    Rule(
        entity="LOCATION",
        pattern=pattern(
            r"""(?<!\w)\d{1,4}(?:\s?(?:bis|ter)\b)?,?\s+(?:rue|avenue|av\.|boulevard|bd|place|chemin|allée|impasse|quai|route|cours|passage|square)\s+
            (?:(?:de\s+la|de\s+l['’]|du|des|de|d['’]|la|le|les)\s*)?[^\W\d_][\w'’-]*(?:\s+(?-i:[A-ZÀ-Ý])[\w'’-]*){0,4}(?:,?\s+\d{5}(?:\s+(?-i:[A-ZÀ-Ý])[\w'’-]*)?)?"""
        ),
        score=0.85,
        needs=lambda facts: (
            facts.digits >= 1
            and facts.holds("rue", "av", "b", "place", "chemin", "all", "impasse", "quai", "cours", "passage")
        ),
    ),
    Rule(
        entity="LOCATION",
        pattern=pattern(
            r"""\b(?:(?:calle|avenida|avda\.?|av\.|plaza|paseo|camino|carrer|carretera|rua|travessa|praça|alameda|largo|estrada|via|viale|piazza|corso|vicolo|ulica)\s+|(?:c/|ul\.|al\.)\s*)
            (?:(?:de\s+la|de\s+los|de\s+las|del|de|da|do|das|dos|della|dei|di)\s+)?[^\W\d_][\w'’.-]*(?:\s+[^\W\d_][\w'’.-]*){0,4}?,?\s+(?:n[ºo°.]{0,2}\s*)?\d{1,4}\s?[a-z]?\b
            (?:,?\s*\d{1,2}[ºªo°]\s*[a-z]?\b)?(?:,?\s+\d{2}-?\d{3}(?:-\d{3})?\s+[^\W\d_][\w-]*(?:\s+[A-Z][\w-]*)?)?"""
        ),
        score=0.85,
        needs=lambda facts: (
            facts.digits >= 1
            and facts.holds(
                "calle",
                "c/",
                "av",
                "pla",
                "paseo",
                "camino",
                "carre",
                "rua",
                "trav",
                "pra",
                "ala",
                "largo",
                "estr",
                "via",
                "pia",
                "corso",
                "vico",
                "ul",
                "al.",
            )
        ),
        accepts=_is_named,
    ),
    Rule(
        entity="LOCATION",
        pattern=pattern(r"\bp\.?\s?o\.?\s+box\s+\d+|\b(?:postfach|apartado|boîte\s+postale|caixa\s+postal)\s+\d+"),
        score=0.9,
        needs=lambda facts: facts.holds("box", "postfach", "apartado", "postale", "postal"),
    ),
    Rule(
        entity="LOCATION",
        pattern=pattern(
            r"\b(?:zip|zip\s?code|post\s?code|postal(?:\s+code)?|postcode|plz|postleitzahl|código\s+postal|code\s+postal|cep|c\.?p\.?)\b[^\d\n]{0,12}(\d{3,6}(?:-\d{3,4})?)\b"
        ),
        group=1,
        score=0.85,
        needs=lambda facts: facts.digits >= 3 and facts.holds("zip", "post", "plz", "cep", "cp", "c.p"),
    ),
    Rule(
        entity="LOCATION",
        pattern=pattern(rf"(?<![\w-]){_UK_POSTCODE}(?![\w-])", exact_case=True),
        score=0.7,
        needs=lambda facts: facts.digits >= 2,
    ),
    Rule(
        entity="LOCATION",
        pattern=pattern(r"(?<=[A-Z]{2}\s)\d{5}(?:-\d{4})?(?!\w)|(?<=,\s)\d{5}(?:-\d{4})?(?=\s+[A-Z])", exact_case=True),
        score=0.6,
        needs=lambda facts: facts.digits >= 5,
    ),
    Rule(
        entity="LOCATION",
        pattern=pattern(r"(?<![\w.])-?\d{1,3}\.\d{4,}\s*[,;]\s*-?\d{1,3}\.\d{4,}(?!\w)"),
        score=0.9,
        needs=lambda facts: facts.digits >= 8,
    ),
)
