"""Invented values: always the same for the same value and key, of the same form, and nothing of the original in them."""

import ipaddress
import pickle
import re
from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.config import load_settings
from harness.errors import ConfigurationError
from harness.pii import PiiSpan
from harness.pii.known import fold
from harness.pii.patterns.checksums import passes_luhn, passes_mod97
from harness.pii.redaction import SessionRedactor
from harness.pii.surrogates import Surrogates, surrogate_key
from harness.pii.surrogates.keyed import Seed
from harness.pii.surrogates.making import kept_words
from harness.pii.surrogates.names import fake_name
from harness.pii.surrogates.recognizing import may_be_invented
from harness.pii.surrogates.shapes import digits_of
from harness.pii.surrogates.vocabulary import REGIONS, bearers, canonical, pool, words

SURROGATES = Surrogates(surrogate_key(b"a key of the tests that is no secret"))
OTHERS = Surrogates(surrogate_key(b"another key of the tests, no secret"))
VALUES = [
    ("PERSON", "Ottoline Ferncastle"),
    ("PERSON", "Агафья Зубарева"),
    ("LOCATION", "18 Quillfeather Lane, Flat 3, Ambleford AF4 9ZQ"),
    ("LOCATION", "Kuckucksweg 7, 01234 Sankt Elfenroda"),
    ("PHONE_NUMBER", "+44 7911 234567"),
    ("EMAIL_ADDRESS", "ottoline.ferncastle@mail.example"),
    ("CREDIT_CARD", "4539 1488 0343 6467"),
    ("IBAN_CODE", "DE89 3704 0044 0532 0130 00"),
    ("US_SSN", "219-09-9998"),
    ("IP_ADDRESS", "10.11.12.13"),
    ("MAC_ADDRESS", "a4:5e:60:c1:22:33"),
    ("ID", "ORD-48213-KX"),
    ("ES_NIF", "12345678Z"),
    ("DATE_OF_BIRTH", "23 March 1985"),
    ("URL", "https://portal.bank.test/u/ottoline?t=1"),
    ("USERNAME", "@otto_f92"),
]


def fake(entity: str, value: str) -> str:
    """Return the fake of a value that has one."""
    found = SURROGATES.of(entity, value)
    assert found is not None
    return found


def shape(text: str) -> str:
    return re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "9", text))


@pytest.mark.parametrize(("entity", "value"), VALUES)
def test_a_value_has_one_fake_for_each_key(entity: str, value: str) -> None:
    again = Surrogates(surrogate_key(b"a key of the tests that is no secret"))
    assert fake(entity, value) == again.of(entity, value)
    assert fake(entity, value) != OTHERS.of(entity, value)


def test_a_worker_gets_the_key_and_makes_the_same_fakes() -> None:
    copy = pickle.loads(pickle.dumps(SURROGATES))  # noqa: S301 - made here
    assert [copy.of(*value) for value in VALUES] == [SURROGATES.of(*value) for value in VALUES]


def test_the_key_of_fakes_is_not_the_one_of_ids_and_no_key_is_shown() -> None:
    key = b"a key of the tests that is no secret"
    assert surrogate_key(key) != key
    assert len(SURROGATES.key_id) == 8
    assert SURROGATES.key_id != OTHERS.key_id
    assert surrogate_key(key).hex() not in repr(SURROGATES)


# Names


@pytest.mark.parametrize("form", ["{0} {1}", "{1}, {0}", "Ms {0} {1}", "{0}  {1}!", "mrs. {1} ({0})", "{1}-{1}, {0}"])
@pytest.mark.parametrize("case", [str, str.lower, str.upper])
def test_a_person_is_the_same_in_every_form_and_case(form: str, case: Callable[[str], str]) -> None:
    given_name, surname = fake("PERSON", "Ottoline"), fake("PERSON", "Ferncastle")
    expected = form.format(given_name, surname)
    assert fake("PERSON", case(form.format("Ottoline", "Ferncastle"))) == case(expected)


