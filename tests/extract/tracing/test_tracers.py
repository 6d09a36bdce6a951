"""Tracers: unseen, valid, in chat style, and the same for a seed."""

import random
import re
from collections import Counter
from importlib.resources import files

import pytest

from extract.tracing import numbers, people, places
from extract.tracing.material import is_listed, names, ordinary_lines, sections, stems, towns
from extract.tracing.planting import TRACERS
from extract.tracing.tracers import STRUCTURED, Tracer, make_tracers, telling_parts
from harness.pii.patterns.checksums import passes_luhn, passes_mod97

SAMPLE = make_tracers(TRACERS, seed=11)
FREQUENT = ("PERSON", "LOCATION", "PHONE_NUMBER", "EMAIL_ADDRESS", "ID")


def training_lines() -> set[str]:
    folder = files("harness.pii.training") / "text"
    return {normal(line) for path in folder.iterdir() for line in path.read_text(encoding="utf-8").splitlines() if line}


def normal(line: str) -> str:
    return " ".join(re.findall(r"[^\W_]+|X", re.sub(r"\{\w*\}", " X ", line.lower().replace("\\n", " "))))


def test_a_seed_gives_the_same_tracers_and_another_one_others() -> None:
    assert make_tracers(200, seed=3) == make_tracers(200, seed=3)
    assert make_tracers(200, seed=3) != make_tracers(200, seed=4)


@pytest.mark.parametrize("count", [1, 7, 40, 600, 1000])
def test_as_many_are_made_as_asked_for(count: int) -> None:
    assert len(make_tracers(count, seed=1)) == count


def test_every_type_is_planted_and_the_rare_ones_often_enough() -> None:
    counts = Counter(tracer.entity for tracer in SAMPLE)
    assert len(counts) == 20
    assert set(counts) >= STRUCTURED
    assert min(counts.values()) >= 14
    assert set(Counter(t.entity for t in make_tracers(40, seed=1))) == set(counts)


def test_no_name_street_or_town_is_on_a_list_of_the_tagger() -> None:
    """What the tagger's lists hold, it has seen in training."""
    for name in (*names("given"), *names("surnames"), *names("words")):
        assert not is_listed(name)
    assert is_listed("Rosalind")
    assert len(names("given")) >= 300
    assert len(names("surnames")) >= 400
    invented = [part for language in ("en", "de", "fr", "es", "it") for part in stems(language)]
    assert sum(map(is_listed, invented)) < len(invented) / 2


def test_no_sentence_stands_in_the_training_text() -> None:
    training = training_lines()
    ours = {
        normal(line)
        for section, lines in sections("sentences.txt").items()
        for line in lines
        if not section.startswith("ANY")
    }
    ordinary = {normal(line) for line in ordinary_lines() if len(line.split()) > 3}
    assert {line for line in ours if len(line.split()) > 3} & training == set()
    assert ordinary & training == set()


def test_frequent_types_have_many_sentences_in_many_languages() -> None:
    for entity in FREQUENT:
        assert len(sections("sentences.txt")[f"{entity} say"]) >= 25
        assert len(sections("sentences.txt")[f"{entity} ask"]) >= 6


def test_every_line_with_a_value_has_a_place_for_it() -> None:
    for section, lines in sections("sentences.txt").items():
        for line in lines:
            expected = not section.endswith(" ask") and section != "ANY thanks"
            assert ("{}" in line) is expected, (section, line)


def test_addresses_and_phones_are_of_many_countries() -> None:
    assert len(places.countries()) >= 20
    assert len(sections("places.txt")["phones"]) >= 20
    dice = random.Random(5)
    assert not any(mark in places.address(dice) for _ in range(400) for mark in "{}#?")
    phones = [places.phone(dice) for _ in range(400)]
    assert any(phone.isalpha() or (" " in phone and not re.search(r"\d", phone)) for phone in phones)
    assert not any(mark in phone for phone in phones for mark in "{}#[]")
    for language in ("en", "de", "fr", "es", "pt", "it", "nl", "pl", "se", "tr", "in", "jp", "id", "ng"):
        assert len(stems(language)) >= 4
        assert len(towns(language)) >= 3


