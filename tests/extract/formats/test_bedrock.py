"""Invocation logs: every model's bodies, whole or streamed, and who asked in which conversation."""

import datetime as dt
from typing import Any

import pytest

from tests.extract.formats.invocations import ANSWERED, ARN, ASKED, converse_body, converse_reply, invocation
from tests.extract.formats.reading import exchange, reason, turns

FORM = "bedrock-invocation-log"
HALVES = ("Please check in the app ", "whether it is locked.")
LLAMA_3 = (
    "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nBe kind.<|eot_id|>"
    "<|start_header_id|>user<|end_header_id|>\n\nhello<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nHi!<|eot_id|>"
    f"<|start_header_id|>user<|end_header_id|>\n\n{ASKED}<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"
)
LLAMA_4 = (
    f"<|header_start|>system<|header_end|>\n\nBe kind.<|eot|><|header_start|>user<|header_end|>\n\n{ASKED}<|eot|>"
    "<|header_start|>assistant<|header_end|>"
)
MESSAGES = {
    "anthropic_version": "bedrock-2023-05-31",
    "max_tokens": 512,
    "system": "You work for Larkfield Bank.",
    "messages": [
        {"role": "user", "content": "hello"},
        {"role": "assistant", "content": [{"type": "text", "text": "Hi!"}]},
        {"role": "user", "content": [{"type": "text", "text": ASKED}]},
    ],
}
BODIES: dict[str, tuple[Any, Any]] = {
    "converse": (converse_body("hello", "Hi!", ASKED), converse_reply({"text": ANSWERED})),
    "converse, thinking": (
        converse_body(ASKED),
        converse_reply({"reasoningContent": {"reasoningText": {"text": "hm"}}}, {"text": ANSWERED}),
    ),
    "claude": (MESSAGES, {"type": "message", "role": "assistant", "content": [{"type": "text", "text": ANSWERED}]}),
    "claude, text completions": (
        {"prompt": f"\n\nHuman: hello\n\nAssistant: Hi!\n\nHuman: {ASKED}\n\nAssistant:", "max_tokens_to_sample": 300},
        {"completion": f" {ANSWERED}", "stop_reason": "stop_sequence"},
    ),
    "nova": (
        {"schemaVersion": "messages-v1", **converse_body(ASKED)},
        {"output": {"message": {"content": [{"text": ANSWERED}], "role": "assistant"}}, "stopReason": "end_turn"},
    ),
    "llama 3": ({"prompt": LLAMA_3, "max_gen_len": 512}, {"generation": ANSWERED, "stop_reason": "stop"}),
    "llama 4": ({"prompt": LLAMA_4}, {"generation": ANSWERED, "stop_reason": "stop"}),
    "llama 2": (
        {"prompt": f"<s>[INST] <<SYS>>\nBe kind.\n<</SYS>>\n\nhello [/INST] Hi! </s><s>[INST] {ASKED} [/INST]"},
        {"generation": ANSWERED},
    ),
    "plain prompt": ({"prompt": ASKED}, {"generation": ANSWERED}),
    "chatml": (
        {"prompt": f"<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\n{ASKED}<|im_end|>\n<|im_start|>assistant\n"},
        {"choices": [{"text": ANSWERED, "finish_reason": "stop"}]},
    ),
    "titan": (
        {"inputText": f"Be kind.\nUser: hello\nBot: Hi!\nUser: {ASKED}\nBot:", "textGenerationConfig": {}},
        {"inputTextTokenCount": 21, "results": [{"outputText": ANSWERED, "completionReason": "FINISH"}]},
    ),
    "mistral": (
        {"prompt": f"<s>[INST] {ASKED} [/INST]"},
        {"outputs": [{"text": ANSWERED, "stop_reason": "stop"}]},
    ),
    "mistral, chat": (
        {"messages": [{"role": "user", "content": ASKED}]},
        {"choices": [{"index": 0, "message": {"role": "assistant", "content": ANSWERED}, "stop_reason": "stop"}]},
    ),
    "cohere": ({"message": ASKED, "chat_history": [{"role": "USER", "message": "hello"}]}, {"text": ANSWERED}),
    "cohere, old": ({"prompt": ASKED}, {"generations": [{"text": ANSWERED, "finish_reason": "COMPLETE"}]}),
    "openai": (
        {"messages": [{"role": "developer", "content": "Be kind."}, {"role": "user", "content": ASKED}]},
        {"object": "chat.completion", "choices": [{"message": {"role": "assistant", "content": ANSWERED}}]},
    ),
}  # fmt: skip
STREAMS: dict[str, list[dict[str, Any]]] = {
    "claude": [
        {"type": "message_start", "message": {"role": "assistant", "content": []}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "hm"}},
        {"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": ""}},
        *({"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": t}} for t in HALVES),
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}},
        {"type": "message_stop"},
    ],
    "claude, text completions": [
        {"type": "completion", "completion": HALVES[0], "stop_reason": None},
        {"type": "completion", "completion": HALVES[1], "stop_reason": "stop_sequence"},
    ],
    "converse and nova": [
        {"messageStart": {"role": "assistant"}},
        *({"contentBlockDelta": {"delta": {"text": text}, "contentBlockIndex": 0}} for text in HALVES),
        {"contentBlockStop": {"contentBlockIndex": 0}},
        {"messageStop": {"stopReason": "end_turn"}},
        {"metadata": {"usage": {"inputTokens": 21, "outputTokens": 14}}},
    ],
    "llama": [{"generation": HALVES[0], "stop_reason": None}, {"generation": HALVES[1], "stop_reason": "stop"}],
    "titan": [{"outputText": HALVES[0], "completionReason": None}, {"outputText": HALVES[1], "completionReason": "FINISH"}],
    "mistral": [{"outputs": [{"text": HALVES[0], "stop_reason": None}]}, {"outputs": [{"text": HALVES[1], "stop_reason": "stop"}]}],
    "cohere": [
        {"event_type": "text-generation", "text": HALVES[0], "is_finished": False},
        {"event_type": "text-generation", "text": HALVES[1], "is_finished": False},
        {"event_type": "stream-end", "text": "".join(HALVES), "is_finished": True, "finish_reason": "COMPLETE"},
    ],
    "openai": [
        {"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]},
        *({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]} for text in HALVES),
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
    ],
}  # fmt: skip


