"""Invented values beside everybody's real ones: never equal to one, the same for every worker, and known again by their marks."""

import pickle
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.contracts import Manifest
from harness.identity import utc_now
from harness.pii import PiiSpan
from harness.pii.known import fold
from harness.pii.known.registry import KnownRegistry, RegistryDetector
from harness.pii.redaction import SessionRedactor
from harness.pii.surrogates import Surrogates, surrogate_key
from harness.pii.surrogates.recognizing import holds_invented, may_be_invented
from tests.harness.pii.listed import Listed
from tests.harness.pii.test_surrogates import SURROGATES, VALUES, fake

TELLING = [value for value in VALUES if value[0] not in ("DATE_OF_BIRTH", "LOCATION")]
SENTENCE = "it is {} as I said"


def replaced(entity: str, value: str, real: list[str], *, surrogates: Surrogates = SURROGATES) -> str:
    """Return what stands for a value in a session where everybody's real values are known."""
    finder = RegistryDetector(Listed(**{entity: value}), KnownRegistry(real))
    text = SENTENCE.format(value)
    span = PiiSpan(start=6, end=6 + len(value), entity=entity, score=1.0)
    redacted = SessionRedactor(finder, surrogates=surrogates).redact_found([text], [[span]])[0]
    return redacted.removeprefix("it is ").removesuffix(" as I said")


@given(st.sampled_from(TELLING), st.integers(1, 3))
def test_nothing_invented_is_a_real_value_of_the_log(value: tuple[str, str], how_many: int) -> None:
    """Each real value is what would have been invented without it: the worst that a log can hold."""
    real: list[str] = []
    for _ in range(how_many):
        stands = replaced(*value, real)
        assert all(fold(stands) != fold(other) for other in (*real, value[1]))
        if stands.startswith("<"):
            return
        real.append(stands)


@given(st.lists(st.sampled_from(TELLING), min_size=1, max_size=6), st.lists(st.sampled_from(TELLING), max_size=4))
def test_every_worker_invents_the_same_whatever_it_has_seen_before(
    wanted: list[tuple[str, str]], before: list[tuple[str, str]]
) -> None:
    real = [fake(*value) for value in TELLING[::2]]
    worker: Surrogates = pickle.loads(pickle.dumps(SURROGATES))  # noqa: S301 - made here
    for value in before:
        worker.of(*value)
    for value in wanted:
        assert replaced(*value, real, surrogates=worker) == replaced(*value, real)


def test_without_everybodys_values_the_first_one_stands() -> None:
    assert replaced("PERSON", "Ottoline Ferncastle", []) == fake("PERSON", "Ottoline Ferncastle")
    assert replaced("PERSON", "Ottoline Ferncastle", ["Somebody Elsewhere"]) == fake("PERSON", "Ottoline Ferncastle")


def test_a_person_stays_one_person_where_the_first_name_was_somebodys() -> None:
    real = [fake("PERSON", "Ottoline Ferncastle")]
    again = replaced("PERSON", "Ottoline Ferncastle", real)
    assert again != real[0]
    assert not again.startswith("<")
    assert replaced("PERSON", "OTTOLINE FERNCASTLE", real) == again.upper()


# Known again


@given(st.sampled_from(VALUES), st.integers(0, 10**6))
def test_whatever_is_invented_can_be_invented(value: tuple[str, str], key: int) -> None:
    found = Surrogates(surrogate_key(b"a key of the tests %d" % key)).of(*value)
    assert found is None or may_be_invented(value[0], found)


@pytest.mark.parametrize(
    ("entity", "value"),
    [
        ("PERSON", "Zwanenburg Quuxley"),
        ("EMAIL_ADDRESS", "ottoline@lettermail.net"),
        ("EMAIL_ADDRESS", "ottoline at lettermail dot net"),
        ("EMAIL_ADDRESS", "anna@example.com.lettermail.net.biz"),
        ("URL", "https://portal.bank.test/u/ottoline"),
        ("CREDIT_CARD", "4539 1488 0343 6467"),
        ("IBAN_CODE", "DE89 3704 0044 0532 0130 00"),
        ("US_SSN", "219-09-9998"),
        ("IP_ADDRESS", "10.11.12.13"),
        ("IP_ADDRESS", "2a02:8108::1"),
        ("MAC_ADDRESS", "a4:5e:60:c1:22:33"),
        ("LOCATION", "48.85837, 2.29448"),
        ("API_KEY", "sk_live_48213900aabbccdd"),
        ("PASSWORD", "hunter2"),
    ],
)
def test_what_is_never_invented_is_known_to_be_real(entity: str, value: str) -> None:
    assert not may_be_invented(entity, value)


@pytest.mark.parametrize(
    ("entity", "value"),
    [("PHONE_NUMBER", "+39 340 1234567"), ("CREDIT_CARD", "6467"), ("IP_ADDRESS", "2001:db8::1f"), ("ID", "A-1234")],
)
def test_what_has_no_mark_may_be_either(entity: str, value: str) -> None:
    assert may_be_invented(entity, value)


def test_most_real_names_of_the_rare_kind_are_no_invented_ones() -> None:
    names = [f"{a}{b}" for a, b in combinations(("Zwaf", "quirp", "Ubblo", "thwem", "Ygrax"), 2)]
    assert not any(may_be_invented("PERSON", name) for name in names)


def test_the_manifest_says_whether_values_are_invented(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    assert not holds_invented(path)
    path.write_text("{}", encoding="utf-8")
    assert not holds_invented(path)
    manifest = Manifest(
        kind="dataset",
        artifact_id="data-1",
        tool_version="1",
        created_at=utc_now(),
        configuration_hash="c" * 64,
        details={"replacement": "surrogate"},
    )
    path.write_bytes(manifest.to_json())
    assert holds_invented(path)
    path.write_bytes(manifest.model_copy(update={"details": {}}).to_json())
    assert not holds_invented(path)
