"""Empty, cut off, repeating, in the wrong form or language."""

from pathlib import Path
from typing import Any

import pytest

from harness.contracts import CriterionResult
from harness.errors import ConfigurationError
from judge.checks import Answer, answer_schema, json_on_request, json_schema, load_checks, same_language
from judge.checks.cut_off import CutOff
from judge.checks.empty_answer import EmptyAnswer
from judge.checks.interface import Check
from judge.checks.repetition import Repetition
from tests.judge.records import exchange, prompt, settings


def answer(text: str, *, of: Any = None, **values: Any) -> Answer:
    return Answer(exchange=exchange(response_text=text, **values), prompt=of)


def result(check: Check, text: str, **values: Any) -> CriterionResult:
    found = check.check(answer(text, **values))
    assert found is not None
    assert found.passed is None or found.score is not None
    return found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "\n",
        "...",
        "—",
        "null",
        "undefined",
        "[object Object]",
        "<p></p>",
        "&nbsp;",
        '{"answer": ""}',
        "None",
        "nil",
        "\ufffd",
    ],
)
def test_an_answer_without_words_is_empty(text: str) -> None:
    assert result(EmptyAnswer(), text).passed is False


@pytest.mark.parametrize(
    "text", ["No.", "42", "👍", "да", '{"open": false}', '{"answer": "Yes"}', "None of them.", "```html\n<hr>\n```"]
)
def test_a_short_answer_is_not_empty(text: str) -> None:
    assert result(EmptyAnswer(), text).passed is True


def test_an_empty_list_answers_a_question_for_json() -> None:
    assert result(EmptyAnswer(), "[]").passed is False
    assert result(EmptyAnswer(), "[]", prompt="Which are free? Answer in JSON.").passed is True
    assert result(EmptyAnswer(), "[]", of=prompt(checks={"json": True})).passed is True


def test_an_answer_that_calls_tools_needs_no_words() -> None:
    assert result(EmptyAnswer(), "", tool_calls=[{"name": "look_up"}]).passed is True


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("The ferry leaves at nine and", {"finish_reason": "length"}),
        ("The ferry leaves at nine", {"finish_reason": "max_tokens"}),
        ('{"answer": "The ferry lea', {}),
        ('```json\n{"answer": "all"}', {}),
        ("You can bring your bicycle, your dog and the", {"finish_reason": "stop"}),
        ("The ferry leaves at nine, ten,", {}),
        ("These are the piers:\n- North\n- South\n-", {}),
        ("| a | b |\n|---|---|\n| 1 | 2 |\n| 3", {}),
        ("See [the timetable](https://ferry.test/ti", {}),
        ("~~~python\nprint(1)", {}),
        ("| a | b |\n|---|---|\n| 1 | 2 |\n| 3 |", {}),
        ("The ferry leaves at nine. It arrives at ten, and you can take the bus to", {}),
        ("Subtract 3 from both sides, which gives x =", {}),
        ("Le ferry part à neuf heures et vous pouvez monter avec votre vélo sur le", {}),
        ("````\n```\nx\n```", {}),
        ("The ferry leaves at nine.", {"finish_reason": "model_context_window_exceeded"}),
        ("Check-in for passengers closes 45 min", {"contexts": ["Check-in for passengers closes 45 minutes before."]}),
    ],
)
def test_broken_ends_are_noticed(text: str, values: dict[str, Any]) -> None:
    found = result(CutOff(), text, **values)
    assert found.passed is False
    assert found.evidence[0] in text


@pytest.mark.parametrize(
    "text",
    [
        "The ferry leaves at nine",
        "Who do you want to talk to",
        "Sure 🙂",
        "* one\n* two",
        '{"answer": "whole"}',
        "```\ncode\n```",
        "Read https://ferry.test/times",
        "[1] The ferry leaves at nine",
        "Das kann ich machen, aber bitte sagen Sie mir das",
        "We offer option A",
        "Use ``` to open a block of code.",
        "````\n```\nx\n```\n````",
        "Rufen Sie uns einfach an",
        "Thank you for your message.\n\nBest regards,",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "See [the timetable](https://ferry.test/times)",
        "That is the pier that all the ferries go to",
        "The word is 'hello'. In base64 it is\naGVsbG8=",
        "The ferry is what you should ask for. Ask at pier B. Yes, I am",
    ],
)
def test_good_ends_are_left_alone(text: str) -> None:
    assert result(CutOff(), text, finish_reason="stop").passed is True
    assert result(CutOff(), text).passed is True