@pytest.mark.parametrize("family", BODIES)
def test_the_newest_user_text_and_the_answer_are_read_of_every_model(family: str) -> None:
    body, reply = BODIES[family]
    assert [(p, (r or "").strip()) for p, r in turns(FORM, invocation(body, reply))] == [(ASKED, ANSWERED)]


@pytest.mark.parametrize("family", STREAMS)
def test_a_streamed_answer_is_joined(family: str) -> None:
    record = invocation(MESSAGES, STREAMS[family], operation="InvokeModelWithResponseStream")
    assert turns(FORM, record) == [(ASKED, ANSWERED)]


@pytest.mark.parametrize("family", STREAMS)
def test_a_stream_that_broke_off_is_no_answer(family: str) -> None:
    ends = ("message_delta", "message_stop", "messageStop", "metadata")
    rest = [c for c in STREAMS[family][:-1] if c.get("type") not in ends and not set(c) & set(ends)]
    assert reason(FORM, invocation(MESSAGES, rest)) == "truncated_body"


def test_bodies_may_be_logged_as_text() -> None:
    body = '{"messages": [{"role": "user", "content": [{"text": "hi"}]}]}'
    assert turns(FORM, invocation(body, '{"generation": "ho"}')) == [("hi", "ho")]
    assert reason(FORM, invocation(body[:-9], {"generation": "ho"})) == "truncated_body"
    assert reason(FORM, invocation(body, '{"generation": "ho')) == "truncated_body"


def test_a_failed_invocation_is_an_exchange_without_a_response() -> None:
    record = invocation(MESSAGES, {"message": "Too many requests"}, errorCode="ThrottlingException")
    assert turns(FORM, record) == [(ASKED, None)]
    assert turns(FORM, invocation(MESSAGES, {"message": "no"}, status="424")) == [(ASKED, None)]
    assert turns(FORM, invocation(MESSAGES)) == [(ASKED, None)]


def test_user_and_session_are_those_of_the_metadata() -> None:
    metadata = {"team": "chat", "userId": "u-81", "conversation-id": "c-9"}
    found = exchange(FORM, invocation(MESSAGES, requestMetadata=metadata))
    assert (found.user, found.session) == ("u-81", "c-9")
    assert found.at == dt.datetime(2026, 3, 4, 9, 15, 2, tzinfo=dt.UTC)


