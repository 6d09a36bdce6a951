"""Looking into suites: what is shown, what is told apart, what is sampled, and what of it is refused."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.config import Settings, StorageSection
from harness.contracts import Generator, Lineage, Manifest, Parents, Persona, Prompt, SegmentProfile
from harness.errors import StorageError, UsageError
from harness.storage import Storage
from harness.suites import write_beside, write_manifest, write_suite
from pipeline import suiteview
from pipeline.suitediff import difference
from pipeline.suites import StoredSuite, open_suite

TERMS = {"loan": {"loan": 9, "renew": 8}, "room": {"room": 9, "book": 7}, "music": {"jazz": 9, "vinyl": 3}}


def _persona(topic: str, share: float) -> Persona:
    return Persona(
        persona_id=f"persona-{topic}",
        name=f"Hasty {topic.capitalize()} Asker",
        description=f"Asks about a {topic}.",
        segment_id=f"segment-{topic}",
        traffic_share=share,
        users=9,
    )


def _prompt(topic: str, number: int, **values: Any) -> Prompt:
    filled: dict[str, Any] = {
        "strategy": "typos" if number % 2 else "ordinary",
        "turns": [f"my {topic} number {number}", "and then?"],
        "weight": 0.1,
        **values,
    }
    return Prompt(
        prompt_id=f"prompt-{topic}-{number}",
        persona_id=f"persona-{topic}",
        generator=Generator(kind="offline", template="x"),
        **filled,
    )


def publish(
    storage: Storage,
    shares: dict[str, float],
    *,
    each: int = 4,
    regression: int = 0,
    golden: int = 0,
    later: bool = False,
    **prompt_values: Any,
) -> str:
    """Publish a suite about some topics; its first prompts once failed, its last are hand-written. Return its id."""
    prompts = [_prompt(topic, n, **prompt_values) for topic in shares for n in range(each)]
    failed = {"origin": "regression", "weight": 0.0}
    prompts = [p.model_copy(update=failed) if n < regression else p for n, p in enumerate(prompts)]
    written = {"origin": "golden", "weight": 0.0}
    prompts = [p.model_copy(update=written) if n >= len(prompts) - golden else p for n, p in enumerate(prompts)]
    folder = storage.staging("suites")
    suite_id, files = write_suite(folder, prompts, [_persona(topic, share) for topic, share in shares.items()])
    profiles = [
        SegmentProfile(
            segment_id=f"segment-{t}", label=t, share=s, sessions=10, users=9, terms=TERMS[t], assigned_share=s
        )
        for t, s in shares.items()
    ]
    files |= write_beside(folder, "segments.jsonl", profiles)
    if later:
        line = Lineage(prompt_id="prompt-loan-0", first_suite_id="suite-0", generations=2, runs_judged=3, runs_failed=1)
        files |= write_beside(folder, "lineage.jsonl", [line])
    manifest = Manifest(
        kind="suite",
        artifact_id=suite_id,
        tool_version="0",
        created_at="2026-01-01T00:00:00Z",
        configuration_hash="c",
        seeds={"personas": 7},
        models={"personas": "offline"},
        parents=Parents(dataset_id="data-1"),
        files=files,
        details={"mix": {"fit_floor": 0.3, "unfit_share": 0.0, "users": 90, "sessions": 100}, "rejected": {"near_copy": 3}},
    )  # fmt: skip
    write_manifest(folder, manifest)
    storage.publish("suites", suite_id, folder)
    return suite_id


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(str(tmp_path / "out"))


@pytest.fixture
def suite(storage: Storage) -> StoredSuite:
    return open_suite(storage, publish(storage, {"loan": 0.7, "room": 0.3}, later=True))


def test_a_suite_is_meant_by_its_id_the_beginning_of_it_and_latest(storage: Storage) -> None:
    suite_id = publish(storage, {"loan": 1.0})
    digits = suite_id.removeprefix("suite-")
    for reference in (suite_id, "latest", suite_id[:10], digits, digits[:4]):
        assert storage.resolve("suites", reference) == suite_id


def test_a_beginning_that_several_suites_have_is_refused(storage: Storage) -> None:
    for n in range(2):
        publish(storage, {"loan": 1.0}, each=n + 1)
    with pytest.raises(UsageError, match="2 suites begin with 'suite-'"):
        storage.resolve("suites", "suite-")


@pytest.mark.parametrize("reference", ["none", "", "suite-zzzz"])
def test_a_suite_that_is_not_there_is_a_usage_error(storage: Storage, reference: str) -> None:
    publish(storage, {"loan": 1.0})
    with pytest.raises(UsageError, match="no suite"):
        storage.resolve("suites", reference)


@pytest.mark.parametrize("name", ["prompts.jsonl", "personas.jsonl", "segments.jsonl"])
def test_a_file_that_was_changed_is_named(storage: Storage, name: str) -> None:
    suite_id = publish(storage, {"loan": 1.0})
    path = Path(storage.root) / "suites" / suite_id / name
    path.write_bytes(path.read_bytes().replace(b"loan", b"lone", 1))
    with pytest.raises(StorageError, match=name):
        open_suite(storage, suite_id)


def test_the_overview_tells_personas_strategies_and_where_it_comes_from(suite: StoredSuite) -> None:
    answer = suiteview.overview(suite)
    assert answer.values["prompts"] == 8
    assert answer.values["strategies"] == {"ordinary": 4, "typos": 4}
    assert [p["prompts"] for p in answer.values["personas"]] == [4, 4]
    for part in ("Hasty Loan Asker", "70.0%", "data-1", "offline", "near_copy 3", "personas 7"):
        assert part in answer.text
    json.dumps(answer.values)


def test_regression_prompts_are_said_to_be_out_of_the_rate(storage: Storage) -> None:
    suite = open_suite(storage, publish(storage, {"loan": 1.0}, origin="regression", weight=0.0))
    assert "out of the rate" in suiteview.overview(suite).text


def test_prompts_are_listed_by_persona_and_strategy(suite: StoredSuite) -> None:
    both = suiteview.listing(suite, persona="persona-loan", strategy="typos").values["prompts"]
    assert [p["prompt_id"] for p in both] == ["prompt-loan-1", "prompt-loan-3"]
    by_name = suiteview.listing(suite, persona="hasty loan asker", strategy=None)
    assert len(by_name.values["prompts"]) == 4
    assert "Asks about a loan." in by_name.text


def test_an_unknown_persona_or_strategy_names_those_there_are(suite: StoredSuite) -> None:
    with pytest.raises(UsageError, match="no personas"):
        suiteview.listing(suite, persona="nobody", strategy=None)
    with pytest.raises(UsageError) as caught:
        suiteview.listing(suite, persona=None, strategy="none")
    assert "ordinary, typos" in caught.value.hint


def test_a_long_list_says_how_many_are_left_out_and_json_has_them_all(storage: Storage) -> None:
    suite = open_suite(storage, publish(storage, {"loan": 1.0}, each=50))
    answer = suiteview.listing(suite, persona="persona-loan", strategy=None)
    assert "30 more" in answer.text
    assert len(answer.values["prompts"]) == 50


def test_a_prompt_is_shown_whole_with_its_lineage(suite: StoredSuite) -> None:
    answer = suiteview.conversation(suite, "loan-0")
    assert "and then?" in answer.text
    assert "failed 1 of 3 runs" in answer.text
    assert answer.values["persona"]["name"] == "Hasty Loan Asker"
    with pytest.raises(UsageError, match="4 prompts"):
        suiteview.conversation(suite, "prompt-loan")


def test_control_characters_of_a_prompt_do_not_reach_the_terminal(storage: Storage) -> None:
    suite = open_suite(storage, publish(storage, {"loan": 1.0}, turns=["\x1b[2Jhello"]))
    assert "\x1b" not in suiteview.conversation(suite, "prompt-loan-0").text


def test_drift_needs_a_suite_that_remembers(storage: Storage, suite: StoredSuite) -> None:
    (suite.folder / "segments.jsonl").unlink()
    settings = Settings(storage=StorageSection(root=storage.root))
    with pytest.raises(UsageError, match="does not remember"):
        suiteview.drift_of(suite, settings, storage, "latest")


def test_a_suite_does_not_differ_from_itself(suite: StoredSuite) -> None:
    values = difference(suite, suite).values
    assert values["prompts"] == {"kept": 8, "now_regression": 0, "added": [], "removed": []}
    assert values["divergence_bits"] == {"traffic": 0.0, "strategies": 0.0}
    assert values["weights"]["changed"] == 0


def test_a_difference_tells_prompts_personas_weights_and_mix(storage: Storage) -> None:
    old = open_suite(storage, publish(storage, {"loan": 0.7, "room": 0.3}))
    new = open_suite(storage, publish(storage, {"loan": 0.4, "music": 0.6}, each=6, weight=0.2))
    answer = difference(old, new)
    values = answer.values
    assert values["prompts"]["kept"] == 4
    assert len(values["prompts"]["added"]) == 8
    assert len(values["prompts"]["removed"]) == 4
    rows = {row["name"]: row for row in values["personas"]}
    assert rows["Hasty Loan Asker"]["share"] == {"old": 0.7, "new": 0.4}
    assert rows["Hasty Music Asker"]["before"] == []
    assert rows["Hasty Room Asker"]["persona_id"] is None
    assert values["weights"] == {"compared": 4, "changed": 4, "least_ratio": 2.0, "greatest_ratio": 2.0}
    assert 0.3 < values["divergence_bits"]["traffic"] < 1
    for part in ("8 added, 4 removed, 4 kept", "(new)", "(gone)", "70.0%"):
        assert part in answer.text


def test_prompts_that_became_regression_prompts_are_counted(storage: Storage) -> None:
    old = open_suite(storage, publish(storage, {"loan": 1.0}))
    new = open_suite(storage, publish(storage, {"loan": 1.0}, origin="regression", weight=0.0))
    assert difference(old, new).values["prompts"]["now_regression"] == 4
    assert Counter(p.origin for p in new.prompts) == {"regression": 4}


def test_a_models_words_pass_for_no_line_of_ours(tmp_path: Path) -> None:
    """Nor do they reach the terminal's own language: names are one line, messages are set in."""
    storage = Storage(str(tmp_path / "out"))
    publish(storage, {"loan": 1.0}, turns=["hello\n  checks       none\x1b]0;owned\x07", "and then?"])
    stored = open_suite(storage, "latest")
    named = stored.personas[0].model_copy(update={"name": "Hasty\n  shortfall    none\x1b[2J"})
    stored = replace(stored, personas=[named])
    shown = suiteview.conversation(stored, stored.prompts[0].prompt_id).text
    listed = suiteview.listing(stored, persona=None, strategy="ordinary").text
    overview = suiteview.overview(stored).text
    assert not any("\x1b" in text for text in (shown, listed, overview))
    assert [line for line in shown.splitlines() if line.startswith("  checks ")] == [
        "  checks       what holds for any answer"
    ]
    assert [line for line in overview.splitlines() if line.startswith("  shortfall ")] == ["  shortfall    none"]
    assert "Hasty shortfall none" in overview


