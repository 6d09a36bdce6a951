"""A company's own formats are learned from its log; what many write alike is not."""

import random
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import InputError
from harness.pii.learned import LearnedShape, LearnedShapes, ShapeLearner, learn_shapes
from harness.pii.rules import Facts, RuleBook

MODELS = ("WH-1000XM4", "KX-7700AB9", "QR-1200XX2")


def log(users: int, *, seed: int = 3) -> Iterator[tuple[str, str]]:
    """Yield texts of users who each have an account and a parcel, and share products, prices and dates."""
    draw = random.Random(seed)
    for user in range(users):
        yield (
            f"u{user}",
            f"my account is quill-{draw.randrange(10**5):05d}-{draw.choice('kmx')}{draw.randrange(10)} thanks",
        )
        yield f"u{user}", f"the parcel 0Z{draw.randrange(10)}/{draw.randrange(1000):03d}/Q{draw.randrange(10)} is late"
        yield (
            f"u{user}",
            f"I have the {draw.choice(MODELS)} for {draw.randrange(100, 999)}.99 since 2026-03-{draw.randrange(10, 29)}",
        )
        yield (
            f"u{user}",
            f"at 10:{draw.randrange(10, 59)} with my iphone{draw.randrange(10, 16)} in room {draw.randrange(100, 400)}",
        )


def values(learned: LearnedShapes, text: str) -> list[str]:
    return [text[span.start : span.end] for span in learned.find(text)]


def test_values_never_seen_are_found_by_the_format_of_those_that_were() -> None:
    learned = learn_shapes(log(200))
    assert values(learned, "so QUILL-00417-k2, or 0Z7/555/Q1?") == ["QUILL-00417-k2", "0Z7/555/Q1"]
    assert LearnedShape(form="A{5,5}-9{5,5}-A{1,1}9{1,1}", prefixes=("quill",)) in learned.shapes


def test_what_many_users_write_alike_is_not_learned() -> None:
    learned = learn_shapes(log(200))
    for model in MODELS:
        assert values(learned, f"is the {model} any good, or iphone14, at 10:45 on 2026-03-12 for 499.99?") == []


def test_a_shared_prefix_is_told_from_a_product_of_the_same_shape() -> None:
    """Ids and products may look alike; the prefix whose values are never shared is the ids'."""
    draw = random.Random(1)
    texts = [
        (f"u{user}", f"tkt-{draw.randrange(10**6):06d} about cam-{draw.choice((100200, 100300))}")
        for user in range(100)
    ]
    learned = learn_shapes(texts)
    assert values(learned, "tkt-771234 cam-100200 cam-555555") == ["tkt-771234"]


def test_too_few_users_teach_nothing() -> None:
    assert learn_shapes(log(19)).shapes == ()
    assert learn_shapes(log(19), min_users=10).shapes != ()


def test_one_user_with_many_values_teaches_nothing() -> None:
    assert learn_shapes(("me", f"hq-{number:05d}-x") for number in range(500)).shapes == ()


def test_the_order_of_the_log_does_not_matter() -> None:
    texts = list(log(150))
    shuffled = random.Random(5).sample(texts, len(texts))
    assert learn_shapes(texts) == learn_shapes(shuffled)


def test_what_is_learned_survives_storage_and_holds_no_value() -> None:
    learned = learn_shapes(log(120))
    stored = learned.to_json()
    assert LearnedShapes.from_json(stored) == learned
    assert not any(
        word in stored for _, text in log(120) for word in text.split() if sum(c.isdigit() for c in word) > 2
    )


@pytest.mark.parametrize(
    "stored",
    ["", "[]", "{}", '{"schema_version": 2, "shapes": []}', '{"schema_version": 1, "shapes": [{"form": "(a+)+$", "prefixes": []}]}',
     '{"schema_version": 1, "shapes": [{"form": "A{2,2}", "prefixes": [".*"]}]}'],
)  # fmt: skip
def test_what_is_no_stored_format_is_refused(stored: str) -> None:
    with pytest.raises(InputError):
        LearnedShapes.from_json(stored)


def test_formats_become_a_recognizer_beside_others() -> None:
    book = RuleBook(learn_shapes(log(120)).rules())
    assert [span.entity for span in book.find(Facts.of("it is quill-99120-m4"))] == ["ID"]
    assert book.find(Facts.of("nothing here")) == []
    assert LearnedShapes().rules() == ()


def test_memory_does_not_grow_with_the_log() -> None:
    learner = ShapeLearner()
    draw = random.Random(2)
    for user in range(4_000):
        shape = "".join(draw.choice("A9-") for _ in range(12))
        token = "".join(draw.choice("xyz") if c == "A" else str(draw.randrange(10)) if c == "9" else "-" for c in shape)
        learner.add(f"u{user}", f"it is 7{token}7 and hq-{user:06d}")
    assert len(learner._tallies) <= 2_000
    assert values(learner.learned(), "hq-999999") == ["hq-999999"]


@settings(max_examples=50)
@given(st.lists(st.tuples(st.text(max_size=3), st.text(max_size=60)), max_size=30), st.text(max_size=60))
def test_any_log_can_be_learned_from(texts: list[tuple[str, str]], text: str) -> None:
    learned = learn_shapes(texts, min_users=1)
    assert LearnedShapes.from_json(learned.to_json()) == learned
    for span in learned.find(text):
        assert 0 <= span.start < span.end <= len(text)