def test_a_word_that_the_contexts_end_there_too_is_whole() -> None:
    found = result(CutOff(), "It closes in 45 minutes", contexts=["It closes in 45 minutes", "45 minutesx"])
    assert found.passed is True


@pytest.mark.parametrize(
    "text",
    [
        "The lounge is open. " * 5,
        "go on go on go on go on go on go on",
        "a" * 60,
        "You can pay by card at the desk or in the app, any time. " * 12,
        " ".join(f"Step {i}: go to the desk and ask for the form again." for i in range(1, 12)),
        "- the same\n" * 9,
        "我们九点开门。" * 6,
        "".join(f"{i}. Take the ferry.\n" for i in range(1, 9)),
        "- Pier north\n- Pier south\n" * 6,
        "okok" * 20,
        "<br>" * 30,
        "0" * 90,
        " ".join(f"Step {i}: open the lid." for i in range(1, 9)),
        "| a | b |\n|---|---|\n" + "| x | y |\n" * 12,
    ],
)
def test_loops_are_noticed(text: str) -> None:
    assert result(Repetition(), text).passed is False


@pytest.mark.parametrize(
    "text",
    [
        "The lounge is open. The lounge is on deck seven. The lounge closes at ten.",
        "| a | b |\n|---|---|\n| 1 | 2 |\n| 1 | 2 |\n| 1 | 2 |\n| 1 | 2 |",
        "-" * 80,
        "10000000000000000000000000000000000000000000000000",
        "No, no, no! That is not right.",
        "Open 9-5. Closed. Open 9-5. Closed.",
        "\n".join(f"Cabin {i}: the cabin is free and can be booked." for i in range(1, 10)),
        "```html\n" + '<li class="a">x</li>\n' * 8 + "```",
        "<td></td>\n" * 9,
        "```\n" + "ab" * 40 + "\n```",
        "- [ ] Item 1:\n- [ ] Item 2:\n- [ ] Item 3:\n- [ ] Item 4:\n- [ ] Item 5:\n- [ ] Item 6:\n- [ ] Item 7:",
        "\n".join(f"{hour}:00 {'round' if hour % 3 else 'break'}" for hour in range(10, 22)),
    ],
)
def test_ordinary_repetition_is_left_alone(text: str) -> None:
    assert result(Repetition(), text).passed is True


def test_repetition_on_request_is_fine() -> None:
    assert result(Repetition(), "I am here. " * 9, prompt="Say it ten times").passed is True


@pytest.fixture
def schema_file(tmp_path: Path) -> str:
    path = tmp_path / "schema.json"
    path.write_text('{"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}')
    return str(path)


def test_a_reply_body_has_to_match_its_schema(schema_file: str) -> None:
    check = json_schema.build(settings(json_schema=schema_file))
    assert check is not None
    assert result(check, "x", response_body='{"text": "fine"}').passed is True
    broken = result(check, "x", response_body='{"text": 5}')
    assert (broken.passed, broken.reason) == (False, "The reply breaks its schema at text (type).")
    assert result(check, "x", response_body='{"text": "cut off').passed is None
    assert check.check(answer("x")) is None


def test_only_a_json_answer_has_to_match_the_answer_schema(schema_file: str) -> None:
    check = answer_schema.build(settings(answer_schema=schema_file))
    assert check is not None
    assert result(check, '```json\n{"text": "fine"}\n```').passed is True
    assert result(check, "In words.").passed is None
    assert result(check, '{"txt": "x"}').passed is False
    assert result(check, '{"text": "x').passed is False


@pytest.mark.parametrize("content", ["{", '{"type": "strnig"}', "[]"])
def test_a_bad_schema_is_a_configuration_error_that_names_the_file(tmp_path: Path, content: str) -> None:
    path = tmp_path / "broken.json"
    path.write_text(content)
    with pytest.raises(ConfigurationError, match=r"judge\.checks\.json_schema.*broken\.json"):
        json_schema.build(settings(json_schema=str(path)))
    with pytest.raises(ConfigurationError, match="cannot be read"):
        json_schema.build(settings(json_schema=str(tmp_path / "none.json")))