def test_what_a_suite_cost_counts_all_attempts_and_says_when_nobody_knows(suite: StoredSuite) -> None:
    """Nothing is called free because its price is unknown."""
    usage = {"cost_usd": 0.25, "priced": True, "in_all": {"cost_usd": 1.5, "priced": True}}
    paid = suite.manifest.model_copy(update={"details": {**suite.manifest.details, "usage": usage}})
    assert "$1.5000" in suiteview.overview(replace(suite, manifest=paid)).text
    unknown = {"cost_usd": 0.0, "priced": False, "in_all": {"cost_usd": 0.0, "priced": False}}
    unpriced = suite.manifest.model_copy(update={"details": {**suite.manifest.details, "usage": unknown}})
    answer = suiteview.overview(replace(suite, manifest=unpriced))
    assert "unknown price" in answer.text
    assert "$" not in answer.text
    assert answer.values["priced"] is False


def test_reasons_that_turned_nothing_away_are_not_listed(suite: StoredSuite) -> None:
    details = {**suite.manifest.details, "rejected": {"near_copy": 3, "worn_frame": 0}}
    answer = suiteview.overview(replace(suite, manifest=suite.manifest.model_copy(update={"details": details})))
    assert answer.values["rejected"] == {"near_copy": 3}
    assert "worn_frame" not in answer.text
