"""A company's own formats are learned from its log; what many write alike is not, nor what many write by chance."""

import random
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import InputError
from harness.pii.learning import shapes
from harness.pii.learning.formats import LearnedShape, LearnedShapes
from harness.pii.learning.shapes import ShapeLearner, learn_shapes
from harness.pii.patterns.rules import Facts, RuleBook

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
    assert LearnedShape(form="A{5,5}-9{5,5}-A{1,1}9{1,1}", prefix="quill", shortest=14, longest=14) in learned.shapes


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
    ["", "[]", "{}", '{"schema_version": 2, "shapes": []}', '{"schema_version": 1, "shapes": [{"form": "(a+)+$", "prefix": "", "length": [2, 2]}]}',
     '{"schema_version": 1, "shapes": [{"form": "A{2,2}", "prefix": ".*", "length": [2, 2]}]}'],
)  # fmt: skip
def test_what_is_no_stored_format_is_refused(stored: str) -> None:
    with pytest.raises(InputError):
        LearnedShapes.from_json(stored)


def test_formats_become_a_recognizer_beside_others() -> None:
    book = RuleBook(learn_shapes(log(120)).rules())
    assert [span.entity for span in book.find(Facts.of("it is quill-99120-m4"))] == ["ID"]
    assert book.find(Facts.of("nothing here")) == []
    assert LearnedShapes().rules() == ()


@pytest.mark.parametrize(
    "text",
    [
        "about {n:03}00 people, {n:03}000 in all, at {h}:{m} on {m}/05/2026 or 2026-03-{m}",
        "error code {n:05}, error E{n:04}x, on page {n:05}, flight LH{n:03}4",
        "version 3.{n}.{m}, release {n:05}, build {n:05}",
        "it costs ${n:03}12 or {n:03}12 euros, 1{n:03}12eur, EUR{n:03}12, {n},{m:02}0.99",
        "the balance shows 1{n:04}, then {n:05} steps and {n:05} km",
        "between 1{h}00-2{h}00, room {n:03}-{m}, {h}:{m}-{m}:{h}, at {h}:{m}:{m}",
        "my user is {who}{n} and theirs is {who}{m}",
        "covid19, windows10, iphone14, {n}gb and {n}x{m} and {m}kg",
        "since march{y}, in q{q}-{y}, 24/7",
        "I read it on x.example/{n:05} and www.y{n:04}.example, mail a{n:04}@mail.example",
        "I want the {model} in {colour}-{q}00",
    ],
)
def test_what_many_write_each_another_is_not_learned_unless_it_is_an_id(text: str) -> None:
    """Round and other amounts, times, dates, versions, prices, sizes, error codes and user names."""
    draw = random.Random(9)

    def written() -> str:
        return text.format(
            n=draw.randrange(100, 1000), m=draw.randrange(10, 60), h=draw.randrange(10, 24), y=draw.randrange(2015, 2027),
            q=draw.randrange(1, 5), model=draw.choice(MODELS), who="".join(draw.choices("aeiourtnsl", k=draw.randrange(3, 9))), colour=draw.choice(("red", "blue")),
        )  # fmt: skip

    assert learn_shapes((f"u{user}", written()) for user in range(150)).shown == ()


def test_figures_alone_are_learned_where_many_say_that_they_are_their_number() -> None:
    draw = random.Random(4)
    learned = learn_shapes(
        (f"u{user}", f"my customer number is {draw.randrange(10_000, 99_999)}") for user in range(60)
    )
    assert learned.shown == ("99999",)
    assert values(learned, "it is 48213, and costs 12000, $48213 or 48213 euros") == ["48213"]


def test_codes_of_mixed_letters_and_figures_are_one_format() -> None:
    draw = random.Random(4)
    codes = ["".join(draw.choice("0123456789abcdef") for _ in range(10)) for _ in range(90)]
    learned = learn_shapes((f"u{number}", f"device {code}") for number, code in enumerate(codes))
    assert "XXXXXXXXXX" in learned.shown
    assert values(learned, "a1b2c3d4e5 but not abcdefghij") == ["a1b2c3d4e5"]


def test_formats_of_several_nights_are_joined() -> None:
    one = LearnedShapes((LearnedShape(form="A{2,2}-9{4,4}", prefix="hq", shortest=7, longest=7),))
    two = LearnedShapes(
        (
            LearnedShape(form="A{2,2}-9{5,6}", prefix="hq", shortest=8, longest=9),
            LearnedShape(form="9{5,5}", shortest=5, longest=5),
        )
    )
    assert (one | two).shown == ("99999", "HQ-9999…999999")
    assert (one | two) == (two | one) == (one | two | one)
    assert (two - one).shapes == two.shapes
    assert not LearnedShapes() | LearnedShapes()


def test_placeholders_have_no_format() -> None:
    shapes = LearnedShapes((LearnedShape(form="A{2,2}_9{1,3}", shortest=4, longest=6),))
    assert values(shapes, "<ID_12> but id_12") == ["id_12"]


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


PIECES = ("hq-4f-77812", "kx-10442", "kx-10443", "0Z9/331/Q7", "48213", "customer 48213", "a1b2c3d4", "e5-f6-77", "x9")
SAID = st.lists(
    st.tuples(st.sampled_from(("a", "b", "c", "d", "e", "f")), st.lists(st.sampled_from(PIECES), max_size=3), st.integers(0, 2)),
    max_size=25,
)  # fmt: skip


def assert_parts_teach_the_same(said: list[tuple[str, list[str], int]]) -> None:
    whole, merged = ShapeLearner(), ShapeLearner()
    parts = [ShapeLearner() for _ in range(3)]
    for user, pieces, part in said:
        whole.add(user, " ".join(pieces))
        parts[part].add(user, " ".join(pieces))
    for learner in reversed(parts):
        merged.merge(ShapeLearner.of(learner.state()))
    assert merged.state() == whole.state()
    assert merged.learned(2) == whole.learned(2)


@settings(max_examples=60, deadline=None)
@given(SAID)
def test_parts_of_a_log_teach_what_the_whole_does(said: list[tuple[str, list[str], int]]) -> None:
    assert_parts_teach_the_same(said)


@settings(max_examples=60, deadline=None)
@given(SAID)
def test_so_they_do_where_there_is_no_room_for_all(said: list[tuple[str, list[str], int]]) -> None:
    """Which shapes, users and values are kept does not depend on when they came."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shapes, "_MOST_SHAPES", 3)
        patch.setattr(shapes, "_SAMPLE", 2)
        patch.setattr(shapes, "_MOST_OWNERS", 2)
        assert_parts_teach_the_same(said)


def test_a_flood_of_odd_tokens_does_not_displace_a_plain_format() -> None:
    learner = ShapeLearner()
    draw = random.Random(2)
    for user in range(3_000):
        odd = "-".join(draw.choice(("a1", "1a", "1", "a", "1a1", "a1a")) for _ in range(7))
        learner.add(f"u{user}", f"my case vx-{user:05d} and {odd}11")
    assert "VX-99999" in learner.learned().shown
