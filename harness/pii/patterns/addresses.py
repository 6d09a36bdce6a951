"""Where somebody lives: street addresses as written in several countries, postcodes, boxes, coordinates."""

import re

from harness.pii.lexicon import words
from harness.pii.patterns.localities import STATE, ZIP, tail_end
from harness.pii.patterns.quantities import is_money, is_ordinary, is_product
from harness.pii.patterns.rules import Rule, pattern, word_set

_ARTICLES = frozenset(
    (
        "de",
        "la",
        "los",
        "las",
        "del",
        "da",
        "do",
        "das",
        "dos",
        "della",
        "dei",
        "di",
        "du",
        "des",
        "le",
        "les",
        "au",
        "aux",
        "bis",
        "ter",
        "place",
        "avenue",
        "via",
        "square",
    )
)
_WORD = re.compile(r"[^\W_]*[^\W\d_][^\W_]*")


def _is_capital_street(value: str, before: str, _after: str) -> bool:
    found = re.findall(r"[^\W\d_]+", value)
    return not is_money(before) and bool(found) and found[0].lower() not in words("quantities")


def _is_named(value: str, _before: str, _after: str) -> bool:
    """Return whether no ordinary word stands between street word and number: "via the app in 2 days" is no address."""
    plain = words("common_words") - words("word_names")
    return not any(word in plain for word in re.findall(r"[^\W\d_]{2,}", value.lower())[1:] if word not in _ARTICLES)


def _is_told_place(value: str, before: str, after: str) -> bool:
    if value.isdecimal() or is_ordinary(value, before, after):
        return False
    if any(
        word in words("common_words")
        for word in re.findall(r"[^\W\d_]{3,}", value.lower())
        if word not in words("street_names")
    ):
        return False
    return _is_capital_street(value, before, after) and _is_named(value, before, after)


def _is_coordinate(value: str, _before: str, _after: str) -> bool:
    first, second = (abs(float(part.replace(",", "."))) for part in re.findall(r"\d{1,3}[.,]\d{3,}", value)[:2])
    return first <= 180 and second <= 180


def _is_town_with_state(value: str, _before: str, _after: str) -> bool:
    """Return whether the word before a postcode is a state and no "in" or "on", and the words before it are a town's."""
    found = [word for word in _WORD.findall(value) if not word[0].isdigit()]
    state, towns = found[-1], found[:-1]
    if state.lower() in words("common_words") | {"la", "de", "al"} and not (state.isupper() and not value.isupper()):
        return False
    return bool(towns) and (", " in value or not any(word.lower() in words("common_words") for word in towns))


def _is_british(value: str, before: str, after: str) -> bool:
    """Return whether a postcode in lower case is none of the ordinary pieces that look like one."""
    if value[: 1 if value[1].isdigit() else 2].lower() not in words("uk_postal_areas") or is_product(before, after):
        return False
    return value.isupper() or (
        not re.search(r"\d\s\d(?:am|pm|gb|mb|km|kg|hr|hrs)$", value, re.IGNORECASE) and not is_money(before)
    )


_ZIP_DIGITS = 5
_FUNCTION = word_set("to and for go with is at on in are was you i we it my your please from")
_UNITS = word_set("apt apartment suite ste unit flat")

