"""Sentences about what the load did."""

from reports.strain import four_fields, sentences

PAIRED = {
    "pairs": 1200,
    "both_passed": 1150,
    "only_control_failed": 2,
    "only_load_failed": 40,
    "both_failed": 8,
    "same_text": 30,
}
TRIPPED = {"tripped_after_s": 4.0, "error_share": 0.8, "limit": 0.5, "requests": 60, "recovery_s": 3.2, "gone": False}


def test_a_load_that_did_nothing_special_needs_no_sentence() -> None:
    assert sentences({}) == []
    assert sentences({"saturated": False, "p95_ms": 3.0}) == []


def test_pairs_are_told_in_one_line_with_the_hint_of_a_cache() -> None:
    (told,) = sentences({"paired": PAIRED})
    assert "Of 1,200 prompts asked both alone and under load, 40 failed only under load, 2 only alone" in told
    assert "30 got the same answer word for word" in told
    assert "cache" in told
    (without,) = sentences({"paired": {**PAIRED, "same_text": 0}})
    assert "cache" not in without
    (none,) = sentences({"paired": dict.fromkeys(PAIRED, 0)})
    assert none == "No prompt was judged both alone and under load."


def test_a_fall_of_quality_is_told_with_its_interval_and_test() -> None:
    drop = {"estimate": 0.032, "lower": -0.002, "upper": 0.05}
    *_, told = sentences({"paired": {**PAIRED, "drop": drop, "p_value": 0.0004, "confidence": 0.95}})
    assert told == (
        "Under load 3.2 points more of them failed than alone (95\u202f% interval −0.2 to 5 points; exact McNemar test, "
        "p = 0.0004)."
    )


def test_the_four_fields_are_there_with_pairs_only() -> None:
    table = four_fields({"paired": {**PAIRED, "only_load": ["p-1"]}})
    assert table is not None
    assert (table.only_load_failed, table.only_control_failed, table.only_load) == (40, 2, ["p-1"])
    assert four_fields({}) is None
    assert four_fields({"paired": dict.fromkeys(PAIRED, 0)}) is None


def test_a_broken_target_is_told_with_its_recovery_or_without() -> None:
    (told,) = sentences({"kill_switch": TRIPPED})
    assert "80\u202f% of the last 60 replies were errors" in told
    assert "answered again after 3.2\u202fs" in told
    (told,) = sentences({"kill_switch": {**TRIPPED, "recovery_s": None}})
    assert "did not recover" in told


def test_saturation_is_told_with_the_rate_that_can_be_sustained() -> None:
    (told,) = sentences({"saturation": {"since_s": 3.0, "arrival_rate": 40.0, "sustained_rate": 10.0}})
    assert "40.0\u202f/s conversations began" in told
    assert "it ended 10.0\u202f/s" in told