def test_user_of_claude_then_the_caller_and_the_request_itself() -> None:
    by_body = exchange(FORM, invocation({**MESSAGES, "metadata": {"user_id": "u-82"}}))
    by_caller = exchange(FORM, invocation(MESSAGES))
    request = "0c5d7a9e-1f0b-4b51-9a43-0f2f6f1f9b10"
    assert (by_body.user, by_body.session) == ("u-82", request)
    assert (by_caller.user, by_caller.session) == (ARN, request)


def test_fields_of_the_configuration_have_the_last_word() -> None:
    fields = {"user": "requestMetadata.customer", "session": "requestMetadata.call || session_id", "keep": ["region"]}
    found = exchange(FORM, invocation(MESSAGES, requestMetadata={"customer": "k-3"}), fields=fields)
    assert (found.user, found.session) == ("k-3", "0c5d7a9e-1f0b-4b51-9a43-0f2f6f1f9b10")
    assert found.kept == {"region": "eu-central-1"}
    assert reason(FORM, invocation(MESSAGES), fields=fields) == "missing_field"


def test_a_guarded_question_is_read_and_its_grounding_is_not() -> None:
    content = [
        {"guardContent": {"text": {"text": "Cards are locked after three tries.", "qualifiers": ["grounding_source"]}}},
        {"guardContent": {"text": {"text": ASKED, "qualifiers": ["query"]}}},
    ]
    assert turns(FORM, invocation({"messages": [{"role": "user", "content": content}]})) == [(ASKED, None)]


def test_calls_of_tools_wait_for_the_answer() -> None:
    call = {"toolUse": {"toolUseId": "t1", "name": "card_state", "input": {}}}
    result = {"toolResult": {"toolUseId": "t1", "content": [{"json": {"locked": True}}]}}
    asking = invocation(converse_body(ASKED), converse_reply({"text": "One moment."}, call, stop="tool_use"))
    assert reason(FORM, asking) == "skipped: tool_call"
    body = converse_body(ASKED)
    body["messages"] += [{"role": "assistant", "content": [call]}, {"role": "user", "content": [result]}]
    assert turns(FORM, invocation(body, converse_reply({"text": ANSWERED}))) == [(ASKED, ANSWERED)]
    streamed = [{"type": "content_block_start", "content_block": {"type": "tool_use"}}, {"type": "message_stop"}]
    assert reason(FORM, invocation(MESSAGES, streamed)) == "skipped: tool_call"


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (invocation({"messages": [{"role": "user", "content": [{"image": {"format": "png"}}]}]}), "skipped: no_text"),
        (invocation({"messages": [{"role": "assistant", "content": [{"text": "hi"}]}]}), "skipped: no_user_message"),
        (invocation({"prompt": "<|im_start|>system\nBe kind.<|im_end|>"}), "skipped: no_user_message"),
        (invocation({"inputText": "hi"}, modelId="amazon.titan-embed-text-v2:0"), "skipped: not_a_chat"),
        (invocation({"texts": ["hi"], "input_type": "search_query"}), "skipped: not_a_chat"),
        (invocation({"taskType": "TEXT_IMAGE"}), "skipped: not_a_chat"),
        (invocation(), "no_body"),
        (invocation({"max_tokens": 5}), "missing_field"),
        (invocation({"messages": []}), "missing_field"),
        (invocation([1]), "wrong_type"),
        (invocation(MESSAGES, identity={}, requestMetadata=None), "missing_field"),
        (invocation(MESSAGES, timestamp=None), "missing_field"),
        ({"schemaType": "ModelInvocationLog"}, "not_an_invocation_log"),
        ({**invocation(MESSAGES), "schemaType": "Other"}, "not_an_invocation_log"),
    ],
)
def test_what_is_no_exchange_says_why(record: dict[str, Any], why: str) -> None:
    assert reason(FORM, record) == why


def test_five_megabytes_are_read_where_the_configuration_allows_them() -> None:
    text = "long story " * 500_000
    record = invocation({"messages": [{"role": "user", "content": text}]}, {"generation": "ok"})
    assert reason(FORM, record) == "message_too_long"
    assert turns(FORM, record, max_message_chars=6_000_000) == [(text, "ok")]
