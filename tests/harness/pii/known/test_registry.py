"""What identifies one customer is found in everybody's text; the index is small, shared, and made from a stream."""

import pickle
import string
from collections.abc import Collection
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.certifying.audit import OutputAudit
from harness.contracts import SanitizedSession, Turn
from harness.errors import StorageError
from harness.pii.interface import PiiSpan
from harness.pii.known import fingerprints
from harness.pii.known.registry import KnownRegistry, RegistryDetector, is_telling

KEY = b"a key of the tests, and of nothing else"
VALUES = (
    "Ottoline Ferncastle", "Obuasi", "quill-77-x", "+44 (0)7700 900123", "o.ferncastle88@mail.example", "12 Saltmarsh Street, Obuasi, 89197", "cust_BK10G9447",
    "Jürgen Größmann", "1984-03-12",
)  # fmt: skip


class Nothing:
    """A detector that finds one span, at the beginning."""

    def __init__(self) -> None:
        self.prepared: list[str] = []

    def find(self, text: str, *, known: tuple[str, ...] = ()) -> list[PiiSpan]:
        """Return the first four characters, whatever they are, where nothing is known."""
        return [PiiSpan(start=0, end=min(4, len(text)), entity="ID", score=0.5)] if not known else []

    def prepare(self, texts: Collection[str]) -> None:
        """Remember what it was shown."""
        self.prepared.extend(texts)


def found(text: str, registry: KnownRegistry) -> list[str]:
    return [text[span.start : span.end] for span in registry.find(text)]


@pytest.fixture(scope="module")
def registry() -> KnownRegistry:
    return KnownRegistry(iter(VALUES), key=KEY)


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("tell ottoline ferncastle in Obuasi about quill 77 X", ["ottoline ferncastle", "quill 77 X"]),
        ("FERNCASTLE, OTTOLINE", ["FERNCASTLE, OTTOLINE"]),
        ("ottoline.ferncastle", ["ottoline.ferncastle"]),
        ("ottoline called", []),
        ("07700 900123", ["07700 900123"]),
        ("7700-900-123", ["7700-900-123"]),
        ("+447700900123", ["447700900123"]),
        ("tel07700900123", ["7700900123"]),
        ("O.FERNCASTLE88 at mail", ["O.FERNCASTLE88"]),
        ("at 12 saltmarsh st, near", ["12 saltmarsh st"]),
        ("at 12 Saltmarsh Street", ["12 Saltmarsh Street"]),
        ("my id BK10G9447 ok", ["BK10G9447"]),
        ("juergen groessmann", ["juergen groessmann"]),
        ("Jurgen Grossmann", ["Jurgen Grossmann"]),
        ("JÜRGEN GRÖẞMANN", ["JÜRGEN GRÖẞMANN"]),
        ("on 1984-03-12", []),
        ("", []),
    ],
)
def test_a_telling_value_is_found_across_notations(text: str, spans: list[str], registry: KnownRegistry) -> None:
    assert found(text, registry) == spans


@given(st.lists(st.text(string.ascii_letters + string.digits + " -.@ß", max_size=24), max_size=12), st.data())
def test_what_the_audit_searches_in_everybodys_text_is_found(values: list[str], data: st.DataObject) -> None:
    """The audit is the independent judge: nothing that it would report may be left by the registry."""
    value = data.draw(st.sampled_from([*values, *VALUES]))
    text = f"so {value} it is"
    for span in reversed(list(KnownRegistry((*values, *VALUES), key=KEY).find(text))):
        text = f"{text[: span.start]}{' ' * (span.end - span.start)}{text[span.end :]}"
    session = SanitizedSession(
        session_id="s", user_key="u", started_on="2026-01-01", turns=[Turn(role="user", text=text)], entities={}
    )
    assert OutputAudit((*values, *VALUES)).look(session, ()) == 0


@given(st.lists(st.text(min_size=1, max_size=12), max_size=60), st.text(max_size=12))
def test_fingerprints_hold_what_was_put_in_and_nothing_else(texts: list[str], other: str) -> None:
    kinds = {text: number % fingerprints.MOST_KINDS for number, text in enumerate(texts)}
    built = fingerprints.build(kinds.items(), KEY)
    assert len(built) == len(kinds)
    for text, kind in kinds.items():
        assert built.kind(text.encode()) == kind
        assert built.lengths(text[: fingerprints.PREFIX].encode()) >> len(text) % 8 & 1
    assert (built.kind(other.encode()) is None) is (other not in kinds)


