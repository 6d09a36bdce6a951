"""Allow-listed values: names and numbers of people go, short enumerations and codes stay, times become dates."""

import datetime as dt

import pytest

from extract.records.allowed import AllowedValues, without_time
from harness.pii.detector import detector
from harness.pii.known.registry import KnownRegistry, RegistryDetector
from harness.pii.setup import DetectorSetup

AT = dt.datetime(2026, 10, 1, 8, 0, tzinfo=dt.UTC)


def cleaned(name: str, value: str, *, known: tuple[str, ...] = (), others: tuple[str, ...] = ()) -> tuple[str, bool]:
    """Return what is left of a value, and whether something personal was found in it."""
    finder = RegistryDetector(detector("strict"), KnownRegistry(others))
    done = AllowedValues(finder).clean({name: value}, known, AT)
    return done.values.get(name, ""), bool(done.personal)


@pytest.mark.parametrize(
    "value",
    ["Piet Hiemstra", "piet hiemstra", "HIEMSTRA, PIET", "Hiemstra", "Ottoline Ferncastle", '["web","Piet Hiemstra"]', "piet.hiemstra"],
)  # fmt: skip
def test_names_do_not_survive(value: str) -> None:
    assert cleaned("agent", value) == ("<PERSON_1>", True)


@pytest.mark.parametrize(
    "value",
    [
        "ios", "iOS", "web", "premium", "Premium Plus", "Berlin-2", "Berlin", "Amsterdam", "New York", "gold", "gold plan", "en-US", "Europe/Berlin", "mobile app", "Hope", "Rose", "Will", "billing",
        "North West", "Summer Sale", "support-bot", "Chrome 120", "1.2.3", "iPhone15,2", "vendor.claude-v2", "r-2024-77", "claude-3-5-sonnet-20241022", "/help/cards", "true", "12.5", "v2",
    ],
)  # fmt: skip
def test_words_of_short_lists_and_versions_stay(value: str) -> None:
    assert cleaned("channel", value) == (value, False)


@pytest.mark.parametrize(
    "value",
    ["req-0001", "550e8400-e29b-41d4-a716-446655440000", "01HZY7P9K2M3N4Q5R6S7T8V9WX", "INC0012345", "8412345678"],
)
def test_ids_of_records_stay(value: str) -> None:
    assert cleaned("request_id", value, others=(value,)) == (value, False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("from", "o.ferncastle@mail.example"),
        ("caller", "+31612345678"),
        ("caller", "0612345678"),
        ("customerPhone", "31612345678"),
        ("date_of_birth", "1980-04-05"),
        ("ip", "81.2.69.142"),
        ("paid_with", "4111111111111111"),
        ("where", "14 Quillfeather Lane"),
        ("user_name", "phiemstra77"),
        ("pin", "1234"),
    ],
)
def test_what_a_pattern_or_the_fields_name_gives_away_is_replaced(name: str, value: str) -> None:
    left, personal = cleaned(name, value)
    assert personal
    assert value not in left


def test_values_of_profiles_go_whoever_they_are_of_but_ids_of_others_stay() -> None:
    assert cleaned("page", "/of/zyx-wvutsr", others=("Zyx Wvutsr",)) == ("<PERSON_1>", True)
    assert cleaned("page", "u/customer-998877", others=("customer-998877",)) == ("u/customer-998877", False)
    left, personal = cleaned("page", "u/ann-00012", known=("ann-00012",))
    assert personal
    assert "00012" not in left


def test_a_kept_word_stands() -> None:
    assert cleaned("agent", "Lisa") == ("<PERSON_1>", True)
    keeping = AllowedValues(DetectorSetup(keep=("Lisa",)).detector())
    assert keeping.clean({"agent": "Lisa"}, (), AT).values == {"agent": "Lisa"}


@pytest.mark.parametrize(
    "value",
    [
        "2026-10-01T08:15:22Z", "2026-10-01T08:15:22.123456+02:00", "2026-10-01 08:15", "20261001T081522Z", "20261001081522", "1790841600", "1790841600123", "1790841600.25", "2026-10-01 08:15:22+00:00",
    ],
)  # fmt: skip
def test_times_become_dates(value: str) -> None:
    assert without_time(value, AT) == "2026-10-01"


def test_a_time_within_a_value_becomes_a_date_and_other_notations_are_left_out() -> None:
    assert without_time("req-20261001-081522-77", AT) == "req-2026-10-01-77"
    assert without_time("Thu, 01 Oct 2026 08:15:22 GMT", AT) is None
    assert without_time("08:15", AT) is None
    assert without_time("8412345678", AT) == "8412345678"
    assert without_time("9:00-17:00", AT) == "9:00-17:00"
    assert without_time("2026-10-01", AT) == "2026-10-01"