@pytest.mark.parametrize(
    ("one", "other"), [("José", "Jose"), ("Müller", "Mueller"), ("Håkansson", "HAAKANSSON"), ("Strauß", "strauss")]
)
def test_accents_make_nobody_another_person(one: str, other: str) -> None:
    def plain(text: str) -> str:
        return re.sub("ae|oe|aa|ue|ss", lambda m: m[0][0], fold(text))

    assert plain(fake("PERSON", one)) == plain(fake("PERSON", other))


def test_names_typed_without_accents_get_none() -> None:
    assert all(fake("PERSON", name).isascii() for name in ("Jose Nunez", "Bjorn Hakansson", "Zofia Wojcik"))


@pytest.mark.parametrize(
    ("name", "region", "gender"),
    [
        ("Yolanda", "iberian", "female"),
        ("Reinhold", "germanic", "male"),
        ("Priyanka", "south_asian", "female"),
        ("Yoshihiro", "japanese", "male"),
        ("Chukwuemeka", "african", "male"),
        ("Екатерина", "cyrillic", "female"),
    ],
)
def test_given_names_keep_gender_and_region(name: str, region: str, gender: str) -> None:
    assert fake("PERSON", name) in pool(region, gender)


@pytest.mark.parametrize(
    ("surname", "region"), [("Haapalainen", "nordic"), ("Wolkenmann", "germanic"), ("Takezaki", "japanese")]
)
def test_surnames_keep_their_region(surname: str, region: str) -> None:
    assert fold(fake("PERSON", surname)) in {fold(name) for name in pool(region, "family")}


def test_women_keep_the_endings_of_their_surnames() -> None:
    assert re.search("[aá]$|ek$|ik$|ko$|ny$|icz$|uk$|ak$", fake("PERSON", "Zborowska"))
    assert fake("PERSON", "Зубарева") in pool("cyrillic", "family", "family_endings_female")


def test_initials_particles_and_marks_stay_in_their_places() -> None:
    assert re.fullmatch(r"[A-Z]\. [A-Z][a-z]+ van der [A-Z][a-z]+-O'[A-Z][a-z]+ Jr\.", fake("PERSON", "T. Quill van der Ambler-O'Fennel Jr."))  # fmt: skip


def test_a_misspelt_name_that_is_remembered_has_the_fake_of_the_right_one() -> None:
    right = fake("PERSON", "Ferncastle")
    spelled = {"ferncastel": "ferncastle"}
    assert SURROGATES.of("PERSON", "ferncastel", spelled=lambda word: spelled.get(word, word)) == right.lower()


@pytest.mark.parametrize("value", ["王小明", "山田太郎", "Παπαδόπουλος", "محمد", "김철수"])
def test_scripts_without_a_list_get_a_placeholder(value: str) -> None:
    assert SURROGATES.of("PERSON", value) is None


def test_different_persons_rarely_share_a_fake() -> None:
    """1,500 invented names of one region; each surname of the sixty that shares its fake by chance costs 25 of them."""
    starts, ends = ("Zev Tol Ond Bry Quil".split(), "lin mar ette wyn dra".split())  # noqa: SIM905 - easier to read
    first = ["".join(parts) for parts in product(starts, ends)]
    last = [f"{a}{b}{c}" for a, b, c in product(("Thwai", "Pem", "Gorr"), ("ble", "ti", "lo", "ska"), "rtnmk")]
    names = [f"{a} {b}" for a, b in product(first, last)]
    assert len(names) == 1500
    assert len({fake("PERSON", name) for name in names}) > 0.95 * len(names)


def test_every_region_has_enough_names() -> None:
    for region in REGIONS:
        assert len(pool(region, "female")) >= 150, region
        assert len(pool(region, "male")) >= 150, region
        assert len(pool(region, "family")) >= 150, region
        assert words(region, "place_endings"), region
    assert sum(len(pool(region, "family")) for region in REGIONS) > 20_000
    assert bearers()["olivia"].gender == "female"


