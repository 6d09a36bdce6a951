"""Words that every stage says in the same way."""

from harness.wording import counted


def test_one_is_singular_and_all_else_is_plural() -> None:
    assert [counted(n, "record") for n in (0, 1, 1200)] == ["0 records", "1 record", "1,200 records"]
    assert counted(2, "entry") == "2 entries"
    assert counted(2, "day") == "2 days"
