"""Street addresses of many countries, in the ways people write them."""

import random

from harness.pii.training.pools import Region, cities, countries, plain_words, states

_EN_KINDS = (
    "Street", "St", "St.", "Road", "Rd", "Rd.", "Avenue", "Ave", "Ave.", "Lane", "Ln", "Drive", "Dr", "Dr.", "Court", "Ct", "Boulevard", "Blvd", "Blvd.",
    "Place", "Pl", "Way", "Terrace", "Circle", "Cir", "Parkway", "Pkwy", "Square", "Sq", "Trail", "Highway", "Hwy", "Close", "Crescent", "Grove", "Mews",
    "Gardens", "Hill", "Row", "Walk", "Alley", "Loop", "Pike", "Plaza", "Ridge", "Run", "View", "Expressway", "Turnpike", "Path", "Green", "Quay", "Wharf", "Parade", "Common", "Commons", "Vista", "Pass", "Crossing", "Point", "Landing", "Bend", "Park", "Mall", "Esplanade",
    "Approach", "Rise", "Vale", "Heights", "Freeway", "Fwy", "Xing", "Trce", "Trace", "Glen", "Hollow", "Cove", "Croft", "Yard", "Arcade", "Embankment",
)  # fmt: skip
_EN_NAMES = (
    "Main", "Park", "Oak", "Maple", "Cedar", "Elm", "Washington", "Lake", "Hill", "Walnut", "Spring", "North", "Ridge", "Church", "Willow", "Mill", "Sunset",
    "Railroad", "Jackson", "West", "South", "Highland", "Forest", "River", "Meadow", "Chestnut", "Green", "Franklin", "Center", "Market", "Union", "Broad", "Pine",
    "College", "University", "School", "Station", "Victoria", "King", "Queen", "High", "Mission", "Harbor", "Bay", "Ocean", "Valley", "Canyon", "Orchard", "Garden",
    "Cherry", "Birch", "Magnolia", "Sycamore", "Poplar", "Dogwood", "Laurel", "Holly", "Juniper", "Front", "Water", "Bridge", "Court", "Grand", "Pleasant", "Prospect",
    "Liberty", "Lincoln", "Madison", "Jefferson", "Monroe", "Adams", "Old Mill", "Old Post", "Old Church", "Country Club", "Martin Luther King Jr", "El Camino Real",
    "San Pablo", "Santa Clara", "Shattuck", "Telegraph", "La Brea", "Embarcadero", "Camino Verde", "Via Roma", "Del Monte", "Rancho", "Stoney Creek", "Fox Hollow",
    "Fort", "Mount Vernon", "Saint James", "St Andrews", "Bell", "Gateway", "Industrial", "Commerce", "Airport", "Depot", "Canal", "Abbey", "Windsor", "Manor",
)  # fmt: skip
_SIDES = ("N", "S", "E", "W", "N.", "S.", "E.", "W.", "North", "South", "East", "West", "NE", "NW", "SE", "SW")
_UNITS = (
    "Apt {n}", "Apt. {n}", "apt {n}{a}", "Apartment {n}", "Unit {n}", "Unit {a}{n}", "Suite {n}", "Ste {n}", "Ste. {n}", "#{n}", "# {n}", "Flat {n}", "flat {n}{a}",
    "Floor {f}", "{f}th floor", "Room {n}", "Building {a}", "Bldg {f}", "Lot {n}", "Level {f}", "Door {n}", "Block {a}", "Wing {a}", "PO Box {n}", "c/o reception",
)  # fmt: skip
_FORMS: dict[str, tuple[str, ...]] = {
    "germanic": ("{l}straße {n}", "{l}str. {n}", "{l}strasse {n}", "{l}weg {n}", "{l}gasse {n}", "{l}platz {n}", "{l}allee {n}{a}", "Am {l}berg {n}", "Zum {l} {n}", "An der {l}kirche {n}", "{f}-{l}-Straße {n}"),
    "dutch": ("{l}straat {n}", "{l}laan {n}", "{l}weg {n}-{m}", "{l}plein {n}", "{l}kade {n}{a}", "{l}gracht {n}", "Prins {l}laan {n}", "Burgemeester {l}straat {n}"),
    "nordic": ("{l}gatan {n}", "{l}vägen {n}", "{l}gade {n}", "{l}vej {n}, {m}. tv", "{l}gata {n}", "{l}veien {n}", "{l}katu {n} {a} {m}", "{l}tie {n}", "{l}gränd {n}", "{l}allé {n}", "{l}bakken {n}", "{l}stígur {n}"),
    "french": ("{n} rue {l}", "{n}, rue de {l}", "{n} rue {f} {l}", "{n} bis rue du {l}", "{n} avenue {l}", "{n} boulevard {f} {l}", "{n}, place {l}", "{n} chemin des {l}", "{n} impasse {l}", "{n} allée {l}", "{n} quai {l}", "{n} cours {l}", "rue {l} {n}", "lotissement {l} villa {n}"),
    "spanish": ("Calle {l} {n}", "calle {f} {l}, {n}", "C/ {l}, {n}", "c. {l} {n} {m}º {a}", "Avenida {l} {n}", "Av. {l} {n}", "Avda. de {l} {n}", "Paseo de {l} {n}", "Plaza {l} {n}", "Carrera {m} # {n}-{o}", "Cra {m} No {n} - {o}", "Camino {l} {n}", "Pasaje {l} {n}", "Ronda de {l}, {n}, {m}ª", "Urb. {l}, manzana {a} lote {m}", "Jirón {l} {n}", "Cll {n} {o}-{m}"),
    "portuguese": ("Rua {l}, {n}", "rua {f} {l} {n}", "R. {l} {n}", "Avenida {l}, {n}", "Av. {l}, {n} - apto {m}", "Travessa {l} {n}", "Praça {l}, {n}", "Alameda {l} {n}", "Largo do {l} {n}", "Rua das {l}, {n}, {m}º Esq", "Quadra {n} Conjunto {a} Casa {m}", "Estrada da {l} {n}"),
    "italian": ("Via {l} {n}", "via {f} {l}, {n}", "Viale {l} {n}", "Corso {l}, {n}", "Piazza {l} {n}", "Vicolo {l} {n}", "Largo {l}, {n}", "Strada {l} {n}/{a}", "Contrada {l} {n}", "Lungomare {l} {n}"),
    "slavic": ("ul. {l} {n}", "ul. {l} {n}/{m}", "ulica {l} {n}", "ulice {l} {n}", "{l}ova {n}", "{l}ska {n}/{m}", "al. {l} {n}", "os. {l} {n}/{m}", "trg {l} {n}", "nám. {l} {n}", "{l} utca {n}", "{l} út {n}.", "Strada {l} nr. {n}", "Bulevardul {l} {n}, bl. {a}{m}, ap. {o}", "{l} iela {n}-{m}", "{l} g. {n}-{m}", "{l} pst {n}", "{l} {n}", "{l} sok. no:{n} d:{m}", "{l} Mah. {o}. Sk. No: {n}", "{l} Cad. {n}/{m}"),
    "asian": ("No. {n}, {l} Road", "No {n} Jalan {l} {m}", "Jl. {l} No. {n}", "Jalan {l} {n}, RT {m}/RW {o}", "Gg. {l} No. {n}", "{n}, {l} Nagar", "Flat {n}, {l} Apartments, {l2} Road", "H.No. {n}-{m}-{o}, {l} Colony", "House {n}, Street {m}, Block {a}, {l}", "Plot {n} Sector {m}, {l}", "{n}/{m} {l} Marg", "{m}th Cross, {n}, {l} Layout", "Blk {n} {l} Ave {m} #{o}-{n2}", "{m}-{n}-{o} {l}", "{n}-ro {l}-gu", "{n} {l}-daero", "{m}/F, {n} {l} Road", "Soi {l} {m}, {n} {l2} Rd", "{n} Đường {l}", "{n} ngõ {m} {l}", "Lot {n}, {l} Subdivision", "Brgy. {l}, {n} Purok {m}"),
    "african": ("{n} {l} Crescent", "Plot {n}, {l} Road", "No {n} {l} Close, Off {l2} Street", "Stand {n} {l} Drive", "P.O. Box {n}, {l}", "{n} Rue {l}", "Villa {n}, Cité {l}", "Erf {n} {l} Straat", "{l} Estate, House {n}", "Private Bag X{n}, {l}", "Hay {l} N° {n}", "Lot {n} {a} {l}"),
}  # fmt: skip
_FAMILY = {
    "de": "germanic", "nl": "dutch", "da": "nordic", "sv": "nordic", "no": "nordic", "fi": "nordic", "is": "nordic", "fr": "french", "es": "spanish", "pt": "portuguese",
    "it": "italian", "pl": "slavic", "cs": "slavic", "sk": "slavic", "sl": "slavic", "hr": "slavic", "hu": "slavic", "ro": "slavic", "lv": "slavic", "lt": "slavic",
    "et": "slavic", "tr": "slavic", "az": "slavic", "uz": "slavic", "id": "asian", "vi": "asian", "ja": "asian", "zh": "asian", "ko": "asian", "en_IN": "asian", "en_PK": "asian",
    "en_TH": "asian", "ar": "african", "en_NG": "african", "en_KE": "african", "ha": "african", "ig": "african", "yo": "african", "tw": "african", "zu": "african", "sw": "african",
}  # fmt: skip
_POSTCODES: dict[str, tuple[str, ...]] = {
    "germanic": ("#####", "D-#####", "A-####", "CH-####"), "dutch": ("#### ??", "####??", "B-####"), "nordic": ("####", "### ##", "#####", "DK-####"), "french": ("#####", "F-#####", "?#? #?#"),
    "spanish": ("#####", "CP #####", "C.P. #####"), "portuguese": ("#####-###", "####-###"), "italian": ("#####",), "slavic": ("##-###", "### ##", "#####", "######", "####", "LV-####"),
    "asian": ("######", "###-####", "#####"), "african": ("#####", "####", "######"), "english": ("#####", "#####-####", "??# #??", "??## #??", "?# #??", "####", "?#?#?#", "EH# #??"),
}  # fmt: skip


