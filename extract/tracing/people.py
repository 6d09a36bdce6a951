"""Invented people: their names in the orders and forms in which people give them, addresses and names on the net."""

import random
import unicodedata
from dataclasses import dataclass

from extract.tracing.material import names

_FORMS = (
    ("{first} {last}", 34),
    ("{first}", 14),
    ("{last}, {first}", 9),
    ("{last} {first}", 9),
    ("{first} {initial}. {last}", 5),
    ("{initial}. {last}", 4),
    ("{title} {last}", 7),
    ("{first} {particle} {last}", 5),
    ("{first} {last}-{other}", 4),
    ("{first} {last} {other}", 4),
    ("{word} {last}", 3),
    ("{word} {word2}", 2),
)
_TITLES = ("Mr", "Mrs", "Ms", "Dr.", "Herr", "Frau", "Mme", "Sr.", "Sra.", "Dhr.")
_PARTICLES = ("van der", "de la", "von", "bin", "del", "da", "ten", "af", "zu")
_DOMAINS = ("mail.example", "post.test", "letterbox.example", "inbox.invalid", "quickmail.example", "gmail.com", "outlook.com", "web.de", "orange.fr", "libero.it", "uol.com.br", "icloud.com")  # fmt: skip
_ADDRESSES = ("{f}.{l}{n}", "{f}{l}{n}", "{f}_{l}", "{l}.{f}{n}", "{i}{l}{n}", "{l}{n}", "{f}{n}{n}", "{f}-{l}")
# Of several spellings of one address the plain one is the most frequent.
_SPELLINGS = (
    "{u}@{d}", "{u}@{d}", "{u}@{d}", "{u}@{d}", "{u} @ {d}", "{u}(at){d}", "{u} at {d_dot}", "{u_dot} at {d_dot}",
    "{u}[at]{d_bracket}", "{u} arroba {d_punto}", "{u} (at) {d_round}", "{u}@ {d}",
)  # fmt: skip
_HANDLES = ("{f}{n}{n}", "{f}_{l}", "{l}.{f}", "{i}{l}{n}", "xx{l}xx", "{f}.the.{l}", "{l}{y}")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who does not exist."""

    first: str
    last: str


def person(dice: random.Random) -> Person:
    """Return somebody new."""
    return Person(dice.choice(names("given")), dice.choice(names("surnames")))


def name(dice: random.Random) -> str:
    """Return a person's name as people write it: whole, in part, last name first, with a title, or made of ordinary words."""
    who = person(dice)
    form = dice.choices([form for form, _ in _FORMS], [weight for _, weight in _FORMS])[0]
    word, word2 = dice.sample(names("words"), 2)
    return form.format(
        first=who.first,
        last=who.last,
        initial=who.first[0],
        title=dice.choice(_TITLES),
        particle=dice.choice(_PARTICLES),
        other=dice.choice(names("surnames")),
        word=word,
        word2=word2,
    )


def email(dice: random.Random) -> str:
    """Return an e-mail address, in a third of cases spelt out or against harvesters."""
    user, domain = _filled(dice.choice(_ADDRESSES), dice), dice.choice(_DOMAINS)
    return dice.choice(_SPELLINGS).format(
        u=user,
        d=domain,
        u_dot=user.replace(".", " dot "),
        d_dot=domain.replace(".", " dot "),
        d_bracket=domain.replace(".", "[dot]"),
        d_round=domain.replace(".", " (dot) "),
        d_punto=domain.replace(".", " punto "),
    )


def username(dice: random.Random) -> str:
    """Return a name to log in with."""
    return _filled(dice.choice(_HANDLES), dice)


def _filled(form: str, dice: random.Random) -> str:
    who = person(dice)
    first, last = _ascii(who.first), _ascii(who.last)
    return form.format(f=first, l=last, i=first[0], n=dice.randint(1, 99), y=dice.randint(1961, 2006))


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text)
    return "".join(c for c in plain if c.isascii() and c.isalpha()).lower()