ADDRESS_RULES = (
    Rule(
        # Any street of any country: what tells is the flat's number, and the postcode after the town.
        entity="LOCATION",
        why="address with a flat and a postcode",
        pattern=pattern(
            r"(?<!\w)\d{1,6}[a-z]?[ ,][^\n?!]{2,50}?[\s,>?]+(?:apt|apartment|suite|ste|unit|flat)\.?\s*\#?\d{1,5}\b(?:[^\d?!]{2,60}?\d{4,6}\b(?:-\d{4})?)?"
        ),
        score=0.8,
        digits=3,
        words=_UNITS,
        accepts=lambda value, _before, _after: _FUNCTION.isdisjoint(re.findall(r"[^\W\d_]+", value.lower())),
    ),
    Rule(
        entity="LOCATION",
        why="told to be where somebody lives or goes",
        pattern=pattern(
            r"""\b(?:address(?:\s+(?:is|was|to|as|with|into))?\s*:?|(?:i(?:['’]?m|\s+am)?\s+)?(?:now\s+)?(?:lives?|living|staying)\s+(?:at|on|in)|(?:i|we)\s+(?:have\s+)?moved\s+to|deliver(?:ed|y)?\s+(?:it\s+|this\s+|them\s+)?to|(?:ship|send|sent|post)(?:ped|ed)?\s+(?:it\s+|this\s+|them\s+)?to
            |(?:pick\s+(?:me|us)\s+up|picked\s+up|pickup|drop(?:ped)?(?:\s+(?:me|us))?(?:\s+off)?|located)\s+(?:at|from|in|on)|come\s+to|home\s+is|house\s+is|adresse\s+(?:ist|est|lautet)|dirección\s+es|vivo\s+en|j['’]habite(?:\s+au)?|endereço\s+é|wohne\s+(?:in|an)(?:\s+der)?|abito\s+in|mieszkam\s+(?:na|przy))\s+
            ((?:[^\W\d_][\w.'’-]*,?[ ]){0,4}(?:(?:n[º°o]\.?|\#)[ ]?)?\d{1,6}(?:-\d{1,4})?(?:/\d{1,4})?[a-z]?(?!\w|[:%]|[.,]\d)(?:[ ,]+[\w.'’\#/-]+){0,3}?(?=[ ,]*(?:$|[\n.!?;])))"""
        ),
        group=1,
        extend=tail_end,
        score=0.7,
        digits=1,
        words=word_set(
            "address live lives living staying moved deliver delivered delivery ship shipped send sent post posted pick picked pickup drop dropped located come home house adresse"
            " dirección vivo habite endereço wohne abito mieszkam"
        ),
        accepts=_is_told_place,
    ),
    Rule(
        entity="LOCATION",
        why="street in the German, Dutch or Nordic manner with its number",
        pattern=pattern(
            r"""(?<!\w)(?:\d{1,4}\s+)?(?:(?-i:[A-ZÄÖÜ])[\w.-]{0,40}\s+)?[^\W\d_][\w-]{0,40}(?:stra(?:ß|ss)e|str\.|(?:\s|-)stra(?:ß|ss)e|weg|platz|allee|gasse|damm|ufer|ring|steig|chaussee
            |straat|laan|plein|gracht|kade|singel|gatan|vägen|gränd|veien|gata|vej|gade|katu|tie|polku|allé|vænget|stræde)\s+\d{1,4}(?:[/-]\d{1,3}){0,2}(?:\s?[a-z])?(?!\w)
            (?:,?\s+(?:[A-Z]{1,2}-)?\d{3}\s?\d{1,2}\s*(?:[A-Z]{2}\s+)?[^\W\d_][\w-]+)?"""
        ),
        extend=tail_end,
        score=0.85,
        digits=1,
        holds=(
            "straße",
            "strasse",
            "str.",
            "weg",
            "platz",
            "allee",
            "gasse",
            "damm",
            "ufer",
            "ring",
            "steig",
            "chaussee",
            "straat",
            "laan",
            "plein",
            "gracht",
            "kade",
            "singel",
            "gatan",
            "vägen",
            "gränd",
            "veien",
            "gata",
            "vej",
            "gade",
            "katu",
            "tie",
            "polku",
            "allé",
            "vænget",
            "stræde",
        ),
        accepts=lambda value, _before, _after: not re.match(r"(?:\d+\s+)?(?:[a-z]*ring|tie|weg|[a-z]*tie)\s", value),
    ),
    Rule(
        entity="LOCATION",
        why="street in the French manner with its number",
        pattern=pattern(
            r"""(?<!\w)(?:\d{1,4}\s+)?\d{1,4}(?:\s?(?:bis|ter)\b)?,?\s+(?:rue|avenue|av\.|boulevard|bd|place|chemin|allée|impasse|quai|route|cours|passage|square|faubourg|sentier|ruelle|villa)\s+
            (?:(?:de\s+la|de\s+l['’]|du|des|de|d['’]|la|le|les)\s*)?[^\W\d_][\w'’-]*(?:(?:\s+[^\W\d_][\w'’-]*){1,3}?(?=,?\s+\d{5}(?!\w))|(?:\s+(?-i:[A-ZÀ-Ý])[\w'’-]*){0,4})(?:\s+\d{1,4}(?![\w.,:]))?"""
        ),
        extend=tail_end,
        score=0.85,
        digits=1,
        words=word_set(
            "rue avenue av boulevard bd place chemin allée impasse quai route cours passage square faubourg sentier ruelle villa"
        ),
        accepts=_is_named,
    ),
    Rule(
        entity="LOCATION",
        why="street in the Romance or Slavic manner with its number",
        pattern=pattern(
            r"""(?<!\w)(?:\d{1,4}\s+)?(?:(?:calle|avenida|avda\.?|av\.|plaza|paseo|camino|carrer|carretera|ronda|rua|travessa|praça|alameda|largo|estrada|via|viale|piazza|piazzale|corso|vicolo|largo|strada|ulica|plac|aleja|rue|strada|bulevardul|ulice|náměstí)\s+|(?:c/|ul\.|al\.|os\.|pl\.)\s*)
            (?:(?:de\s+la|de\s+los|de\s+las|del|de|da|do|das|dos|della|dei|di)\s+)?[^\W\d_][\w'’.-]*(?:\s+[^\W\d_][\w'’.-]*){0,4}?,?\s+(?:n[ºo°.]{0,2}\s*)?\d{1,4}\s?[a-z]?\b(?:/\d{1,4}[a-z]?)?
            (?:,?\s*\d{1,2}[ºªo°]\s*[a-z]?\b)?(?:,?\s+\d{2}-?\d{3}(?:-\d{3})?\s+[^\W\d_][\w-]*(?:\s+(?-i:[A-Z])[\w-]*)?)?"""
        ),
        extend=tail_end,
        score=0.85,
        digits=1,
        words=word_set(
            "calle avenida avda av plaza paseo camino carrer carretera ronda rua travessa praça alameda largo estrada via viale piazza piazzale corso vicolo strada ulica plac aleja rue bulevardul"
            " ulice náměstí c ul al os pl"
        ),
        accepts=_is_named,
    ),
    Rule(
        entity="LOCATION",
        why="post box",
        pattern=pattern(
            r"(?<!\w)(?:\d{1,4}\s+)?p\.?\s?o\.?\s?box\s+\#?\d+|\bpost\s+office\s+box\s+\d+|\b(?:postfach|apartado(?:\s+de\s+correos)?|boîte\s+postale|caixa\s+postal|casella\s+postale|postbus|postboks|postbox|skrytka\s+pocztowa|b\.?p\.)\s+\d+"
        ),
        extend=tail_end,
        score=0.9,
        digits=1,
        holds=("box", "postfach", "apartado", "postale", "postal", "postbus", "postboks", "skrytka", "bp ", "b.p"),
    ),
    Rule(
        entity="LOCATION",
        why="military or ship's mail address",
        # Military mail, and ships.
        pattern=pattern(
            r"\b(?:(?:psc|cmr|unit)\s+\d{1,5},?\s+box\s+\d{1,5}(?:[\s,]+[afd]po\s+a[aep]\s+\d{5}(?:-\d{4})?)?|(?:uss|usns|uscgc)\s+[^\W\d_][\w'’-]*(?:\s+[^\W\d_][\w'’-]*)?[\s,]+[afd]po\s+a[aep]\s+\d{5}(?:-\d{4})?|[afd]po,?\s+a[aep],?\s+\d{5}(?:-\d{4})?)"
        ),
        score=0.9,
        digits=2,
        words=word_set("psc cmr unit uss usns uscgc apo fpo dpo"),
    ),
    Rule(
        entity="LOCATION",
        why="told to be a postcode",
        pattern=pattern(
            r"\b(?:zip|zip\s?code|post\s?code|postal(?:\s+code)?|postcode|plz|postleitzahl|código\s+postal|code\s+postal|cep|cap|c\.?p\.?|pin\s?code|pincode|postnummer|kod\s+pocztowy|eircode)\b[^\d\n]{0,16}?(\d{2,3}\s?-?\d{2,4}(?:-\d{3,4})?(?:\s?[a-z]{2}\b)?|(?<=code[ ])\d{3}|(?<=zip[ ])\d{3})(?!\w)"
        ),
        group=1,
        score=0.85,
        digits=3,
        words=word_set(
            "zip zipcode post postcode postal plz postleitzahl cep cap cp c pin pincode postnummer pocztowy eircode"
        ),
        accepts=lambda _value, before, _after: not is_money(before),
    ),
    Rule(
        entity="LOCATION",
        why="told to be a postcode with letters",
        pattern=pattern(
            r"\b(?:zip|post\s?code|postal(?:\s+code)?|postcode|eircode)(?:\s+code)?\b(?:\s*(?:is|:|=|,|for|my|the|to))*\s*((?=[a-z0-9 ]*\d)[a-z0-9]{2,4}[ -]?[a-z0-9]{3,4})(?!\w)"
        ),
        group=1,
        score=0.85,
        digits=2,
        words=word_set("zip post postcode postal eircode"),
        accepts=lambda value, _before, _after: (
            any(c.isalpha() for c in value) and not re.fullmatch(r"[^\W\d_]+\s?\d{1,2}", value)
        ),
    ),
    Rule(
        entity="LOCATION",
        why="British postcode",
        pattern=pattern(r"(?<![\w-])[a-z]{1,2}\d[a-z\d]?\s?\d(?!st\b|nd\b|th\b)[abd-hjlnp-uw-z]{2}(?![\w-])"),
        score=0.7,
        digits=2,
        accepts=_is_british,
    ),
    Rule(
        entity="LOCATION",
        why="Canadian postcode",
        # Canada.
        pattern=pattern(r"(?<![\w\#-])[abceghj-nprstvxy]\d[abceghj-nprstv-z][ -]?\d[abceghj-nprstv-z]\d(?![\w-])"),
        score=0.75,
        digits=3,
    ),
    Rule(
        entity="LOCATION",
        why="Dutch postcode",
        # The Netherlands.
        pattern=pattern(
            r"(?<![\w-])[1-9]\d{3}\s?(?!SA|SD|SS|AM|PM|AD|BC|EU|US|UK|TV|HD|PS|KM|KG|CM|MM|GB|MB|TB|OK|IT|PC|KW|HP|CC)[A-Z]{2}(?![\w-])",
            exact_case=True,
        ),
        score=0.6,
        digits=4,
        accepts=lambda value, before, _after: (
            not before.isupper() and not is_money(before) and not re.fullmatch(r"(?:19|20)\d\d\s.*", value)
        ),
    ),
    Rule(
        entity="LOCATION",
        why="US ZIP code behind its state",
        pattern=pattern(
            r"(?<=[^A-Z][A-Z]{2}\s)\d{5}(?:-\d{4})?(?!\w)|(?<=,\s)\d{5}(?:-\d{4})?(?=\s+[A-Z])", exact_case=True
        ),
        score=0.6,
        digits=5,
        accepts=lambda _value, before, _after: (
            before.endswith(", ") or before.split()[-1].lower() in words("us_states")
        ),
    ),
    Rule(
        entity="LOCATION",
        why="US town with state and ZIP code",
        # "lake lisamouth pr 38779": a town with its state and postcode and no street.
        pattern=pattern(rf"(?<![\w$€£.,-])(?:[^\W\d_][\w'’-]*[ ]){{0,2}}[^\W\d_][\w'’-]*,?[ ]{STATE},?[ ]{ZIP}"),
        score=0.7,
        digits=5,
        words=words("us_states"),
        needs=lambda facts: any(len(word) == _ZIP_DIGITS and word.isdecimal() for word in facts.words),
        accepts=_is_town_with_state,
    ),
    Rule(
        entity="LOCATION",
        why="told to be a street corner",
        pattern=pattern(
            r"\b(?:the\s+)?corner\s+of\s+((?:[\w.'’/-]+\s+){1,5}?(?:and|&)\s+(?:[^\W\d_][\w.'’-]*\s+){0,3}?(?:(?:street|st|road|rd|avenue|ave|boulevard|blvd|lane|drive|way)\b|[^\W\d_][\w.'’-]*\s+\d{1,4}))"
        ),
        group=0,
        score=0.75,
        words=frozenset(("corner",)),
    ),
    Rule(
        entity="LOCATION",
        why="coordinates",
        pattern=pattern(
            r"(?<![\w.])-?\d{1,3}\.\d{3,}°?\s?[NS]?\s*[,;/\s]\s*-?\d{1,3}\.\d{3,}°?(?:\s?[EW]\b)?(?!\w)|(?<![\w.,])-?\d{1,3},\d{4,}\s?[;/]\s?-?\d{1,3},\d{4,}(?!\w)"
        ),
        score=0.9,
        digits=6,
        needs=lambda facts: facts.text.count(".") >= 2 or facts.text.count(",") >= 2,
        accepts=_is_coordinate,
    ),
    Rule(
        entity="LOCATION",
        why="coordinates in degrees, or a plus code",
        pattern=pattern(
            r"(?<![\w.])[NS]?\s?\d{1,3}\s?[°º]\s?(?:\d{1,2}(?:\.\d+)?\s?['′’]\s?(?:\d{1,2}(?:\.\d+)?\s?(?:[\"″”]|''|′′)?)?\s?)?[NSEW]?[\s,;/]+[EW]?\s?\d{1,3}(?:\.\d+)?\s?[°º]\s?(?:\d{1,2}(?:\.\d+)?\s?['′’]\s?(?:\d{1,2}(?:\.\d+)?\s?(?:[\"″”]|''|′′)?)?\s?)?[EWNS](?!\w)"
            r"|\b(?:lat(?:itude)?)[\"']?\s*(?:is|:|=)?\s*[\"']?-?\d{1,3}\.\d+[\s,;and&\"']*(?:lon(?:g(?:itude)?)?|lng)[\"']?\s*(?:is|:|=)?\s*[\"']?-?\d{1,3}\.\d+|(?<!\w)[2-9CFGHJMPQRVWX]{8}\+[2-9CFGHJMPQRVWX]{2,3}(?!\w)|(?-i:(?<![\w+])(?=[A-Z]{0,3}\d)(?=\d{0,3}[A-Z])[2-9CFGHJMPQRVWX]{4}\+[2-9CFGHJMPQRVWX]{2,3}(?:,?[ ][A-ZÀ-Þ][\w'’-]+)?(?!\w))|\bpoint\s?\(\s?-?\d{1,3}\.\d+\s+-?\d{1,3}\.\d+\s?\)"
        ),
        score=0.9,
        digits=2,
        holds=("°", "º", "lat", "+", "point"),
    ),
    Rule(
        entity="LOCATION",
        why="degrees and minutes",
        # One line of a picture's data, or a pair in degrees and decimal minutes.
        pattern=pattern(
            r"(?<![\w.])\d{1,3}\s?(?:°|º|deg)\s?\d{1,2}\s?['′’]\s?\d{1,2}(?:\.\d+)?\s?(?:[\"″”]|''|′′)\s?[NSEW](?:,\s?\d{1,3}\s?(?:°|º|deg)\s?\d{1,2}\s?['′’]\s?\d{1,2}(?:\.\d+)?\s?(?:[\"″”]|''|′′)\s?[NSEW])?(?!\w)"
            r"|(?<!\w)[NS]\s?\d{1,2}[°\s]\s?\d{1,2}\.\d{2,}['′]?[\s,;]+[EW]\s?\d{1,3}[°\s]\s?\d{1,2}\.\d{2,}"
        ),
        score=0.9,
        digits=5,
        words=frozenset("nsew"),
    ),
    Rule(
        entity="LOCATION",
        why="told to be a latitude or a longitude",
        pattern=pattern(
            r"(?<![^\W_])(?:gps_?)?(?:lat(?:itude)?|lon(?:g(?:itude)?)?|lng)[\"']?\s*[:=]\s*[\"']?(-?\d{1,3}\.\d{3,})"
        ),
        group=1,
        score=0.85,
        digits=4,
        words=word_set("lat latitude lon long longitude lng gpslat gpslatitude gpslong gpslongitude"),
    ),
    Rule(
        entity="LOCATION",
        why="told to be three words of a place",
        pattern=pattern(
            r"\b(?:w3w|what\s?3\s?words|what\s?three\s?words)\b\W{0,3}(?:(?:is|are|location|address|code)\W{1,3}){0,2}([^\W\d_]{3,}\.[^\W\d_]{3,}\.[^\W\d_]{3,})"
        ),
        group=1,
        score=0.9,
        words=word_set("w3w what3words whatthreewords words"),
    ),
    Rule(
        entity="LOCATION",
        why="three-word address",
        pattern=pattern(r"(?<![\w/])///[^\W\d_]+\.[^\W\d_]+\.[^\W\d_]+"),
        score=0.9,
        holds=("///",),
    ),
)
