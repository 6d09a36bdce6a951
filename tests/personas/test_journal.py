"""What an interrupted generation leaves, and what the next one makes of it."""

from pathlib import Path

import pytest

from harness.config import PersonasSection
from harness.errors import UsageError
from harness.models import ModelCall, Usage
from harness.storage import Storage
from personas.journal import Journal, Kept, call_key, journal_name, kept_journal


def _kept(key: str, group: str = "persona", kinds: tuple[str, ...] = ("noise",)) -> Kept:
    reply = {"prompts": [{"strategy": kinds[0], "turns": ["renew my loan"]}]}
    return Kept(key, group, kinds, ("mark-1",), 5, reply, cut_off=True)


def test_answers_costs_and_notes_are_there_again(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        journal.add(_kept("a"))
        journal.spend(Usage(requests=2, tokens_in=10, tokens_out=3, cost_usd=0.25))
        journal.spend(Usage(requests=1, tokens_in=1, tokens_out=1, cost_usd=0.5, priced=False, unmetered=1))
        journal.note("job", "arn")
    with Journal(tmp_path) as journal:
        assert journal.found == 1
        assert journal.answered("a") == _kept("a")
        assert journal.answered("a") is None, "an answer serves once"
        assert journal.reused == 1
        assert journal.spent_before == Usage(
            requests=3, tokens_in=11, tokens_out=4, cost_usd=0.75, priced=False, unmetered=1
        )
        assert journal.notes == {"job": "arn"}


@pytest.mark.parametrize("torn", range(1, 60, 7))
def test_a_torn_last_line_costs_only_itself(tmp_path: Path, torn: int) -> None:
    with Journal(tmp_path) as journal:
        journal.add(_kept("a"))
        journal.add(_kept("b"))
    part = next(tmp_path.glob("part-*"))
    part.write_bytes(part.read_bytes()[:-torn])
    with Journal(tmp_path) as journal:
        journal.add(_kept("c"))
    with Journal(tmp_path) as journal:
        assert {key for key in "abc" if journal.answered(key)} == {"a", "c"}


def test_an_answer_that_no_call_claims_serves_another_of_its_group(tmp_path: Path) -> None:
    """If it was asked for some of the same strategies: what else it holds counts all the same."""
    with Journal(tmp_path) as journal:
        journal.add(_kept("a", kinds=("noise", "typos")))
        journal.add(_kept("b", kinds=("repetition",)))
        journal.add(_kept("c", "another persona"))
    with Journal(tmp_path) as journal:
        assert journal.answered("b") is not None
        assert journal.spare("persona", ("repetition",)) is None, "it is claimed already"
        assert journal.spare("persona", ("typos", "repetition")) == _kept("a", kinds=("noise", "typos"))
        assert journal.spare("persona", ("typos",)) is None, "an answer serves once"
        assert journal.spare("another persona", ("typos",)) is None
        assert journal.spare("another persona", ("noise",)) is not None


def test_an_answer_about_a_whole_group_serves_another_about_it(tmp_path: Path) -> None:
    card = Kept("a", "persona|card", (), (), 5, {"name": "Hurried Reader"})
    with Journal(tmp_path) as journal:
        journal.add(card)
    with Journal(tmp_path) as journal:
        assert journal.spare("persona|card") == card
        assert journal.spare("persona|card") is None


def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    storage = Storage(str(tmp_path))
    with kept_journal(storage, "suite-1") as journal:
        journal.add(_kept("a"))
    folder = tmp_path / "work" / "suite-1"
    assert folder.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in folder.iterdir())


def test_two_processes_do_not_make_the_same_suite_at_once(tmp_path: Path) -> None:
    storage = Storage(str(tmp_path))
    with (
        kept_journal(storage, "suite-1"),
        pytest.raises(UsageError, match="another process"),
        kept_journal(storage, "suite-1"),
    ):
        pass


def test_the_name_follows_from_what_is_asked_and_not_from_how() -> None:
    def name(**values: object) -> str:
        return journal_name("bedrock:m", "data-1", PersonasSection.model_validate(values), {"card": "1"})

    assert name() == name(timeout_s=5, concurrency=2)
    assert len({name(), name(seed=8), name(personas=3), name(example_tokens=100)}) == 4


def test_a_calls_key_is_a_hash_of_all_that_is_asked() -> None:
    calls = [ModelCall(system="s", prompt=p, seed=n, temperature=t) for p in "ab" for n in (1, 2) for t in (0.0, 0.9)]
    keys = {call_key(call, form) for call in calls for form in ("Card", "Batch")}
    assert len(keys) == 16
    assert all(len(key) == 64 for key in keys)
