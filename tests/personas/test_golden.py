"""Hand-written prompts."""

from pathlib import Path

import pytest

from harness.config import PersonasSection, Settings
from harness.contracts import Prompt
from harness.errors import InputError
from personas.golden import golden_prompts


def read(tmp_path: Path, *lines: str) -> list[Prompt]:
    """Return the prompts of a file with these lines."""
    file = tmp_path / "golden.jsonl"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return golden_prompts(Settings(personas=PersonasSection(golden=str(file))))


def test_a_line_is_a_conversation_with_what_its_answer_has_to_say(tmp_path: Path) -> None:
    one, two = read(
        tmp_path,
        '{"prompt": "When do you open?", "checks": {"contains": ["nine"]}}',
        "",
        '{"turns": ["Hello", "And on Sundays?"], "strategy": "hours", "checks": {"expected": {"facts": ["closed"]}}}',
    )
    assert (one.origin, one.weight, one.turns, one.checks.contains) == ("golden", 0.0, ["When do you open?"], ["nine"])
    assert (two.turns, two.strategy) == (["Hello", "And on Sundays?"], "hours")
    assert two.checks.expected is not None
    assert one.prompt_id != two.prompt_id


def test_a_prompt_keeps_its_id_until_its_words_or_expectations_change(tmp_path: Path) -> None:
    (one,) = read(tmp_path, '{"prompt": "When?", "checks": {"contains": ["nine"]}}')
    (same,) = read(tmp_path, '{"checks": {"contains": ["nine"]}, "turns": [" When? "]}')
    (other,) = read(tmp_path, '{"prompt": "When?", "checks": {"contains": ["ten"]}}')
    assert one.prompt_id == same.prompt_id != other.prompt_id


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("nonsense", "line 2: not JSON"),
        ('{"prompt": "a", "turns": ["b"]}', "line 2: either"),
        ("{}", "line 2: either"),
        ('{"prompt": " "}', "line 2: prompt: string too short"),
        ('{"prompt": "secret words", "check": {}}', "line 2: check: extra forbidden"),
        ('{"prompt": "a", "checks": {"containz": []}}', r"line 2: checks\.containz"),
        ('{"prompt": "first"}', "line 2: the same prompt as line 1"),
    ],
)
def test_a_line_that_is_no_prompt_is_named_without_its_words(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as raised:
        read(tmp_path, '{"prompt": "first"}', line)
    assert "secret words" not in str(raised.value)


def test_without_a_file_there_are_none_and_a_missing_one_is_an_error(tmp_path: Path) -> None:
    assert golden_prompts(Settings()) == []
    with pytest.raises(InputError, match="cannot be read"):
        golden_prompts(Settings(personas=PersonasSection(golden=str(tmp_path / "none.jsonl"))))
