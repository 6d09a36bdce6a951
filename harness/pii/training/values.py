"""Invented personal values, one maker for each placeholder of the training text."""

import random
import string
from collections.abc import Callable
from functools import cache

from harness.pii.training import vocabulary
from harness.pii.training.pools import InventedNames, Region, census, cities, countries, plain_words, regions, states
from harness.pii.training.streets import address, postcode, street
from harness.pii.training.vocabulary import listed

_WORD_NAMES = listed("word_names")
_MAIL = listed("mail_hosts")
_KIN = listed("kin")
_KIN_ALONE = listed("kin_alone")
_PRACTICES = listed("practices")
_CALLINGS = listed("callings")
_DAYS = listed("days")
_MONTHS = listed("months")
_SYLLABLES = listed("syllables")
_TRADES = listed("trades")
_VENUES = listed("venues")
_PRODUCTS = listed("products")
_SECRETS = string.ascii_letters + string.digits

TYPES = {
    "practice": "PERSON", "person": "PERSON", "first": "PERSON", "last": "PERSON", "address": "LOCATION", "street": "LOCATION", "zip": "LOCATION", "phone": "PHONE_NUMBER", "email": "EMAIL_ADDRESS",
    "card": "CREDIT_CARD", "iban": "IBAN_CODE", "ssn": "US_SSN", "ip": "IP_ADDRESS", "username": "ID", "id": "ID", "plate": "ID", "passport": "ID", "coords": "ID", "secret": "ID",
    "dob": "DATE_OF_BIRTH", "city": "GPE", "state": "GPE", "country": "GPE", "org": "ORGANIZATION", "venue": "ORGANIZATION", "product": "ORGANIZATION", "title": "ORGANIZATION",
    "date": "DATE_TIME", "time": "DATE_TIME", "amount": "O", "n": "O", "url": "URL",
    "word": "O", "term": "O", "menu": "O", "job": "O", "currency": "O", "foreign": "O",
    "number": "O", "quantity": "O", "code": "O",
}  # fmt: skip
"""The type of what each placeholder is filled with; ``O`` is nothing personal."""