def street(region: Region, dice: random.Random) -> str:
    """Return a street with a number."""
    family = _family(region)
    if family == "english" or dice.random() < 0.15:
        return _english(region, dice)
    return _filled(dice.choice(_FORMS[family]), region, dice)


def address(region: Region, dice: random.Random) -> str:
    """Return a street with a number, mostly with unit, town, postcode or country, in one line or several."""
    parts = [street(region, dice)]
    if dice.random() < 0.35:
        parts.insert(len(parts) if dice.random() < 0.8 else 0, _filled(dice.choice(_UNITS), region, dice))
    if dice.random() < 0.65:
        parts.extend(_tail(_family(region), dice))
    return dice.choice((", ", ", ", ", ", " ", " ", "\n", " - ", ",")).join(parts)


def postcode(region: Region, dice: random.Random) -> str:
    """Return a postcode in a form of the region's family of countries."""
    return _digits(dice.choice(_POSTCODES[_family(region)]), dice)


def _family(region: Region) -> str:
    return _FAMILY.get(region.locale) or _FAMILY.get(region.locale.split("_")[0]) or "english"


def _tail(family: str, dice: random.Random) -> list[str]:
    town = dice.choice(cities())
    code = _digits(dice.choice(_POSTCODES[family]), dice)
    if family == "english":
        state = dice.choice(dice.choice(states()))
        return dice.choice(
            (
                [town],
                [town, f"{state} {code}"],
                [f"{town} {state} {code}"],
                [f"{town} {code}"],
                [town, state, code],
                [f"{town}, {state}"],
                [code],
                [town, dice.choice(countries()), code],
            )
        )
    return dice.choice(
        (
            [f"{code} {town}"],
            [town],
            [town, code],
            [f"{code} {town}", dice.choice(countries())],
            [code],
            [town, dice.choice(countries())],
            [town, f"{dice.choice(countries())} {code}"],
        )
    )