def test_a_saved_registry_is_mapped_and_travels_to_other_processes(tmp_path: Path, registry: KnownRegistry) -> None:
    path = tmp_path / "known.bin"
    registry.save(path)
    mapped = KnownRegistry.load(path, key=KEY)
    text = "ottoline ferncastle, 07700 900123"
    assert len(mapped) == len(registry)
    assert path.stat().st_size == mapped.size_bytes
    assert list(mapped.find(text)) == list(registry.find(text))
    travelled = pickle.dumps(mapped)
    assert len(travelled) < 1000
    assert found(text, pickle.loads(travelled)) == ["ottoline ferncastle", "07700 900123"]  # noqa: S301
    assert found(text, pickle.loads(pickle.dumps(registry))) == ["ottoline ferncastle", "07700 900123"]  # noqa: S301


def test_a_saved_registry_tells_nothing_without_its_key(tmp_path: Path, registry: KnownRegistry) -> None:
    path = tmp_path / "known.bin"
    registry.save(path)
    assert b"ferncastle" not in path.read_bytes().lower()
    with pytest.raises(StorageError, match="another key"):
        KnownRegistry.load(path, key=b"another key than that")


def test_a_damaged_or_missing_file_is_named(tmp_path: Path, registry: KnownRegistry) -> None:
    path = tmp_path / "known.bin"
    registry.save(path)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(StorageError, match=r"known\.bin: \d+ bytes, \d+ expected"):
        KnownRegistry.load(path, key=KEY)
    path.write_bytes(b"")
    with pytest.raises(StorageError, match="cannot be read"):
        KnownRegistry.load(path, key=KEY)
    with pytest.raises(StorageError, match="cannot be read"):
        KnownRegistry.load(tmp_path / "none.bin", key=KEY)
    with pytest.raises(StorageError, match="cannot be written"):
        registry.save(tmp_path / "none" / "known.bin")


def test_a_registry_takes_few_bytes_a_value_and_finds_no_strangers() -> None:
    users = 4000
    values = [f"Ann{n:05}x Ferncastle{n}" for n in range(users)]
    registry = KnownRegistry(values, key=KEY)
    assert registry.size_bytes / len(registry) < 12
    assert found(values[77], registry) == [values[77]]
    assert not any(found(f"Ann{n:05}x Ferncastle{n}", registry) for n in range(users, users + 2000))


@pytest.mark.parametrize("written", ["4539 1488 0343 6467", "4539148803436467", "4539-1488-0343-6467"])
def test_a_long_number_without_a_plus_is_found_whole_as_well(written: str) -> None:
    """Its first digits may be a country's, or a card's."""
    (span, *_) = KnownRegistry(["4539 1488 0343 6467"]).find(f"no {written} there")
    assert span.end == 3 + len(written)


def test_an_empty_registry_finds_nothing() -> None:
    assert not found("anything 12345678", KnownRegistry(()))


def test_the_registrys_values_join_those_of_the_detector() -> None:
    inner = Nothing()
    finder = RegistryDetector(inner, KnownRegistry(VALUES))
    finder.prepare(["a"])
    assert inner.prepared == ["a"]
    text = "tell ottoline ferncastle"
    assert [text[s.start : s.end] for s in finder.find(text)] == ["tell", "ottoline ferncastle"]
    assert [s.end for s in finder.find("tell me")] == [4]


@pytest.mark.parametrize(
    ("value", "telling"),
    [
        ("Maria", False), ("London", False), ("Maria Lopez", True), ("U8f3aa", True), ("12345", False), ("1234567", True), ("New York", False),
        ("credit card", False), ("1984-03-12", False), ("a@b.example", True), ("Gold plan", False), ("12 Elm St", True),
    ],
)  # fmt: skip
def test_only_values_that_identify_by_themselves_are_telling(value: str, telling: object) -> None:
    assert is_telling(value) is telling


def test_figures_glued_to_a_name_go_with_it() -> None:
    text = "it was Ottoline Brenham3 who called"
    (span,) = KnownRegistry(["Ottoline Brenham"]).find(text)
    assert text[span.start : span.end] == "Ottoline Brenham3"
    assert not list(KnownRegistry(["Ottoline Brenham"]).find("it was Ottoline Brenhamer3"))