# Addresses


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("18 Quillfeather Lane, Flat 3, Ambleford AF4 9ZQ", r"\d\d \w+ Lane, Flat \d, \w+ [A-Z]{2}\d \d[A-Z]{2}"),
        ("rue des Trois Hiboux 12, 99001 Ambleville", r"rue des \w+ \d\d, \d{5} \w+"),
        ("Kuckucksweg 7, 01234 Elfenroda", r"\w+weg \d, \d{5} \w+"),
        ("1600 n quarrel ave apt 4b, springvale, CA 90210", r"\d{4} [sew] \w+ ave apt \d[a-z], \w+, [A-Z]{2} \d{5}"),
        ("PO Box 2217", r"PO Box \d{4}"),
        ("42nd Street", r"\d{2}(?:st|nd|rd|th) Street"),
        ("ул. Совиная 12, кв 5", r"ул\. [А-я]+ \d\d, кв \d"),
    ],
)
def test_addresses_keep_their_form(value: str, form: str) -> None:
    assert re.fullmatch(form, fake("LOCATION", value))


def test_a_town_is_the_same_alone_and_within_an_address() -> None:
    assert fake("LOCATION", "ambleford").capitalize() in fake("LOCATION", "18 Quillfeather Lane, Ambleford AF4 9ZQ")


def test_a_country_stands_for_a_country() -> None:
    assert fake("LOCATION", "New Zealand").replace(" ", "_") in words("countries", "countries")


def test_a_street_whose_name_is_made_of_street_words_changes_too() -> None:
    assert fake("LOCATION", "The Terrace") != "The Terrace"
    assert "Park" not in fake("LOCATION", "3 Park Road")


# Numbers


@pytest.mark.parametrize(
    ("value", "fictional"),
    [
        ("(212) 867-5309", r"\([2-9]\d\d\) 555-01\d\d"),
        ("+1 212 867 5309", r"\+1 [2-9]\d\d 555 01\d\d"),
        ("07911 234567", r"07700 900\d{3}"),
        ("0208 1234567", r"0207 9460\d{3}"),
        ("020 8123 4567", r"016 3296 0\d{3}"),
        ("+33 6 12 34 56 78", r"\+33 6 39 98 \d\d \d\d"),
        ("+61 2 9876 1234", r"\+61 2 (?:5550|7010) \d{4}"),
        ("+49 160 2345678", r"\+49 171 39200\d\d"),
        ("+49 171 2345678", r"\+49 302 3125\d{3}"),
        ("+39 340 1234567", r"\+39 \d{3} \d{7}"),
        ("212-867-5309 ext. 417", r"[2-9]\d\d-555-01\d\d ext\. \d{3}"),
    ],
)
def test_phone_numbers_come_from_ranges_kept_for_fiction_where_there_are_such(value: str, fictional: str) -> None:
    assert re.fullmatch(fictional, fake("PHONE_NUMBER", value))


def test_a_phone_number_is_the_same_with_and_without_its_country() -> None:
    assert (
        digits_of(fake("PHONE_NUMBER", "+44 7911 234567"))[-10:] == digits_of(fake("PHONE_NUMBER", "07911234567"))[-10:]
    )


def test_spoken_numbers_get_a_placeholder() -> None:
    assert SURROGATES.of("PHONE_NUMBER", "oh seven nine double one") is None
    assert SURROGATES.of("CREDIT_CARD", "four five three nine") is None


@given(st.text("0123456789", min_size=13, max_size=19))
def test_cards_pass_luhn_and_have_no_issuer(number: str) -> None:
    found = SURROGATES.of("CREDIT_CARD", number)
    assert found is None or (len(found) == len(number) and passes_luhn(found) and found.startswith("9999"))


def test_what_is_left_of_a_masked_card_changes() -> None:
    assert re.fullmatch(r"xxxx xxxx xxxx \d{4}", fake("CREDIT_CARD", "xxxx xxxx xxxx 6467"))


@pytest.mark.parametrize("iban", ["DE89 3704 0044 0532 0130 00", "gb29nwbk60161331926819", "NL91ABNA0417164300"])
def test_ibans_keep_country_and_form_and_have_right_check_digits(iban: str) -> None:
    found = fake("IBAN_CODE", iban)
    assert shape(found) == shape(iban)
    assert found[:2] == iban[:2]
    assert passes_mod97(found.replace(" ", "").upper())


