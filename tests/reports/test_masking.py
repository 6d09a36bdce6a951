import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.masking import CHIP, MARK, PLAIN, SECRET, Segment, excerpt, guard, is_sensitive, mask, segment
from reports.visible import visible

WORDS = st.text(st.sampled_from("abc xyz.@\u202e\n"), max_size=40)


@given(WORDS, st.lists(WORDS, max_size=3), st.lists(WORDS, max_size=3))
def test_segments_put_together_are_the_visible_text(text: str, marks: list[str], secrets: list[str]) -> None:
    parts = segment(text, marks=marks, secrets=secrets)
    joined = "".join(f"‹{part.text}›" if part.kind == CHIP else part.text for part in parts)
    assert joined == visible(text)


@given(st.text("abc 12", max_size=20), st.from_regex(r"[a-z]{3,8}@[a-z]{3,8}\.test", fullmatch=True), WORDS)
def test_a_secret_never_survives_masking(before: str, secret: str, after: str) -> None:
    assert secret not in mask(f"{before} {secret} {after}", [secret])


def test_a_secret_wins_over_a_mark_that_contains_it() -> None:
    parts = segment("write to jo@bank.test now", marks=["to jo@bank.test now"], secrets=["jo@bank.test"])
    assert parts == [
        Segment(PLAIN, "write "),
        Segment(MARK, "to "),
        Segment(SECRET, "jo@bank.test"),
        Segment(MARK, " now"),
    ]


def test_a_secret_is_found_with_other_white_space_and_case() -> None:
    assert mask("call +44 7700\n900417", ["+44  7700 900417"]) == "call [masked: 15 characters]"
    assert "OKAFOR" not in mask("Ms OKAFOR-LEE", ["okafor-lee"])


def test_a_short_secret_is_masked_as_a_word_only() -> None:
    assert mask("Al also altered it", ["Al"]) == "[masked: 2 characters] also altered it"


def test_overlapping_secrets_are_masked_as_one() -> None:
    assert mask("abcdefghij", ["abcdef", "defghij"]) == "[masked: 10 characters]"


def test_an_excerpt_starts_shortly_before_the_offending_words_and_hides_secrets() -> None:
    text = "word " * 100 + "the secret is 4711-ZULU and that is wrong"
    found = excerpt(segment(text, marks=["that is wrong"], secrets=["4711-ZULU"]))
    assert found.endswith("the secret is [masked: 9 characters] and that is wrong")
    assert len(found) < 120


def test_an_excerpt_of_a_text_without_offence_is_empty() -> None:
    assert excerpt(segment("all fine")) == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("mail tam.o@post.example.test please", "mail [e-mail] please"),
        ("call +44 (0)7700 900-417.", "call [number]."),
        ("IBAN GB33 BUKB 2020 1555 5555 55", "IBAN [account]"),
        ("card 4539 1488 0343 6467", "card [number]"),
        ("prompt prm-00002-244caf9c in run-20310304-091244-3fa9c1", None),
        ("failed 12 of 3400 at 2.5 %", None),
    ],
)
def test_the_guard_hides_what_looks_personal_and_leaves_ids_and_counts(text: str, shown: str | None) -> None:
    assert guard(text) == (shown or text)


@pytest.mark.parametrize("name", ["pii_leak", "system_prompt_leak", "canary_leak", "secrets"])
def test_leak_criteria_are_sensitive(name: str) -> None:
    assert is_sensitive(name)


@pytest.mark.parametrize("name", ["groundedness", "availability", "well_formed", "cut_off"])
def test_other_criteria_are_not(name: str) -> None:
    assert not is_sensitive(name)
