"""Tracers: invented people, planted to measure how much of what is personal the sanitizer finds."""

import random
from dataclasses import dataclass

_FIRST = (
    "Marit", "Ondine", "Tobias", "Rasheeda", "Ilker", "Nwabudike", "Shreyansh", "Przemek", "Liesbeth",
    "Aurelio", "Kazuha", "Yevheniya", "Torvald", "Anneke", "Dilnoza", "Casimiro", "Brigid", "Emeka",
    "Solvej", "Priyesh", "Hanneke", "Matthijs", "Farrukh", "Noemi", "Lucjan", "Ottoline", "Samira",
    "Gunther", "Ximena", "Bartholomew",
)  # fmt: skip
_LAST = (
    "Wennerström", "Okoro-Hale", "Brandvold", "Tsiolkas", "Marchwinska", "Delacroix-Nunn", "Abernethy", "Quarrington", "Vasudevan",
    "Ostrowicz", "Thistlewood", "Halvorsrud", "Kessenich", "Montenero", "Yarrowby", "Ferncastle", "Ildikovics", "Pemberley",
    "Sandoval-Reyes", "Zwanenburg", "Achterberg", "Lindqvister", "Obuasi", "Haverstock", "Castellblanc",
)  # fmt: skip
_STREETS = ("Larchmont", "Tamarind", "Quillfeather", "Old Foundry", "Saltmarsh", "Windlass")
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"

_SENTENCES: dict[str, tuple[str, ...]] = {
    "PERSON": ("My name is {}.", "this is {} speaking", "hi, i'm {}", "Please put it under the name {}", "my name is {}, can you check?", "Kind regards,\n{}", "ich heiße {}", "me llamo {}", "It is for my wife {}", "send 40 to {} please", "{}"),
    "EMAIL_ADDRESS": ("My email is {}", "you can write to {}", "{}", "e-mail: {} thanks", "i used {} to sign up"),
    "PHONE_NUMBER": ("call me on {}", "My number is {}", "{}", "you can reach me at {} after six", "new mobile: {}"),
    "CREDIT_CARD": ("my card is {}", "{}", "card number {} was charged twice", "I typed {} and it failed"),
    "IBAN_CODE": ("please pay it to {}", "My IBAN is {}", "{}", "the account {} is mine"),
    "US_SSN": ("my ssn is {}", "social security number {}", "{}"),
    "ID": ("my account number is {}", "order {} never came", "booking reference: {}", "ticket {} is still open", "{}"),
    "LOCATION": ("I live at {}", "please send it to {}", "my address is {}", "{}"),
    "IP_ADDRESS": ("it says my ip is {}", "blocked: {}"),
    "DATE_OF_BIRTH": ("I was born on {}", "my date of birth is {}", "dob {}"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tracer:
    """One invented value in a sentence."""

    entity: str
    value: str
    sentence: str


def make_tracers(count: int, *, seed: int) -> list[Tracer]:
    """Return ``count`` tracers, all types in turn; the same seed gives the same ones.

    A third of the sentences are in lower case or capitals, as people type.
    """
    dice = random.Random(seed)
    types = sorted(_SENTENCES)
    return [_tracer(types[number % len(types)], dice) for number in range(count)]


def _tracer(entity: str, dice: random.Random) -> Tracer:
    value = _value(entity, dice)
    sentence = dice.choice(_SENTENCES[entity]).format(value)
    style = dice.random()
    if style < 0.25:
        value, sentence = value.lower(), sentence.lower()
    elif style < 0.33:
        value, sentence = value.upper(), sentence.upper()
    return Tracer(entity, value, sentence)


def _value(entity: str, dice: random.Random) -> str:
    first, last = dice.choice(_FIRST), dice.choice(_LAST)
    makers = {
        "PERSON": lambda: f"{first} {last}",
        "EMAIL_ADDRESS": lambda: _email(first, last, dice),
        "PHONE_NUMBER": lambda: _phone(dice),
        "CREDIT_CARD": lambda: _card(dice),
        "IBAN_CODE": lambda: _iban(dice),
        "US_SSN": lambda: f"{dice.randint(100, 665)}-{dice.randint(10, 99)}-{dice.randint(1000, 9999)}",
        "ID": lambda: _reference(dice),
        "LOCATION": lambda: f"{dice.randint(2, 980)} {dice.choice(_STREETS)} {dice.choice(('Street', 'Road', 'Lane', 'Ave', 'Drive'))}",
        "IP_ADDRESS": lambda: f"203.0.113.{dice.randint(1, 254)}",
        "DATE_OF_BIRTH": lambda: dice.choice(("{d:02}/{m:02}/{y}", "{y}-{m:02}-{d:02}", "{d}.{m}.{y}")).format(d=dice.randint(13, 28), m=dice.randint(1, 12), y=dice.randint(1944, 2006)),
    }  # fmt: skip
    return makers[entity]()


def _email(first: str, last: str, dice: random.Random) -> str:
    local = f"{first}.{last}{dice.randint(1, 99)}".lower().encode("ascii", "ignore").decode()
    return dice.choice(("{}@mail.example", "{}@post.test", "{} @ mail.example", "{} at mail dot example")).format(local)


def _phone(dice: random.Random) -> str:
    a, b, c = dice.randint(201, 989), dice.randint(201, 989), dice.randint(1000, 9999)
    return dice.choice(("({}) {}-{}", "{}-{}-{}", "+1 {} {} {}", "{}{}{}", "{}.{}.{}", "+44 20 7{} {}{}")).format(
        a, b, c
    )


def _card(dice: random.Random) -> str:
    digits = [dice.choice((4, 5)), *(dice.randint(0, 9) for _ in range(14))]
    doubled = sum(d if place % 2 else (2 * d - 9 if d > 4 else 2 * d) for place, d in enumerate(digits))
    number = "".join(map(str, [*digits, -doubled % 10]))
    return dice.choice((" ", "-", "")).join(number[at : at + 4] for at in range(0, 16, 4))


def _iban(dice: random.Random) -> str:
    account = "".join(str(dice.randint(0, 9)) for _ in range(18))
    check = 98 - int(account + "131400") % 97
    number = f"DE{check:02}{account}"
    return " ".join(number[at : at + 4] for at in range(0, 22, 4)) if dice.random() < 0.5 else number


def _reference(dice: random.Random) -> str:
    digits = dice.randint(10_000_000, 99_999_999)
    return dice.choice(("{d}", "{a}{b}-{d}", "{a}{d}", "{a}{b}{a}{e}{b}{f}")).format(
        d=digits, a=dice.choice(_LETTERS), b=dice.choice(_LETTERS), e=digits % 100, f=digits // 10_000
    )