def test_json_is_checked_on_request_only_where_asked_for() -> None:
    wanted = prompt(checks={"json": True})
    golden = prompt(checks={"json": True}, origin="golden")
    everywhere, golden_only = json_on_request.build(settings(json_on_request=True)), json_on_request.build(settings())
    assert result(everywhere, "In words.", of=wanted).passed is False
    assert result(everywhere, '{"a": 1}', of=wanted).passed is True
    assert golden_only.check(answer("In words.", of=wanted)) is None
    assert result(golden_only, "In words.", of=golden).passed is False
    assert everywhere.check(answer("In words.", of=prompt())) is None
    assert everywhere.check(answer("In words.")) is None


def test_json_is_expected_of_the_last_turn() -> None:
    check = json_on_request.build(settings(json_on_request=True))
    conversation = prompt(turns=["Hello", "Now as JSON"], checks={"json": True})
    assert check.check(answer("Hello!", of=conversation, turn=0)) is None
    assert result(check, "No.", of=conversation, turn=1).passed is False


def test_the_language_is_checked_only_where_asked_for() -> None:
    assert same_language.build(settings()) is None
    check = same_language.build(settings(same_language=True))
    assert check is not None
    german = "Die Fähre fährt um neun Uhr ab und Sie können Ihren Hund mitnehmen."
    assert result(check, german, prompt="When does the ferry leave and can I take my dog with me?").passed is False
    assert result(check, german, prompt="Wann fährt die Fähre und kann ich den Hund mitnehmen?").passed is True
    assert result(check, "OK", prompt="When does the ferry leave?").passed is None
    assert result(check, german, prompt="Dog?", of=prompt(checks={"language": "en"})).passed is False


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("How long should I boil an egg?", "Kook het ei zes minuten als je de dooier nog zacht wilt hebben."),
        ("¿Cuánto cuesta el billete?", "Children under six years travel free of charge on all our ferries."),
        ("Wie lange fährt die Fähre?", "La traversée dure deux heures quand la mer est calme."),
        ("Tell me something about the harbour please", "Port jest otwarty przez całą dobę, także zimą i w święta."),
    ],
)
def test_short_answers_in_another_language_are_noticed(asked: str, told: str) -> None:
    check = same_language.build(settings(same_language=True))
    assert check is not None
    assert result(check, told, prompt=asked).passed is False


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("Which cheese do you have?", "Gouda, Brie, Feta, Manchego, Comté, Edam, Ricotta, Halloumi"),
        ("I take one ticket, sent to Ostmere. Total?", "59.00 EUR plus 4.90 EUR shipping makes 63.90 EUR."),
        ("Wo seid ihr?", "In der Mühlstraße 4."),
        ("Sing something silly for me", "Hop, hop, hop, little sparrow, hop!"),
    ],
)
def test_names_figures_and_nonsense_are_in_no_language(asked: str, told: str) -> None:
    check = same_language.build(settings(same_language=True))
    assert check is not None
    assert result(check, told, prompt=asked).passed is not False


def test_a_language_that_changes_on_the_way_is_noticed() -> None:
    check = same_language.build(settings(same_language=True))
    assert check is not None
    asked = "When does the ferry leave and can I take my dog with me?"
    german = "Die Fähre fährt um neun Uhr ab und Sie können Ihren Hund mitnehmen."
    english = "The ferry leaves at nine and you can take the dog with you to the lounge."
    assert result(check, f"{english} {german}", prompt=asked).evidence == [german]
    assert result(check, f"{english}\n\n九点开船,您可以带狗上船。请提前半小时到达码头。", prompt=asked).passed is False
    assert result(check, f'{english} On the sign it says "{german}"', prompt=asked).passed is True
    assert result(check, german, prompt=f"Translate this into German: {english}").passed is None


def test_every_built_in_check_has_its_own_name_and_a_version() -> None:
    checks = load_checks(settings(groundedness=True, canaries=["x-1"], same_language=True, refuse=["tax"]))
    assert len({check.name for check in checks}) == len(checks) >= 15
    assert all(check.version for check in checks)


@pytest.mark.parametrize("tail", ["a" * 100_000 + "!", "\n" * 100_000 + "!"])
def test_a_giant_token_at_the_end_is_looked_at_in_no_time(tail: str) -> None:
    """The last words of such an answer once took six minutes to find."""
    assert result(CutOff(), f"The fee is {tail}", contexts=["The fee is five pounds."]).passed is True
