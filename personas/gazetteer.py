"""Invented people and towns by language: first names that exist with surnames that do not, so that they are nobody's."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Region:
    """What a user of a language would call people and places, and how numbers look there."""

    first: tuple[str, ...]
    last: tuple[str, ...]
    places: tuple[str, ...]
    phone: str
    """``#`` is a random digit; only ranges that regulators set aside for fiction, or numbers that no network routes."""
    decimal_mark: str = "."


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_ENGLISH = Region(
    _names(
        "Marta Tobin Ines Owen Priya Luca Hana Jonas Amara Felix Noor Elsie Diego Sofie Kenji Rosa Pavel Leila Bram Anouk Grace Callum Nadia Reuben"
    ),
    _names(
        "Ellwood Karsk Valdorra Thackley Nandalore Ferrantin Mirosova Wickermann Osundele Prowtree Malvarez Lindqvarn Moritake Quintavel Horacky Zarandi Hollingstead Brackwater Tenderby Cawthrell Duskwell Ostermere Pellingham Varrowby"
    ),
    (
        "Port Hollis",
        "Westermoor",
        "Castle Quill",
        "Harrowgate Bay",
        "Kingsfold",
        "Mirefield",
        "Saint Orven",
        "Tarnbridge",
    ),
    "(206) 555-01##",  # 555-0100 … 0199 is set aside for fiction in North America (NANPA).
)
_REGIONS: dict[str, Region] = {
    "de": Region(
        _names(
            "Anke Lennart Wiebke Torsten Marlies Jannik Friederike Uwe Svenja Kilian Heike Benno Gesa Detlef Mareike Ole Silke Ruben Antje Falk"
        ),
        _names(
            "Wickermann Brandauf Lindenkropp Hesselvogt Mühlenbrock Tannhaber Osterwiehl Krautzig Dornfelser Ahlenkamp Bregenstein Fuchswald Hagenrieth Kellmünz Rautenberger Steinhöveler Wendelohr Zirbental Grünlacher Plöckinger"
        ),
        ("Lindenbrück", "Ostermoor", "Bad Wiesental", "Neukirchau", "Hohenfelde-Süd", "Altenquell"),
        "030 23125 ###",  # (0)30 23125 000 … 999 is set aside for drama (Bundesnetzagentur).
        ",",
    ),
    "es": Region(
        _names(
            "Marisol Íñigo Candela Nuria Gonzalo Rocío Álvaro Lorena Emilio Pilar Tomás Beatriz Joaquín Elvira Ramiro Inés"
        ),
        _names(
            "Valdorra Quintavel Malvarén Peñascales Olivarra Montejuelo Zarzamora Ribalda Cornejal Altozano Fuentelba Marchenal Tordera-Ruz Belmontino Carrascosal Villarejón"
        ),
        ("Villa Serena", "Puerto Alba", "San Orbán", "Valdecierva", "Castroviejo del Mar"),
        "000 ### ###",  # No Spanish number begins with 0.
        ",",
    ),
    "fr": Region(
        _names(
            "Anouk Bastien Solène Thibault Maëlle Corentin Élodie Gaspard Noémie Florian Clémence Rémi Aurore Loïc Margaux Yannick"
        ),
        _names(
            "Delmarre Vauquelard Fontebrie Chasselin Morvandier Beaurencourt Tréguillet Lavernois Pontaillac-Roy Garrigault Sablonnet Hautecombe-Lys Brissendre Courvaillon Ravinelle Estaingot"
        ),
        ("Saint-Orven", "Montclairac", "Villebrume", "Port-Séran", "La Roche-Mauve"),
        "01 99 00 ## ##",  # 01 99 00 is set aside for films (Arcep).
        ",",
    ),
    "it": Region(
        _names("Ludovica Tancredi Mirella Fabrizio Ornella Saverio Ginevra Ruggero Fiamma Donato Elide Piero"),
        _names(
            "Ferrantin Bordolli Castrignoli Velatesta Montecardi Sorbellini Acquarossa Pontremolli Zafferanti Gualdesi Rocchettone Larinucci"
        ),
        ("Villa Serena", "Montefosco", "Porto Calmo", "San Lupario"),
        "000 ### ####",
        ",",
    ),
    "pt": Region(
        _names("Mafalda Duarte Leonor Tiago Jacinta Vasco Beatriz Nuno Iara Caetano Filipa Rui"),
        _names(
            "Valadouro Pessanhal Montenovo Figueiral Cardosinho Alvarenga-Luz Rebordal Quintares Seixalino Brandãozinho Loureirais Ventosal"
        ),
        ("Vila Serena", "Porto Manso", "Santa Olinda", "Monte Claro"),
        "000 ### ###",
        ",",
    ),
    "nl": Region(
        _names("Bram Fenna Joost Maaike Sander Lotte Wouter Tessel Gijs Roos Pieter Hanneke"),
        _names(
            "Verhoest Duinkamp Oosterveen Molenzicht Waterlander Kastelenbrug Grasveld Rietkerk Hagendoornik Polderwijk Steenvoorder Zandelaar"
        ),
        ("Nieuwerveen", "Oosterhaven", "Sint-Orbaan", "Molenwaard"),
        "000 ### ####",
        ",",
    ),
}


def region(language: str) -> Region:
    """Return the region of a language; the English one where there is none."""
    return _REGIONS.get(language, _ENGLISH)