@given(st.integers(0, 10**9 - 1))
def test_social_security_numbers_are_neither_those_nor_taxpayer_numbers(number: int) -> None:
    digits = f"{number:09d}"
    found = fake("US_SSN", f"{digits[:3]}-{digits[3:5]}-{digits[5:]}")
    assert re.fullmatch(r"9\d\d-\d\d-\d{4}", found)
    assert 1 <= int(found[4:6]) <= 49


@given(st.ip_addresses())
def test_network_addresses_are_documentation_addresses(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    found = SURROGATES.of("IP_ADDRESS", str(address))
    if found is not None:
        nets = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20")
        assert any(ipaddress.ip_address(found) in ipaddress.ip_network(net) for net in nets)
        assert found != str(address)


@given(st.from_regex(r"[A-Z]{0,4}[-/ ]?[0-9]{4,12}(-[A-Z0-9]{2,6})?", fullmatch=True))
def test_codes_keep_their_shape(code: str) -> None:
    found = SURROGATES.of("ID", code)
    assert found is None or shape(found) == shape(code)


# Dates, contacts


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("1985-03-23", r"198[2-8]-\d\d-\d\d"),
        ("23/03/1985", r"\d\d/\d\d/198[2-8]"),
        ("3.4.85", r"\d{1,2}\.\d{1,2}\.8\d"),
        ("3rd of March 1985", r"\d{1,2}(?:st|nd|rd|th) of [A-Z][a-z]+ 198[2-8]"),
        ("MARCH 23, 1985", r"[A-Z]+ \d\d, 198[2-8]"),
        ("23. März 1985", r"\d\d\. [A-Z]\w+ 198[2-8]"),
        ("19850323", r"198[2-8]\d{4}"),
    ],
)
def test_dates_keep_their_notation_and_about_their_year(value: str, form: str) -> None:
    found = fake("DATE_OF_BIRTH", value)
    assert re.fullmatch(form, found)
    assert not {"1985", "85", "March", "MARCH"} & set(re.findall(r"\w+", found))


def test_words_around_a_date_that_nobody_knows_give_a_placeholder() -> None:
    assert SURROGATES.of("DATE_OF_BIRTH", "the year of the great flood") is None


def test_a_mailbox_has_the_persons_fake_name() -> None:
    name = fake("PERSON", "ottoline ferncastle")
    local, _, domain = fake("EMAIL_ADDRESS", "ottoline.ferncastle@inbox.lettermail.net").partition("@")
    assert local == name.replace(" ", ".")
    assert domain in ("example.com", "example.org")
    spoken = fake("EMAIL_ADDRESS", "ottoline dot ferncastle at lettermail dot net")
    assert re.fullmatch(rf"{name.replace(' ', ' dot ')} at example dot (?:com|org)", spoken)


def test_addresses_of_pages_lead_nowhere() -> None:
    assert re.fullmatch(r"https://example\.(?:com|org|net)/\w{8}", fake("URL", "https://ann:pw@bank.test/u/ann?x=1"))


@pytest.mark.parametrize("entity", ["API_KEY", "PASSWORD", "CRYPTO", "COORDINATES", "SOMETHING_OF_YOURS"])
def test_secrets_and_unknown_kinds_get_a_placeholder(entity: str) -> None:
    assert SURROGATES.of(entity, "sk_live_48213900") is None


# What holds for all


@given(
    st.sampled_from([entity for entity, _ in VALUES] + ["NATIONAL_ID", "PASSPORT"]),
    st.one_of(
        st.text(max_size=30),
        st.text("abcdeimnorst ABCEMN.-'@0123456789", max_size=30),
        st.lists(st.sampled_from([*list(bearers())[::40], "12", "st", "von", "345", "Ave"]), max_size=5).map(" ".join),
    ),
)
def test_a_fake_holds_nothing_of_its_original(entity: str, value: str) -> None:
    """No word or number of three characters, in any spelling; titles, types of streets and the like aside."""
    found = SURROGATES.of(entity, value)
    if found is None:
        return
    assert fold(found) != fold(value)
    tokens = set(re.findall(r"[^\W_]{3,}", fold(value))) - kept_words(entity) - {"xxx", "xxxx"}
    left = [t for t in re.findall(r"[^\W_]+", fold(found)) if t not in kept_words(entity)]
    assert not [token for token in tokens if token in " ".join(left)]


