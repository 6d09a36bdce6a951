import random

import pytest

from harness.contracts import GroupRate
from reports.clusters import MAX_CAUSES, cluster
from reports.conversations import Conversation, Failure, Key
from reports.heat import heat_table, worst_groups
from reports.loading import PromptFacts


def _conversation(
    number: int, *failures: tuple[str, str, str], persona: str = "p", in_rate: bool = True
) -> Conversation:
    return Conversation(
        key=Key(f"prm-{number}", "load", 1),
        facts=PromptFacts(persona_id=persona, strategy="typos", weight=0.1, origin="generated", turns=1),
        in_rate=in_rate,
        status="failed" if failures else "passed",
        size=100 + number,
        failures=[Failure(name, reason, excerpt, 0) for name, reason, excerpt in failures],
    )


def test_reasons_that_differ_in_numbers_and_quotes_only_are_one_cause() -> None:
    failures = [
        _conversation(i, ("groundedness", f'The answer states "{word} {i}", which no passage says.', ""))
        for i, word in enumerate(["a refund", "free postage", "ten days"])
    ]
    assert [len(c.members) for c in cluster(failures)] == [3]


def test_different_criteria_are_different_causes() -> None:
    found = cluster([_conversation(1, ("pii_leak", "x", "")), _conversation(2, ("cut_off", "x", ""))])
    assert [c.criterion for c in found] == ["pii_leak", "cut_off"]


def test_a_failure_of_several_criteria_belongs_to_the_worst() -> None:
    found = cluster([_conversation(1, ("cut_off", "ends early", ""), ("pii_leak", "gives a number", ""))])
    assert [c.criterion for c in found] == ["pii_leak"]


def test_evidence_that_recurs_is_a_cause_of_its_own() -> None:
    reason = "The answer says what no passage says."
    same = [_conversation(i, ("groundedness", reason, "refunds are paid for ninety days")) for i in range(6)]
    words = ["amber", "basalt", "cedar", "delta", "ember", "fjord", "grove", "heath", "inlet", "jetty"]
    other = [_conversation(10 + i, ("groundedness", reason, f"{word} {word[::-1]}")) for i, word in enumerate(words)]
    assert [len(c.members) for c in cluster(same + other)] == [10, 6]


def test_four_hundred_noisy_failures_are_few_causes() -> None:
    rng = random.Random(5)
    reasons = [
        "No whole reply in {} s.",
        "The target answered with HTTP {}.",
        "A passage of {} words was copied from the system prompt.",
    ]
    failures = [
        _conversation(i, ("availability", rng.choice(reasons).format(rng.randint(1, 900)), "")) for i in range(400)
    ]
    assert len(cluster(failures)) == 3


def test_unlike_reasons_without_end_are_bounded() -> None:
    failures = [
        _conversation(i, ("groundedness", f"w{'abcdefghij'[i % 10]}{chr(97 + i // 10)}", "")) for i in range(200)
    ]
    found = cluster(failures)
    assert len(found) <= MAX_CAUSES
    assert sum(len(c.members) for c in found) == 200


def test_the_share_counts_what_the_rate_counts() -> None:
    failures = [_conversation(1, ("cut_off", "x", "")), _conversation(2, ("cut_off", "x", ""), in_rate=False)]
    passed = [_conversation(i) for i in range(3, 12)]
    (found,) = cluster(failures + passed)
    assert (found.in_rate, len(found.members)) == (1, 2)
    assert found.share == pytest.approx(0.1)


def test_no_failure_has_no_cause() -> None:
    assert cluster([_conversation(1)]) == []


def test_the_heat_table_counts_by_row_and_puts_the_worst_first() -> None:
    conversations = [
        *(_conversation(i, persona="calm") for i in range(9)),
        _conversation(10, ("cut_off", "x", ""), persona="calm"),
        _conversation(11, ("cut_off", "x", ""), ("pii_leak", "y", ""), persona="odd"),
        _conversation(12, ("pii_leak", "y", ""), persona="odd"),
    ]
    table = heat_table(conversations, lambda c: c.facts.persona_id)
    assert table.criteria == ["pii_leak", "cut_off"]
    assert [(row.key, row.graded, row.failed.failed) for row in table.rows] == [("odd", 2, 2), ("calm", 10, 1)]
    assert [(cell.failed, cell.heat) for cell in table.rows[1].cells] == [(0, 0), (1, 3)]


def _rate(by: str, name: str, failed: int, lower: float) -> GroupRate:
    values = {"by": by, "name": name, "judged": 10, "failed": failed, "estimate": failed / 10, "traffic_share": 0.1}
    return GroupRate.model_validate({**values, "lower": lower, "upper": 0.9})


def test_a_row_has_the_interval_of_its_group_and_only_prompts_of_the_rate() -> None:
    conversations = [_conversation(1), _conversation(2, ("cut_off", "x", ""), in_rate=False), _conversation(3)]
    known = heat_table(conversations, lambda c: c.facts.persona_id, [_rate("persona", "p", 0, 0.0)])
    assert [(row.graded, row.failed.failed, row.rate is not None) for row in known.rows] == [(2, 0, True)]
    assert heat_table(conversations, lambda c: c.facts.persona_id).rows[0].rate is None


def test_the_worst_groups_are_those_hit_for_sure_and_no_criteria() -> None:
    groups = [_rate("persona", "a", 1, 0.01), _rate("strategy", "b", 5, 0.2), _rate("criterion", "c", 9, 0.6)]
    groups.append(_rate("persona", "fine", 0, 0.0))
    assert [group.name for group in worst_groups(groups, 3)] == ["b", "a"]
    assert [group.name for group in worst_groups(groups, 1)] == ["b"]
