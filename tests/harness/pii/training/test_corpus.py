"""Labelled texts: the same seed gives the same, and every label stands on its value."""

import json
import random
import re
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.pii.training import corpus
from harness.pii.training.corpus import Labelled, generated, read_set, restyle, templates
from harness.pii.training.values import TYPES, Values

PLACEHOLDER = re.compile(r"\{(\w+)\}")


def test_the_same_seed_gives_the_same_texts() -> None:
    assert list(generated(80, seed=3)) == list(generated(80, seed=3))


def test_another_seed_gives_others() -> None:
    one, other = ({row.text for row in generated(80, seed=seed)} for seed in (3, 4))
    assert len(one & other) < 20


def test_as_many_texts_come_as_are_asked_for() -> None:
    assert len(list(generated(17, seed=1))) == 17
    assert list(generated(0, seed=1)) == []


def test_fewer_texts_are_the_beginning_of_more() -> None:
    assert list(generated(20, seed=5)) == list(generated(40, seed=5))[:20]


def assert_sound(row: Labelled) -> None:
    """Check what holds for every labelled text."""
    end = 0
    for start, stop, kind in row.spans:
        assert end <= start < stop <= len(row.text)
        assert kind in TYPES.values()
        assert kind != "O"
        end = stop


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**40))
def test_labels_are_in_order_inside_their_text_and_of_known_types(seed: int) -> None:
    for row in generated(20, seed=seed):
        assert_sound(row)


def test_all_types_occur() -> None:
    kinds = {kind for row in generated(6000, seed=8) for _, _, kind in row.spans}
    assert kinds == set(TYPES.values()) - {"O"}


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(templates()), st.integers(0, 10_000))
def test_without_its_values_a_text_is_its_template(template: str, seed: int) -> None:
    row = corpus._filled(template, Values(random.Random(seed)), random.Random(seed))
    assert_sound(row)
    fixed = [(m[1], m.start(), m.end()) for m in PLACEHOLDER.finditer(template)]
    if any(TYPES[name] == "O" for name, _, _ in fixed):
        return
    assert [kind for _, _, kind in row.spans] == [TYPES[name] for name, _, _ in fixed]
    left = row.text
    for start, end, _ in reversed(row.spans):
        left = left[:start] + left[end:]
    assert left == PLACEHOLDER.sub("", template)


def test_what_is_in_braces_but_no_placeholder_stays() -> None:
    row = corpus._filled('{"name": "{first}", {other}}', Values(random.Random(1)), random.Random(1))
    ((start, end, kind),) = row.spans
    assert (row.text[:start], kind, row.text[end:]) == ('{"name": "', "PERSON", '", {other}}')


def test_labels_know_which_types_were_marked_everywhere() -> None:
    """Towns and brands also stand in the training text as plain words, so that they may not count as unmarked."""
    for row in generated(50, seed=2):
        assert row.annotated is not None
        assert {"PERSON", "LOCATION", "ID", "PHONE_NUMBER"} <= row.annotated
        assert not {"O", "GPE", "ORGANIZATION", "DATE_TIME"} & row.annotated
        assert row.source == "generated"


def test_texts_are_made_from_given_lines_alone() -> None:
    lines = ["qq {first} ww"]
    from_lines = [row for row in generated(60, seed=6, lines=lines) if row.text.casefold().count("qq")]
    assert len(from_lines) > 30


def test_a_labelled_set_is_read_with_its_types_and_what_to_ignore(tmp_path: Path) -> None:
    path = tmp_path / "shop_log.jsonl"
    rows = [
        {"text": "hi Zoe", "spans": [{"start": 3, "end": 6, "type": "PERSON"}], "annotated": ["PERSON"], "source": "a"},
        {"text": "in Ulm", "spans": [], "ignore": [{"start": 3, "end": 6}]},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    assert list(read_set(path)) == [
        Labelled("hi Zoe", ((3, 6, "PERSON"),), frozenset({"PERSON"}), "a"),
        Labelled("in Ulm", ((3, 6, "IGNORED"),), None, "shop_log"),
    ]


def test_rows_typed_in_another_way_keep_what_is_known_of_them() -> None:
    row = Labelled("Ask Zoe, now", ((4, 7, "PERSON"),), frozenset({"PERSON"}), "shop")
    typed = [next(restyle([row], random.Random(seed))) for seed in range(60)]
    assert {other.source for other in typed} == {"shop"}
    assert {other.annotated for other in typed} == {row.annotated}
    assert len({other.text for other in typed}) > 3
    values = [other.text[start:end].casefold() for other in typed for start, end, _ in other.spans]
    assert values.count("zoe") > 50