@given(st.sampled_from(VALUES), st.data())
def test_a_fake_avoids_what_is_personal_around_it(value: tuple[str, str], data: st.DataObject) -> None:
    usual = re.findall(r"[^\W_]{3,}", fold(fake(*value)))
    avoided = frozenset(data.draw(st.sets(st.sampled_from(usual), min_size=1))) if usual else frozenset[str]()
    found = SURROGATES.of(*value, avoided=avoided)
    left = set(re.findall(r"[^\W_]+", fold(found or ""))) - kept_words(value[0])
    assert not left & avoided


# In a session


def spans(text: str, **values: str) -> list[PiiSpan]:
    found = [(text.index(value), value, entity) for entity, value in values.items()]
    return [PiiSpan(start=at, end=at + len(value), entity=e, score=1.0) for at, value, e in sorted(found)]


def test_a_session_reads_on_with_invented_values_and_is_audited_with_placeholders() -> None:
    text = "I am Ottoline Ferncastle, key sk_48213, mail otto@inbox.example"
    session = SessionRedactor(surrogates=SURROGATES)
    found = spans(text, PERSON="Ottoline Ferncastle", API_KEY="sk_48213", EMAIL_ADDRESS="otto@inbox.example")
    (shown,) = session.redact_found([text], [found])
    assert shown.startswith(f"I am {fake('PERSON', 'Ottoline Ferncastle')}, key <API_KEY_1>, mail ")
    assert session.with_placeholders([text], [found]) == ["I am <PERSON_1>, key <API_KEY_1>, mail <EMAIL_ADDRESS_1>"]
    assert session.counts == {"API_KEY": 1, "EMAIL_ADDRESS": 1, "PERSON": 1}


def test_no_invented_name_is_the_name_of_somebody_else_in_the_session() -> None:
    other = fake("PERSON", "Ottoline")
    for session in (
        SessionRedactor(surrogates=SURROGATES, known=(f"{other} Quarrell",)),
        SessionRedactor(surrogates=SURROGATES),
    ):
        texts = ["it is Ottoline", f"and {other}"]
        found = [spans(texts[0], PERSON="Ottoline"), spans(texts[1], PERSON=other)]
        assert other not in " ".join(session.redact_found(texts, found))


def test_without_surrogates_placeholders_stand() -> None:
    text = "it is Ottoline"
    assert SessionRedactor().redact_found([text], [spans(text, PERSON="Ottoline")]) == ["it is <PERSON_1>"]


def test_the_form_is_configured() -> None:
    settings = load_settings(flags={"extract": {"pii": {"replacement": "surrogate"}}}, env={})
    assert settings.extract.pii.replacement == "surrogate"
    assert load_settings(flags={}, env={}).extract.pii.replacement == "placeholder"
    with pytest.raises(ConfigurationError, match="surrogate"):
        load_settings(flags={"extract": {"pii": {"replacement": "surrogates"}}}, env={})


@pytest.mark.parametrize("name", ["Ottoline", "Perpetua"])
def test_a_given_name_that_no_list_has_becomes_a_given_name(name: str) -> None:
    fake = fake_name(name, Seed(b"k" * 32))
    assert fake is not None
    assert canonical(fake) in bearers()


@pytest.mark.parametrize("name", ["Wennerström", "Lund", "Thackersby"])
def test_a_surname_stays_a_surname(name: str) -> None:
    fake = fake_name(name, Seed(b"k" * 32))
    assert fake is not None
    assert canonical(fake) not in bearers()


def test_a_high_age_becomes_one_that_many_have() -> None:
    surrogates = Surrogates(surrogate_key(b"k" * 32))
    ages = {surrogates.of("AGE", str(age)) for age in range(90, 110)}
    assert all(age is not None and 75 <= int(age) <= 89 for age in ages)
    assert surrogates.of("AGE", "94") == surrogates.of("AGE", "94")
    assert not may_be_invented("AGE", "94")
