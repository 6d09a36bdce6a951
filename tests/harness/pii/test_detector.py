"""What the strict detector finds, and what it leaves alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.pii import PiiSpan
from harness.pii.detector import detector, merge

STRICT = detector("strict")
PRECISE = detector("precise")


def found(text: str, *, known: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    return [(span.entity, text[span.start : span.end]) for span in STRICT.find(text, known=known)]


@pytest.mark.parametrize(
    ("text", "entity", "value"),
    [
        ("write to marit.okoro@mail.example please", "EMAIL_ADDRESS", "marit.okoro@mail.example"),
        ("marit.okoro @ mail.example", "EMAIL_ADDRESS", "marit.okoro @ mail.example"),
        ("it is marit dot okoro at mail dot example", "EMAIL_ADDRESS", "marit dot okoro at mail dot example"),
        ("marit (at) mail (dot) example", "EMAIL_ADDRESS", "marit (at) mail (dot) example"),
        ("call +49 170 1234567 now", "PHONE_NUMBER", "+49 170 1234567"),
        ("call (415) 555-0132", "PHONE_NUMBER", "(415) 555-0132"),
        ("my mobile is 0170 998", "PHONE_NUMBER", "0170 998"),
        ("three one one eight one six four seven", "PHONE_NUMBER", "three one one eight one six four seven"),
        ("charged 4111 1111 1111 1111 twice", "CREDIT_CARD", "4111 1111 1111 1111"),
        ("my card ending in 4242", "CREDIT_CARD", "4242"),
        ("pay DE89 3704 0044 0532 0130 00", "IBAN_CODE", "DE89 3704 0044 0532 0130 00"),
        ("gb82west12345698765432", "IBAN_CODE", "gb82west12345698765432"),
        ("ssn 078-05-1120", "US_SSN", "078-05-1120"),
        ("born on 12 March 1980", "DATE_OF_BIRTH", "12 March 1980"),
        ("geboren am 3.4.1975", "DATE_OF_BIRTH", "3.4.1975"),
        ("this is what you asked for: 24.04.1953, thank you", "DATE_OF_BIRTH", "24.04.1953"),
        ("verify me: 1988-08-13 / blue", "DATE_OF_BIRTH", "1988-08-13"),
        ("it is 4th of May 1998", "DATE_OF_BIRTH", "4th of May 1998"),
        ("May 4, 1998 as you asked", "DATE_OF_BIRTH", "May 4, 1998"),
        ("account id: K542179F", "ID", "K542179F"),
        ("order number 12345", "ID", "12345"),
        ("ticket AB-99128-X was closed", "ID", "AB-99128-X"),
        ("username: quillfeather", "ID", "quillfeather"),
        ("my dni is 12345678Z", "ES_NIF", "12345678Z"),
        ("from 203.0.113.7 today", "IP_ADDRESS", "203.0.113.7"),
        ("host 2001:db8::8a2e:370:7334", "IP_ADDRESS", "2001:db8::8a2e:370:7334"),
        ("mac 00:1b:44:11:3a:b7", "MAC_ADDRESS", "00:1b:44:11:3a:b7"),
        ("at https://u:secret@db.example/x", "URL", "https://u:secret@db.example/x"),
        ("my password is Tr0ub4dor&3", "PASSWORD", "Tr0ub4dor&3"),
        ("key AKIAABCDEFGHIJKLMNOP", "API_KEY", "AKIAABCDEFGHIJKLMNOP"),
        ("I live at 5231 saltmarsh court", "LOCATION", "5231 saltmarsh court"),
        ("ich wohne Lange Straße 5, 12345 Berlin", "LOCATION", "Lange Straße 5, 12345 Berlin"),
        ("12 rue de la Paix, 75002 Paris", "LOCATION", "12 rue de la Paix, 75002 Paris"),
        ("vivo en Calle de Alcalá 45", "LOCATION", "Calle de Alcalá 45"),
        ("moro na Rua das Flores, 120", "LOCATION", "Rua das Flores, 120"),
        ("P.O. Box 175", "LOCATION", "P.O. Box 175"),
        ("my zip code is 89197", "LOCATION", "89197"),
        ("send it to SW1A 1AA", "LOCATION", "SW1A 1AA"),
    ],
)
def test_a_personal_value_is_found_whole(text: str, entity: str, value: str) -> None:
    assert (entity, value) in found(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("my name is ondine quarrington", "ondine quarrington"),
        ("Hi my name is Ondine Quarrington and I am cross", "Ondine Quarrington"),
        ("this is Ondine speaking", "Ondine"),
        ("I'm Tobias Wennerström", "Tobias Wennerström"),
        ("ich heiße Jörg Achterberg", "Jörg Achterberg"),
        ("me llamo Aurelio Montenero", "Aurelio Montenero"),
        ("je m'appelle Solenne Brandvold", "Solenne Brandvold"),
        ("Kind regards,\nOndine Quarrington", "Ondine Quarrington"),
        ("best, zoé", "zoé"),
        ("mr abernethy called", "mr abernethy"),
        ("Dr. Kelly T. Vasudevan is in", "Dr. Kelly T. Vasudevan"),
        ("send 40 to Srinivas please", "Srinivas"),
        ("transfer it to Will", "Will"),
        ("cancel the booking under charis", "charis"),
        ("my husband Przemek paid", "Przemek"),
        ("Hi Ondine,", "Ondine"),
        ("natasha higuchi", "natasha higuchi"),
        ("MY NAME IS ONDINE QUARRINGTON", "ONDINE QUARRINGTON"),
    ],
)
def test_a_name_is_found(text: str, name: str) -> None:
    assert ("PERSON", name) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "hello, I am trying to Transfer money, Will it work in May?",
        "I paid $1,470.50 on 2026-03-04 at 10:30 for 2 items",
        "Book a table in March for 4 people at 7 pm",
        "flights from San Francisco to Paris on March 3rd",
        "I am 5 minutes down the road, 2 blocks away",
        "Do you open on Sunday in New York?",
        "Why was my top up of 100 EUR declined at this point and when will it be back?",
        "Thanks, bye",
        "version 10.2.3.4 of the app, iphone 12, 1080p",
        "I will hope for rain, and mark my words",
        "the card was swallowed by the ATM in China",
        "via the app in 2 days",
        "My name was spelled wrong",
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    assert found(text) == []


def test_overlapping_spans_become_one_that_loses_no_part() -> None:
    spans = [
        PiiSpan(start=0, end=5, entity="ID", score=0.5),
        PiiSpan(start=3, end=9, entity="PHONE_NUMBER", score=0.9),
        PiiSpan(start=9, end=12, entity="ID", score=0.5),
    ]
    assert merge(spans) == [
        PiiSpan(start=0, end=9, entity="PHONE_NUMBER", score=0.9),
        PiiSpan(start=9, end=12, entity="ID", score=0.5),
    ]


@given(st.text(max_size=200))
def test_any_text_gives_ordered_disjoint_spans_inside_it(text: str) -> None:
    reached = 0
    for span in STRICT.find(text):
        assert reached <= span.start < span.end <= len(text)
        reached = span.end


@pytest.mark.parametrize("gap", ["a ", "word\n", "x-"])
def test_values_far_into_a_long_text_are_found_wherever_windows_end(gap: str) -> None:
    """The text is read in windows; none of its places may be a blind spot."""
    card = "4111 1111 1111 1111"
    for filler in range(6_100, 14_500, 1_021):
        text = f"{(gap * filler)[:filler]} my card is {card}, thanks {gap * 3_000}"
        covered = [text[span.start : span.end] for span in STRICT.find(text)]
        assert any(card in value for value in covered)


def test_a_value_longer_than_a_window_is_found_to_its_end() -> None:
    link = "https://shop.example/reset?token=" + "t0ken" * 3_000
    assert [text for entity, text in found(f"see {link} please") if entity == "URL"] == [link]
    key = "-----BEGIN PRIVATE KEY-----\n" + "Zm9v\n" * 4_000 + "-----END PRIVATE KEY-----"
    assert [text for entity, text in found(f"{key} thanks") if entity == "API_KEY"] == [key]


@pytest.mark.parametrize("piece", ["eyJaaaaaaaa-", "\n", "https://", "a@", "one-"])
def test_a_hostile_text_does_not_take_quadratic_time(piece: str) -> None:
    """With the square of its length, each of these texts would take minutes: the suite's time limit ends the test then."""
    text = piece * (200_000 // len(piece))
    PRECISE.find(text)
    STRICT.find(text + "regards, thanks")


def test_a_very_long_text_takes_time_in_proportion() -> None:
    """Five million characters without a space would hang a pattern that backtracks."""
    assert STRICT.find("a" * 200_000) == []
    assert len(STRICT.find("1" * 50_000)) <= 1


def test_a_verified_value_scores_one() -> None:
    (span,) = STRICT.find("DE89370400440532013000")
    assert span.score == 1.0
