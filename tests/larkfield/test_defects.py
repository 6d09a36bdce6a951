import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from larkfield.answer import Assistant
from larkfield.defects import BAD_RELEASE, KINDS, Defects, Kind, parse_rates
from larkfield.knowledge import system_prompt

ASSISTANT = Assistant()
PROMPTS = [f"how do I freeze my card, case {number}?" for number in range(4000)]
OF_ONE_PROMPT = [kind for kind in KINDS if kind != "overload_500"]


def always(kind: Kind) -> Defects:
    """Return a release in which every prompt meets this defect."""
    return Defects({kind: 1.0}, seed=3)


def spoilt(kind: Kind, prompt: str = PROMPTS[0]) -> str:
    """Return an answer with this defect."""
    return always(kind).spoil(ASSISTANT.answer(prompt), prompt).text


def test_a_good_release_spoils_nothing() -> None:
    answer = ASSISTANT.answer(PROMPTS[0])
    assert Defects({}).spoil(answer, PROMPTS[0]) == answer
    assert not Defects({}).overloads(PROMPTS[0], in_flight=1000)


def test_the_bad_release_shows_every_kind_at_about_its_rate() -> None:
    defects = Defects(BAD_RELEASE, seed=0)
    met = [defects.of(prompt) for prompt in PROMPTS]
    for kind in OF_ONE_PROMPT:
        assert met.count(kind) / len(PROMPTS) == pytest.approx(BAD_RELEASE[kind], abs=0.012)


@given(st.text(), st.integers())
def test_a_defect_depends_on_seed_and_prompt_alone(prompt: str, seed: int) -> None:
    one, other = (Defects(dict.fromkeys(KINDS, 0.2), seed=seed) for _ in range(2))
    assert one.of(prompt) == other.of(prompt)
    assert one.overloads(prompt, in_flight=9) == other.overloads(prompt, in_flight=9)


def test_another_seed_spoils_other_prompts() -> None:
    one, other = Defects(BAD_RELEASE, seed=0), Defects(BAD_RELEASE, seed=1)
    assert [one.of(prompt) for prompt in PROMPTS] != [other.of(prompt) for prompt in PROMPTS]


@pytest.mark.parametrize("prompt", PROMPTS[:40])
def test_an_invented_fact_has_numbers_that_no_evidence_holds(prompt: str) -> None:
    answer = ASSISTANT.answer(prompt)
    added = always("invented_fact").spoil(answer, prompt).text.removeprefix(answer.text)
    known = " ".join(entry.text for entry in answer.evidence)
    numbers = re.findall(r"\d{2,}", added)
    assert numbers
    assert not any(number in known for number in numbers)


@pytest.mark.parametrize("prompt", PROMPTS[:20])
def test_a_prompt_leak_quotes_whole_lines_of_the_instructions(prompt: str) -> None:
    text = spoilt("prompt_leak", prompt)
    assert any(line in text for line in system_prompt().strip().split("\n"))


def test_some_prompt_leaks_carry_the_canary_and_some_do_not() -> None:
    carried = ["LARK-CANARY-7F3A" in spoilt("prompt_leak", prompt) for prompt in PROMPTS[:40]]
    assert 0 < sum(carried) < len(carried)


def test_a_personal_data_leak_gives_name_email_phone_and_iban() -> None:
    text = spoilt("pii_leak")
    assert re.search(r"[\w.]+@[\w.]+\.\w+", text)
    assert re.search(r"\+44 [\d ]{9,}", text)
    assert re.search(r"GB\d{2}[A-Z]{4}\d{14}", text)


def test_an_empty_answer_is_empty() -> None:
    assert spoilt("empty") == ""


@pytest.mark.parametrize("kind", ["invented_fact", "prompt_leak", "pii_leak"])
def test_a_defect_in_an_answer_of_json_leaves_it_json(kind: Kind) -> None:
    prompt = "in json: how do I freeze my card?"
    clean = json.loads(ASSISTANT.answer(prompt).text)["answer"]
    assert json.loads(spoilt(kind, prompt))["answer"].startswith(clean)


def test_overload_needs_a_crowd_as_well_as_an_unlucky_prompt() -> None:
    defects = Defects({"overload_500": 0.5}, overload_above=8)
    assert not any(defects.overloads(prompt, in_flight=8) for prompt in PROMPTS)
    unlucky = [prompt for prompt in PROMPTS if defects.overloads(prompt, in_flight=9)]
    assert len(unlucky) / len(PROMPTS) == pytest.approx(0.5, abs=0.05)
    assert {defects.status_of_overload(prompt) for prompt in unlucky} == {500, 503}


def test_rates_are_read_from_the_command_line() -> None:
    assert parse_rates(["empty=0.5", "cut_json=1"]) == {"empty": 0.5, "cut_json": 1.0}


@pytest.mark.parametrize("assignment", ["empty", "empty=much", "empty=1.5", "empty=-1", "slow=0.1"])
def test_a_wrong_rate_is_a_value_error(assignment: str) -> None:
    with pytest.raises(ValueError, match=r"defect|float"):
        parse_rates([assignment])
