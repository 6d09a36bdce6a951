"""Names of fields: a name that could be a value is never shown."""

from typing import Any

import pytest

from extract.records.fieldnames import FieldNames, did_you_mean, looks_like_data


def names_of(*records: dict[str, Any], in_table: bool = False) -> FieldNames:
    names = FieldNames()
    for record in records:
        names.note(record, in_table=in_table)
    return names


@pytest.mark.parametrize(
    ("header", "is_data"),
    [
        (["cust-0004", "ios", "s-004-0"], True),
        (["ada", "ada@mail.example", "x"], True),
        (["ada", "web", "Where is my card?"], True),
        (["user_id", "Session ID", "prompt 2", "", "line_10"], False),
    ],
)
def test_a_first_line_of_values_is_told_from_a_header(header: list[str], *, is_data: bool) -> None:
    assert looks_like_data(header) is is_data


def test_the_names_of_a_table_are_shown_only_if_they_are_names_of_fields() -> None:
    assert names_of({"user": "", "Frage": "", "created_at": ""}, in_table=True).shown() == [
        "user",
        "Frage",
        "created_at",
    ]
    assert names_of({"ottoline": "", "web": "", "hello": ""}, in_table=True).shown() == []
    assert names_of({"ottoline": "", "cust-0004": "", "user": "", "chat": ""}, in_table=True).shown() == []


def test_keys_that_are_values_are_not_shown() -> None:
    assert names_of({"ottoline": {"prompt": "x"}}).shown() == []
    assert names_of({"ottoline": 1, "user": "x"}).shown() == ["user"]
    differing = [{"user": "x", name: 1} for name in ("ottoline", "tobias", "marit", "ada")]
    assert names_of(*differing).shown() == ["user"]
    assert names_of(*[{"user": 1, "cust-0004": 1, "plan": 1}] * 3).shown() == ["user", "plan"]


def test_the_nearest_name_is_asked_for_also_one_level_down() -> None:
    names = names_of(*[{"prompt": "x", "meta": {"channel": "web"}}] * 3)
    assert did_you_mean(names, "promt") == " (did you mean 'prompt'?)"
    assert did_you_mean(names, "meta.chanel") == " (did you mean 'meta.channel'?)"
    assert did_you_mean(names, "zzz") == ""
