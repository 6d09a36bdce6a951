"""``[load]``: what it may say, and what is said where it may not."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from harness.config import LoadSection, load_settings
from harness.errors import ConfigurationError

RAMP = [{"duration_s": 30, "rate": 20}, {"duration_s": 0, "rate": 5}, {"duration_s": 15, "rate": 5}]


def problem(**values: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        LoadSection.model_validate(values)
    return str(caught.value)


def test_a_profile_lasts_a_minute_or_as_long_as_it_says_or_its_stages_take() -> None:
    assert LoadSection().lasts_s == 60
    assert LoadSection(duration_s=5).lasts_s == 5
    assert LoadSection.model_validate({"model": "open", "stages": RAMP}).lasts_s == 45
    assert LoadSection.model_validate({"model": "open", "stages": RAMP, "duration_s": 45}).lasts_s == 45


def test_a_duration_that_the_stages_do_not_take_names_both_keys() -> None:
    text = problem(model="open", stages=RAMP, duration_s=60)
    assert "'duration_s' is 60" in text
    assert "add up to 45" in text


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"model": "closed", "stages": RAMP}, "every stage has duration_s and users; stage 1 has not"),
        ({"model": "open", "stages": [*RAMP, {"duration_s": 1, "users": 3}]}, "stage 4 has not"),
        ({"model": "open", "stages": [{"duration_s": 1, "users": 3, "rate": 3}]}, "stage 1 has not"),
        ({"model": "replay", "stages": RAMP}, "does not go with model 'replay'"),
        ({"model": "open", "stages": [{"duration_s": 0, "rate": 3}]}, "needs a duration_s and a rate above 0"),
        ({"model": "closed", "stages": [{"duration_s": 9, "users": 0}]}, "needs a duration_s and a users above 0"),
        ({"model": "open", "stages": [{"duration_s": -1, "rate": 3}]}, "greater than or equal to 0"),
        ({"think_time_s": [3, 1]}, "must be [least, most]"),
        ({"think_time_s": -1}, "greater than or equal to 0"),
        ({"start": "monday 9:00"}, 'such as "mon 09:00"'),
        ({"start": "tue 24:00"}, 'such as "mon 09:00"'),
        ({"speed": 0}, "greater than 0"),
    ],
)
def test_what_makes_no_profile_is_refused(values: dict[str, Any], expected: str) -> None:
    assert expected in problem(**values)


@pytest.mark.parametrize(
    ("start", "minute"), [(None, None), ("mon 00:00", 0), ("tue 09:30", 2010), ("sun 23:59", 10079)]
)
def test_a_start_is_a_minute_of_the_week(start: str | None, minute: int | None) -> None:
    assert LoadSection(start=start).start_minute == minute


def test_a_load_comes_back_from_json_as_it_was() -> None:
    values = {"model": "open", "stages": RAMP, "think_time_s": [1, 3], "arrivals": "poisson"}
    load = LoadSection.model_validate(values)
    assert LoadSection.model_validate_json(load.model_dump_json()) == load
    assert load.think_time_s == (1.0, 3.0)


def test_a_file_says_stages_and_a_tier_says_others(tmp_path: Path) -> None:
    file = tmp_path / "reverse-rag.toml"
    file.write_text(
        '[load]\nmodel = "open"\nstages = [{ duration_s = 30, rate = 20 }]\nthink_time_s = [1, 2]\n'
        "[tiers.pr]\n[tiers.main.load]\nstages = [{ duration_s = 0, rate = 5 }, { duration_s = 600, rate = 5 }]\n",
        encoding="utf-8",
    )
    settings = load_settings(file, env={})
    loads = [settings.tier(name)[0].load for name in ("pr", "main")]
    assert [load.lasts_s for load in loads if load is not None] == [30, 600]
    assert all(load is not None and load.think_time_s == (1, 2) for load in loads)


def test_a_mistake_in_a_stage_names_line_and_key(tmp_path: Path) -> None:
    file = tmp_path / "reverse-rag.toml"
    file.write_text('[load]\nmodel = "open"\nstages = [{ duration_s = 30, rat = 20 }]\n', encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"line 3: unknown key 'load\.stages\.0\.rat'.*did you mean 'rate'"):
        load_settings(file, env={})