def test_checked_numbers_pass_their_checks() -> None:
    dice = random.Random(2)
    for _ in range(200):
        assert passes_luhn(re.sub(r"\D", "", numbers.card(dice)))
        assert passes_mod97(numbers.iban(dice).replace(" ", ""))


@pytest.mark.parametrize(
    ("digits", "checked"), [("7992739871", "79927398713"), ("453201511283036", "4532015112830366")]
)
def test_the_luhn_digit_is_the_standards(digits: str, checked: str) -> None:
    assert numbers.with_luhn(digits) == checked


def test_national_ids_are_those_that_the_registers_recognizers_know() -> None:
    """Presidio's own checks, where it has one, agree with ours."""
    from presidio_analyzer import predefined_recognizers as presidio

    dice = random.Random(9)
    by_name = {maker.__name__: maker for maker in numbers.NATIONAL_IDS}
    for name, recognizer in (
        ("_dni", presidio.EsNifRecognizer()),
        ("_fiscal_code", presidio.ItFiscalCodeRecognizer()),
        ("_nhs", presidio.NhsRecognizer()),
        ("_aadhaar", presidio.InAadhaarRecognizer()),
        ("_hetu", presidio.FiPersonalIdentityCodeRecognizer()),
    ):
        for _ in range(40):
            value = by_name[name](dice)
            found = recognizer.analyze(value, recognizer.supported_entities, None)
            assert any(result.score >= 1.0 for result in found), (name, value)


def test_emails_are_also_spelt_out() -> None:
    dice = random.Random(1)
    addresses = [people.email(dice) for _ in range(300)]
    assert sum("@" in address for address in addresses) > 120
    assert sum(" at " in address for address in addresses) > 20


def test_half_are_typed_carelessly_and_many_are_bare_answers() -> None:
    styles, forms = Counter(t.style for t in SAMPLE), Counter(t.form for t in SAMPLE)
    assert styles["lower_case"] > 300
    assert styles["misspelt"] > 60
    assert forms["bare_answer"] > 200
    assert min(forms["within_message"], forms["read_back"]) > 80
    lower = [t for t in SAMPLE if t.style == "lower_case" and t.entity == "PERSON"]
    assert all(t.value == t.value.lower() for t in lower)


def test_a_value_shares_no_telling_word_with_the_messages_around_it() -> None:
    for tracer in SAMPLE:
        around = telling_parts("\n".join((tracer.said, tracer.asked, tracer.answered)).replace("{}", "\n"))
        assert telling_parts(tracer.value)
        assert not telling_parts(tracer.read_back).keys() & around.keys()


def test_telling_parts_are_strict() -> None:
    """The last four digits, a pair of short groups and a town tell; the word for a street does not."""
    assert telling_parts("Calle Olmo 12, 4111 1111") == Counter({"olmo": 1, "4111": 1, "1111": 1})
    assert telling_parts("06 12 34") == Counter({"06 12": 1, "12 34": 1})


@pytest.mark.parametrize("form", ["bare_answer", "message", "read_back"])
def test_tracers_follow_the_real_exchange(form: str) -> None:
    tracer = next(t for t in SAMPLE if t.form == form)
    first, second = tracer.planted("What does it cost?", "Nothing.")
    assert first[0] == "What does it cost?"
    assert first[1] is not None
    assert first[1].startswith("Nothing.")
    assert (first[1] == "Nothing.") is (form != "bare_answer")
    assert tracer.value in second[0]
    assert second[1] is not None
    assert (tracer.read_back in second[1] and bool(tracer.read_back)) is (form == "read_back")


def test_tracers_stand_within_a_real_message_between_two_words() -> None:
    tracer = next(t for t in SAMPLE if t.form == "within_message")
    ((prompt, response),) = tracer.planted("What does a transfer cost these days?", None)
    assert response is None
    said = tracer.said.replace("{}", tracer.value)
    assert f" {said}" in prompt
    assert prompt.replace(said, "").split() == ["What", "does", "a", "transfer", "cost", "these", "days?"]


def test_without_its_value_a_tracer_leaves_only_ordinary_words() -> None:
    tracer: Tracer = SAMPLE[0]
    empty = tracer.without_value().planted("Hello", "Hi")
    assert not any(tracer.value in (text or "") for turns in empty for text in turns)