class Values:
    """Makes values; all random choices are the dice's."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._regional: dict[str, Callable[[Region], str]] = {
            "person": self.person,
            "practice": self._practice,
            "first": self.first,
            "last": self.last,
            "address": lambda region: address(region, dice),
            "street": lambda region: street(region, dice),
            "zip": lambda region: postcode(region, dice),
            "email": self._email,
            "username": self._username,
            "org": self._org,
            "venue": self._venue,
        }
        self._worldwide: dict[str, Callable[[], str]] = {
            "phone": self._phone,
            "card": self._card,
            "iban": self._iban,
            "ssn": lambda: self._shaped("###-##-####"),
            "ip": lambda: ".".join(str(dice.randint(1, 254)) for _ in range(4)),
            "id": self._id,
            "plate": self._plate,
            "passport": self._passport,
            "coords": lambda: f"{dice.uniform(-80, 80):.5f}, {dice.uniform(-170, 170):.5f}",
            "secret": self._secret,
            "dob": self._dob,
            "city": lambda: dice.choice(cities()),
            "state": lambda: dice.choice(states())[0],
            "country": lambda: dice.choice(countries()),
            "product": self._product,
            "title": self._title,
            "date": self._date,
            "time": self._time,
            "amount": self._amount,
            "n": lambda: str(dice.randint(1, 12)),
            "url": self._url,
            "word": lambda: dice.choice(vocabulary.frequent_words()),
            "term": lambda: vocabulary.term(dice),
            "menu": lambda: vocabulary.menu(dice),
            "job": lambda: dice.choice(dice.choice(vocabulary.jobs())),
            "currency": lambda: dice.choice(vocabulary.currencies()),
            "foreign": lambda: vocabulary.foreign(dice),
            "number": lambda: vocabulary.number(dice),
            "quantity": lambda: vocabulary.quantity(dice),
            "code": lambda: vocabulary.code(dice),
        }

    def region(self) -> Region:
        """Return a region whose names go together; English-speaking ones are drawn more often, as in most logs."""
        draw = self._dice.random()
        if draw < 0.35:
            return census()
        return self._dice.choice(_english() if draw < 0.6 else regions())

    def make(self, placeholder: str, region: Region) -> str:
        """Return a value for a placeholder."""
        regional = self._regional.get(placeholder)
        return regional(region) if regional else self._worldwide[placeholder]()

    def first(self, region: Region) -> str:
        """Return a given name: one of the region's, an invented one, or an ordinary word that is one."""
        draw = self._dice.random()
        if draw < 0.07:
            return self._dice.choice(_WORD_NAMES)
        if draw < 0.2:
            return _invented("first").draw(self._dice)
        if draw < 0.23:
            return f"{self._dice.choice(region.first)}-{self._dice.choice(region.first)}"
        if draw < 0.27:
            return self._dice.choice(region.first)[: self._dice.randint(3, 5)]
        return self._dice.choice(region.first)

    def last(self, region: Region) -> str:
        """Return a surname: one of the region's, a rare or invented one, a double one, or an ordinary word."""
        draw = self._dice.random()
        if draw < 0.06:
            return self._dice.choice(_WORD_NAMES)
        if draw < 0.09:
            return self._dice.choice(plain_words()).capitalize()
        if draw < 0.24:
            return _invented("last").draw(self._dice)
        if draw < 0.28:
            return f"{self._dice.choice(region.last)}-{self._dice.choice(region.last)}"
        if draw < 0.31:
            return f"{self._dice.choice(('van', 'de', 'von', 'van der', 'de la', 'al', 'bin', 'El', 'O’', 'O', 'Mc', 'Di', 'Da', 'Le', 'Abu', 'St.'))} {self._dice.choice(region.last)}"
        return self._dice.choice(region.last)

    def person(self, region: Region) -> str:
        """Return a name in any of the forms in which people give it."""
        if self._dice.random() < 0.008:
            return self._dice.choice(_KIN_ALONE)
        first, last, draw = self.first(region), self.last(region), self._dice.random()
        forms = (
            (0.42, f"{first} {last}"), (0.56, first), (0.64, last), (0.69, f"{last} {first}"), (0.71, f"{last} {first} {self._initial()}"), (0.74, f"{last}, {first}"), (0.79, f"{first} {self._initial()} {last}"),
            (0.81, f"{self._dice.choice(_KIN)} {first}"), (0.82, f"{first} {last}, {self._dice.choice(_CALLINGS)}"),
            (0.84, f"{first} {self.first(region)} {last}"), (0.88, f"{first} {last} {self.last(region)}"), (0.91, f"{self._initial()} {last}"), (0.93, f"{first} {self._initial()}"),
            (0.94, f"{self._initial()}{self._initial()} {last}"), (0.96, f"{first} {last} {self._dice.choice(('Jr', 'Jr.', 'III', 'Sr', 'MD', 'PhD', 'II'))}"), (0.98, f"{first} & {self.first(region)} {last}"),
        )  # fmt: skip
        return next((form for limit, form in forms if draw < limit), f"{first} and {self.first(region)} {last}")

    def _practice(self, region: Region) -> str:
        """Return what a small practice or studio calls itself: often its owner's name, and as telling."""
        dice, last = self._dice, self.last(region)
        first_word, second_word = dice.choice(plain_words()).capitalize(), dice.choice(plain_words()).capitalize()
        kind, other = dice.choice(_PRACTICES), dice.choice(cities())
        return dice.choice(
            (
                f"{last} & {self.last(region)}",
                f"{last} {kind}",
                f"{first_word} {kind}",
                f"{other} {kind}",
                f"{first_word} {second_word} {kind}",
                f"The {first_word} {kind}",
                f"Center For {first_word} {second_word}",
                f"{other} Children's {first_word}",
                f"{first_word} {second_word}",
                f"{last} and {self.last(region)} {kind}",
                f"{self.first(region)}'s {kind}",
                f"{first_word} By {self.first(region)}",
                f"{self.first(region)} {last} {kind}",
                f"{first_word} For {second_word}",
                f"{last}, {self.last(region)} & {self.last(region)}",
                f"{first_word}ing Better {second_word}",
            )
        )

    def _initial(self) -> str:
        return self._dice.choice(string.ascii_uppercase) + self._dice.choice((".", ".", ""))

    def _shaped(self, form: str) -> str:
        dice = self._dice
        return "".join(
            str(dice.randint(0, 9))
            if c == "#"
            else dice.choice("ABCDEFGHJKLMNPQRSTUVWXYZ")
            if c == "?"
            else dice.choice("abcdefghjkmnpqrstuvwxyz23456789")
            if c == "*"
            else c
            for c in form
        )

    def _phone(self) -> str:
        return self._shaped(self._dice.choice((
            "(###) ###-####", "###-###-####", "##########", "### ### ####", "+1 ### ### ####", "+44 7### ######", "07### ######", "0## #######", "+49 1## #######", "0### ## ## ##", "+33 # ## ## ## ##",
            "###.###.####", "+91 ##### #####", "###-####", "1-###-###-####", "+## ### ### ###", "0####-######", "(0##) #### ####", "(##) #####-####", "+1-###-###-####x###", "##-### ####", "### ## ## ##",
        )))  # fmt: skip

    def _email(self, region: Region) -> str:
        first, last = (_plain(name) for name in (self._dice.choice(region.first), self._dice.choice(region.last)))
        local = self._dice.choice(
            (
                f"{first}.{last}",
                f"{first}{last}",
                f"{first[:1]}{last}",
                f"{first}_{last}",
                f"{first}{self._dice.randint(1, 99)}",
                f"{last}{self._dice.randint(100, 999)}",
                f"{last}.{first}",
            )
        )
        at = self._dice.choice(("@", "@", "@", "@", " @ ", " at ", "(at)"))
        return f"{local}{at}{self._dice.choice(_MAIL)}"

    def _card(self) -> str:
        return self._shaped(
            self._dice.choice(
                (
                    "#### #### #### ####",
                    "################",
                    "####-####-####-####",
                    "#### ###### #####",
                    "#### #### ####",
                )
            )
        )

    def _iban(self) -> str:
        return self._shaped(
            self._dice.choice(
                (
                    "DE## #### #### #### #### ##",
                    "GB##????##############",
                    "FR##########*#########",
                    "NL##????##########",
                    "ES## #### #### #### #### ####",
                )
            )
        )

    def _username(self, region: Region) -> str:
        first, last = (_plain(name) for name in (self._dice.choice(region.first), self._dice.choice(region.last)))
        return self._dice.choice(
            (
                f"{first}{last}{self._dice.randint(1, 999)}",
                f"{first[:1]}{last}",
                f"{first}_{self._dice.randint(1, 99)}",
                f"{last}.{first}",
                f"{self._dice.choice(plain_words())}{self._dice.randint(1, 9999)}",
                f"{first}{last}",
            )
        )

    def _id(self) -> str:
        return self._shaped(self._dice.choice((
            "########", "##########", "???-####", "??######", "?#?#?#", "######", "?######?", "ORD-######", "ACC##?#?##", "#######-##", "INV-####-###", "??-##-????", "cust_##?##?##", "T#######", "#??####", "******",
            "********", "????##", "??##??", "#### ####", "######-?", "#-####-###", "CASE ######", "##/#####", "?###-###-###", "##-#######",
        )))  # fmt: skip

    def _plate(self) -> str:
        return self._shaped(
            self._dice.choice(
                (
                    "?? ## ???",
                    "??## ???",
                    "#??####",
                    "??-###-??",
                    "? ?? ####",
                    "???-####",
                    "###-???",
                    "?-?? ###",
                    "?? #### ??",
                )
            )
        )

    def _passport(self) -> str:
        return self._shaped(self._dice.choice(("#########", "?########", "??#######", "C##?##?##", "?#######")))

    def _secret(self) -> str:
        made = "".join(self._dice.choice(_SECRETS) for _ in range(self._dice.randint(8, 36)))
        return self._dice.choice(("sk-", "ghp_", "", "", "tok_", "key-")) + made

    def _dob(self) -> str:
        day, month, year = self._dice.randint(1, 28), self._dice.randint(1, 12), self._dice.randint(1930, 2015)
        return self._dice.choice(
            (
                f"{day:02}/{month:02}/{year}",
                f"{year}-{month:02}-{day:02}",
                f"{day}.{month}.{year}",
                f"{_MONTHS[month - 1]} {day}, {year}",
                f"{day} {_MONTHS[month - 1]} {year}",
                f"{month}/{day}/{year % 100:02}",
            )
        )

    def _date(self) -> str:
        dice = self._dice
        day, month = dice.randint(1, 28), dice.choice(_MONTHS)
        return dice.choice(
            (
                f"{month} {day}",
                f"{day} {month}",
                f"the {day}th",
                dice.choice(_DAYS),
                f"next {dice.choice(_DAYS)}",
                "tomorrow",
                "today",
                f"{month} {day}th",
                f"{day}/{dice.randint(1, 12)}",
                f"{month[:3]} {day}",
                f"{day} {month} {dice.randint(2015, 2027)}",
                month,
                "next week",
                f"the {day}th of {month}",
                f"{dice.randint(2015, 2027)}-{dice.randint(1, 12):02}-{day:02}",
            )
        )

    def _time(self) -> str:
        hour, minute = self._dice.randint(1, 12), self._dice.choice((0, 15, 30, 45, 10, 5))
        half = self._dice.choice(("am", "pm", " am", " pm", " PM", "AM"))
        return self._dice.choice(
            (
                f"{hour}{half}",
                f"{hour}:{minute:02}{half}",
                f"{hour + 11}:{minute:02}",
                f"{hour} o'clock",
                "noon",
                f"half past {hour}",
                f"{hour}:{minute:02}",
                f"quarter to {hour}",
                "midnight",
            )
        )

    def _amount(self) -> str:
        value = self._dice.choice(
            (
                f"{self._dice.randint(2, 999)}",
                f"{self._dice.randint(1, 99)}.{self._dice.randint(0, 99):02}",
                f"{self._dice.randint(1, 20)},{self._dice.randint(100, 999)}",
                f"{self._dice.randint(2, 90)}00",
            )
        )
        return self._dice.choice(
            (
                f"${value}",
                f"£{value}",
                f"{value} euros",
                f"{value} dollars",
                f"€{value}",
                f"{value} EUR",
                f"{value} bucks",
                f"{value} pounds",
                f"{value} rupees",
                f"${value}k",
            )
        )

    def _coined(self) -> str:
        return "".join(self._dice.choice(_SYLLABLES) for _ in range(self._dice.randint(2, 4))).capitalize()

    def _org(self, region: Region) -> str:
        word = self._dice.choice(
            (
                self._coined(),
                self._coined(),
                self._dice.choice(plain_words()).capitalize(),
                self._dice.choice(region.last),
            )
        )
        other = self._dice.choice((self._coined(), self._dice.choice(plain_words()).capitalize()))
        return self._dice.choice(
            (
                f"{self._coined()}",
                f"{word} {self._dice.choice(_TRADES)}",
                f"{word} {other}",
                self._shaped("???"),
                f"{word} {other} {self._dice.choice(_TRADES)}",
            )
        )

    def _venue(self, region: Region) -> str:
        word = self._dice.choice(
            (
                self._coined(),
                self._dice.choice(plain_words()).capitalize(),
                self._dice.choice(plain_words()).capitalize(),
                self._dice.choice(cities()),
                self._dice.choice(region.last),
            )
        )
        kind = self._dice.choice(_VENUES)
        return self._dice.choice(
            (
                f"{word} {kind}",
                f"The {word} {kind}",
                f"{kind} {word}",
                f"The {word}",
                f"{word} {self._dice.choice(plain_words()).capitalize()} {kind}",
                f"{word} & {self._dice.choice(plain_words()).capitalize()}",
                word,
            )
        )

    def _product(self) -> str:
        word = self._dice.choice((self._coined(), self._dice.choice(plain_words()).capitalize()))
        return self._dice.choice(
            (
                f"{word} {self._dice.choice(_PRODUCTS)}",
                f"{word}{self._dice.choice(_PRODUCTS)}",
                f"{word}",
                self._shaped("??-###"),
                f"{word} {self._dice.randint(2, 15)}",
            )
        )

    def _title(self) -> str:
        words = [self._dice.choice(plain_words()).capitalize() for _ in range(self._dice.randint(1, 4))]
        return self._dice.choice(("The ", "A ", "", "", "My ", "Return of the ")) + " ".join(words)

    def _url(self) -> str:
        return (
            self._dice.choice(("https://", "www.", ""))
            + f"{self._coined().lower()}.{self._dice.choice(('com', 'org', 'io', 'de', 'co.uk'))}"
            + self._dice.choice(("", "/help", "/account", "/faq"))
        )


@cache
def _invented(part: str) -> InventedNames:
    names = [name for region in (*regions(), census()) for name in (region.first if part == "first" else region.last)]
    return InventedNames(names)


@cache
def _english() -> tuple[Region, ...]:
    return tuple(region for region in regions() if region.locale.startswith("en"))


def _plain(name: str) -> str:
    import unicodedata

    return "".join(c for c in unicodedata.normalize("NFKD", name) if c.isascii() and c.isalpha()).lower() or "user"
