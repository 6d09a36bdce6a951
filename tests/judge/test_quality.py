"""What is said of quality under load."""

from typing import Any

import pytest

from harness.config import GateSection
from harness.contracts import Pair
from judge.pairing import Pairing
from judge.quality import compared, falls_too_far, quality_notes
from tests.judge.records import exchange, plan, verdict

LIMITED = GateSection(max_quality_drop=0.02)
UNLIMITED = GateSection()


def paired(both_passed: int, only_load: int, only_control: int, *, same: int = 0) -> dict[str, Any]:
    """Return the figures of so many pairs."""
    fates = [(True, True)] * both_passed + [(True, False)] * only_load + [(False, True)] * only_control
    ids = [f"p-{n}" for n in range(len(fates))]
    pairs = [Pair(prompt_id=prompt_id, first="control") for prompt_id in ids]
    pairing = Pairing(plan(ids, arm="load").model_copy(update={"pairs": pairs}), {})
    for n, (prompt_id, fate) in enumerate(zip(ids, fates, strict=True)):
        for arm, passed in zip(("control", "load"), fate, strict=True):
            came = exchange(prompt_id, arm=arm, response_text="Nine." if n < same else f"{arm} says so")
            pairing.add(came, verdict(came, passed))
    return compared(pairing, 0.95)


def test_the_four_fields_come_with_test_difference_and_prompts() -> None:
    figures = paired(90, 8, 2)
    assert (figures["pairs"], figures["only_load_failed"], figures["only_control_failed"]) == (100, 8, 2)
    assert figures["p_value"] == pytest.approx(2 * (1 + 10 + 45) / 1024)
    assert figures["drop"]["estimate"] == pytest.approx(0.06)
    assert figures["drop"]["lower"] < 0 < figures["drop"]["upper"]
    assert figures["only_load"] == [f"p-{n}" for n in range(90, 98)]


def test_a_drop_that_is_surely_above_the_limit_fails() -> None:
    figures = paired(170, 30, 0)
    (reason,) = falls_too_far(LIMITED, figures)
    assert "quality falls by 15 points under load (p = 1.9e-09;" in reason
    assert "of 200 prompts 30 failed only under load and 0 only alone, and at most 2 points may be lost" in reason
    assert "(p-170, p-171, p-172, p-173, p-174, …)" in reason
    assert quality_notes(LIMITED, figures) == []


def test_without_a_limit_a_drop_beyond_chance_is_said_and_fails_nothing() -> None:
    figures = paired(170, 30, 0, same=20)
    assert falls_too_far(UNLIMITED, figures) == []
    (note,) = quality_notes(UNLIMITED, figures)
    assert "quality falls by 15 points" in note
    assert "20 answers were the same word for word, as from a cache" in note


def test_a_quality_that_rises_fails_no_limit() -> None:
    figures = paired(170, 0, 30)
    assert falls_too_far(GateSection(max_quality_drop=0.0), figures) == []
    (note,) = quality_notes(LIMITED, figures)
    assert "quality rises by 15 points" in note


def test_a_difference_that_chance_explains_goes_unsaid() -> None:
    assert quality_notes(UNLIMITED, paired(97, 2, 1)) == []


def test_too_few_pairs_for_the_limit_are_said_and_fail_nothing() -> None:
    figures = paired(9, 1, 0)
    assert falls_too_far(LIMITED, figures) == []
    (note,) = quality_notes(LIMITED, figures)
    assert "10 pairs are too few to say whether less than 2 points are lost" in note
    assert quality_notes(LIMITED, paired(2000, 2, 2)) == []


def test_a_limit_without_pairs_is_never_silently_kept() -> None:
    assert quality_notes(LIMITED, None) == ["Quality under load was not compared: [load] control asks no prompt alone."]
    assert "no prompt was judged both alone and under load" in quality_notes(LIMITED, paired(0, 0, 0))[0]
    assert quality_notes(UNLIMITED, None) == quality_notes(UNLIMITED, paired(0, 0, 0)) == []
