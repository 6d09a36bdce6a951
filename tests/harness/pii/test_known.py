"""Known values are found in the variants in which people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.pii.detector import detector
from harness.pii.known import KnownValues
from harness.pii.registry import KnownRegistry, RegistryDetector, is_telling

PROFILE = (
    "Tobias Wennerström",
    "tobias.w88@mail.example",
    "+49 170 1234567",
    "AC-K8C414F1",
    "12 Saltmarsh Lane, Obuasi, 89197",
    "1980-03-12",
)


def left(text: str, values: tuple[str, ...] = PROFILE) -> str:
    chars = list(text)
    for span in KnownValues(values).find(text):
        chars[span.start : span.end] = "_" * (span.end - span.start)
    return "".join(chars)


@pytest.mark.parametrize(
    "variant",
    [
        "tobias wennerström", "TOBIAS", "Wennerstrom", "T. Wennerström", "Wennerström, Tobias", "tobiaswennerstrom", "tobias-wennerström",
        "0170 1234567", "170-123-4567", "491701234567", "tobias.w88", "TOBIAS.W88@MAIL.EXAMPLE", "ack8c414f1", "AC K8C 414 F1",
        "12 saltmarsh lane", "89197", "1980 03 12",
    ],
)  # fmt: skip
def test_a_variant_of_a_known_value_is_removed(variant: str) -> None:
    rest = left(f"so it was {variant} again", (*PROFILE, "89197"))
    assert not any(part.lower() in rest.lower() for part in variant.replace("-", " ").split() if len(part) > 2)
    assert rest.startswith("so it was")
    assert rest.endswith("again")


def test_a_name_that_is_a_word_goes_only_when_capitalised() -> None:
    assert left("I will ask Will", ("Will Marchwinska",)) == "I will ask ____"


def test_a_value_inside_a_longer_word_stays() -> None:
    assert left("the anniversary", ("Anni",)) == "the anniversary"
    assert left("number 9917012345679", ("17012345",)) == "number 9917012345679"


@given(st.text(alphabet=st.characters(categories=["L", "N"]), min_size=5, max_size=30), st.text(max_size=20))
def test_a_known_value_never_survives_between_spaces(value: str, around: str) -> None:
    text = f"{around} {value} {around}"
    spans = list(KnownValues((value,)).find(text))
    at = len(around) + 1
    assert any(s.start <= at and s.end >= at + len(value) for s in spans)


def test_another_users_telling_value_is_found_by_the_registry() -> None:
    finder = RegistryDetector(detector("strict"), KnownRegistry(["Ottoline Ferncastle", "Obuasi", "quill-77-x"]))
    text = "tell ottoline ferncastle in Obuasi about quill 77 X"
    assert [text[s.start : s.end] for s in finder.find(text)] == ["ottoline ferncastle", "quill 77 X"]


@pytest.mark.parametrize(
    ("value", "telling"),
    [("Maria", False), ("London", False), ("Maria Lopez", True), ("U8f3aa", True), ("12345", False), ("1234567", True)],
)
def test_only_values_that_identify_by_themselves_are_telling(value: str, telling: bool) -> None:  # noqa: FBT001
    assert is_telling(value) is telling