def _english(region: Region, dice: random.Random) -> str:
    kind = dice.random()
    if kind < 0.12:
        name = (
            f"{_ordinal(dice.randint(1, 199))}"
            if dice.random() < 0.8
            else dice.choice(("First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Tenth"))
        )
    elif kind < 0.5:
        name = dice.choice(_EN_NAMES)
    elif kind < 0.8:
        name = dice.choice(region.last)
    elif kind < 0.85:
        name = dice.choice(region.first)
    elif kind < 0.89:
        name = dice.choice(plain_words()).capitalize()
    elif kind < 0.92:
        name = f"{dice.choice(plain_words()).capitalize()} {dice.choice(plain_words()).capitalize()}"
    elif kind < 0.94:
        name = f"{dice.choice(region.first)} {dice.choice(region.last)}"
    elif kind < 0.96:
        name = dice.choice(cities())
    else:
        name = f"{dice.choice(_EN_NAMES)} {dice.choice(_EN_NAMES)}"
    side = dice.choice(_SIDES) + " " if dice.random() < 0.12 else ""
    after = " " + dice.choice(_SIDES) if dice.random() < 0.05 else ""
    form = dice.random()
    if form < 0.02:
        return dice.choice(
            (
                "PO Box {n}",
                "P.O. Box {n}",
                "po box {n}",
                "Highway {n}",
                "US-{m}",
                "{n} County Road {m}",
                "{n} State Route {m}",
                "{n} Broadway",
                "{n} Avenue {a}",
                "{n} Highway {m} {s}",
                "corner of {x} and {y}",
            )
        ).format(
            n=_number(dice),
            m=dice.randint(1, 99),
            a=dice.choice("ABCDEFG"),
            s=dice.choice(_SIDES),
            x=f"{name} {dice.choice(_EN_KINDS)}",
            y=f"{dice.choice(_EN_NAMES)} {dice.choice(_EN_KINDS)}",
        )
    return f"{_number(dice)} {side}{name} {dice.choice(_EN_KINDS)}{after}"


def _number(dice: random.Random) -> str:
    style = dice.random()
    number = dice.choice((dice.randint(1, 99), dice.randint(100, 999), dice.randint(1000, 29999)))
    if style < 0.05:
        return f"{number}{dice.choice('abcdABCD')}"
    if style < 0.09:
        return f"{number}-{number + dice.randint(1, 20)}"
    if style < 0.11:
        return f"{number} 1/2"
    if style < 0.13:
        return f"{number}/{dice.randint(1, 40)}"
    return str(number)


def _ordinal(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _filled(form: str, region: Region, dice: random.Random) -> str:
    return form.format(
        l=dice.choice(region.last),
        l2=dice.choice(region.last),
        f=dice.choice(region.first) if "{f}-" in form or "{f} " in form else dice.randint(1, 30),
        n=dice.randint(1, 420),
        n2=dice.randint(10, 420),
        m=dice.randint(1, 60),
        o=dice.randint(1, 99),
        a=dice.choice("ABCDEFGH"),
    )


def _digits(form: str, dice: random.Random) -> str:
    return "".join(
        str(dice.randint(0, 9)) if c == "#" else dice.choice("ABCDEFGHJKLMNPRSTUVWXYZ") if c == "?" else c for c in form
    )
