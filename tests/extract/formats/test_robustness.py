"""Whatever a log holds, no format raises, loses a record, or lets text into a reason."""

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.records.mapping import LoggedExchange, Rejection
from harness.config.sections import LogFormatName
from tests.extract.formats import test_bedrock, test_cloudwatch, test_openai_chat, test_otel_genai
from tests.extract.formats.invocations import invocation
from tests.extract.formats.reading import outcomes

FORMATS = get_args(LogFormatName)
SAMPLES: list[dict[str, Any]] = [
    *(invocation(body, reply) for body, reply in test_bedrock.BODIES.values()),
    *(invocation(test_bedrock.MESSAGES, chunks) for chunks in test_bedrock.STREAMS.values()),
    *test_openai_chat.SHAPES.values(),
    *test_cloudwatch.ENVELOPES.values(),
    *test_otel_genai.GENERATIONS.values(),
]
SECRET = "zebra7719"
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["", "user", "{", "[{}]", SECRET])
KEYS = st.sampled_from(["role", "type", "content", "text", "value", "message", "key", "parts", "choices", "body"])
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=8
)


def replaced(value: Any, places: list[int], by: Any) -> Any:
    """Return a copy with one value exchanged, at a path of positions."""
    if not places or not isinstance(value, dict | list) or not value:
        return by
    at, *rest = places
    if isinstance(value, list):
        number = at % len(value)
        return [*value[:number], replaced(value[number], rest, by), *value[number + 1 :]]
    key = list(value)[at % len(value)]
    return {**value, key: replaced(value[key], rest, by)}


@pytest.mark.parametrize("form", FORMATS)
@given(sample=st.sampled_from(SAMPLES), places=st.lists(st.integers(0, 20), min_size=1, max_size=9), by=ANYTHING)
def test_a_record_with_anything_anywhere_becomes_something(
    form: str, sample: dict[str, Any], places: list[int], by: Any
) -> None:
    mapped, skipped = outcomes(form, replaced(sample, places, by))
    assert mapped or skipped
    for one in mapped:
        assert isinstance(one, LoggedExchange | Rejection)
        if isinstance(one, Rejection):
            assert SECRET not in f"{one.reason} {one.field} {one.detail}"


@pytest.mark.parametrize("form", FORMATS)
def test_values_nested_to_the_parsers_limit_do_no_harm(form: str) -> None:
    deep: Any = "end"
    for _ in range(300):
        deep = {"arrayValue": {"values": [deep]}}
    for sample in SAMPLES:
        for depth in range(1, 8):
            mapped, skipped = outcomes(form, replaced(sample, [0] * depth, deep))
            assert mapped or skipped


def test_long_runs_of_line_breaks_take_linear_time() -> None:
    """A quadratic search would run into the test's time limit."""
    for text in ("\n" * 300_000, ":\n" * 150_000, "\t" * 300_000, " \n" * 150_000):
        for form, record in (
            ("openai-chat", {"messages": [{"role": "user", "content": "hi"}], "response": text + "x"}),
            ("cloudwatch-logs", {"message": text + "x", "timestamp": 1}),
        ):
            mapped, skipped = outcomes(form, record, max_message_chars=10**6)
            assert mapped or skipped


@pytest.mark.parametrize(
    "prompt", ["\n\nHuman:" * 60_000, "[INST]" * 90_000, "<|im_start|>user\n" * 40_000, "User:\nBot:\n" * 50_000]
)
def test_templates_take_linear_time_in_hostile_prompts(prompt: str) -> None:
    """A quadratic search would run into the test's time limit."""
    mapped, skipped = outcomes("bedrock-invocation-log", invocation({"prompt": prompt}), max_message_chars=10**7)
    assert mapped or skipped
