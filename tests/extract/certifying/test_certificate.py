"""The certificate: what was measured, what passes, what is refused, and how it reads."""

from pathlib import Path

import pytest

from extract.certifying.audit import AuditResult
from extract.certifying.certificate import DEFAULT_FLOORS, certify, detector_facts, fewest_in_force, refuse_failed
from extract.certifying.statement import statement
from extract.tracing.planting import Outcome
from extract.tracing.tracers import KINDS, make_tracers
from harness.config import load_settings
from harness.config.sections import CERTIFIED_TYPES, ExtractSection
from harness.contracts import Certificate, CertificateBasis, OverRedaction, ProfilesUsed
from harness.errors import ConfigurationError, ExitCode, SafetyError
from harness.pii.setup import DetectorSetup

CLEAN = AuditResult(values=500, leaks=0)


def outcomes(**leaks: int) -> dict[Outcome, int]:
    """Return 200 tracers of each of three types, so many of them leaked."""
    found: dict[Outcome, int] = {}
    for entity in ("PERSON", "CREDIT_CARD", "EMAIL_ADDRESS"):
        missed = leaks.get(entity, 0)
        found[entity, "message", "lower_case", False] = 200 - missed
        if missed:
            found[entity, "message", "as_written", True] = missed
    return found


def section(**keys: object) -> ExtractSection:
    return ExtractSection.model_validate({"certificate_floor": 0.95, "certificate_structured_floor": 0.98, **keys})


def test_recall_is_counted_by_type_and_by_writing_with_intervals() -> None:
    certificate = certify(outcomes(PERSON=10), CLEAN, section=section())
    assert (certificate.tracers_planted, certificate.tracers_leaked) == (600, 10)
    by_name = {each.name: each for each in (*certificate.types, *certificate.forms)}
    assert (by_name["PERSON"].found, by_name["PERSON"].recall) == (190, 0.95)
    assert by_name["PERSON"].lower == pytest.approx(0.909972, abs=1e-6)
    assert by_name["PERSON"].upper == pytest.approx(0.975766, abs=1e-6)
    assert (by_name["as_written"].planted, by_name["as_written"].found) == (10, 0)
    assert certificate.recall_by_type == {"CREDIT_CARD": 1.0, "EMAIL_ADDRESS": 1.0, "PERSON": 0.95}
    assert certificate.recall_lower == pytest.approx(0.969564, abs=1e-6)
    assert certificate.structured is not None
    assert certificate.structured.planted == 400
    assert certificate.passed


@pytest.mark.parametrize(
    ("leaks", "keys", "named"),
    [
        ({"PERSON": 30}, {}, "certificate_floor"),
        ({"CREDIT_CARD": 8}, {}, "certificate_structured_floor"),
        ({}, {"certificate_floor": 0.999}, "certificate_floor"),
    ],
)
def test_too_many_misses_are_refused(leaks: dict[str, int], keys: dict[str, float], named: str) -> None:
    certificate = certify(outcomes(**leaks), CLEAN, section=section(**keys))
    assert not certificate.passed
    with pytest.raises(SafetyError, match=named) as refused:
        refuse_failed(certificate)
    assert refused.value.exit_code == ExitCode.SAFETY
    assert "nothing was published" in str(refused.value)


# Floors of single types


def cards(planted: int, leaked: int = 0) -> dict[Outcome, int]:
    """Return a thousand names found, and so many cards."""
    return {
        ("PERSON", "message", "as_written", False): 1000,
        ("CREDIT_CARD", "message", "as_written", False): planted - leaked,
        ("CREDIT_CARD", "message", "as_written", True): leaked,
    }


def floor_of(certificate: Certificate, name: str = "CREDIT_CARD") -> float:
    return {each.name: each.floor for each in certificate.types}[name]


def test_types_with_a_floor_are_those_that_tracers_have() -> None:
    assert set(CERTIFIED_TYPES) == set(KINDS)
    assert DEFAULT_FLOORS.keys() < set(KINDS)


def test_a_type_below_its_floor_is_refused_though_all_tracers_together_pass() -> None:
    certificate = certify(outcomes(), CLEAN, section=section(certificate_floors={"PERSON": 0.99}))
    assert not certificate.passed
    expected = r"PERSON: 200 of 200 planted tracers found, which is at least 98.17%, below certificate_floors\.PERSON = 99\.00%"
    with pytest.raises(SafetyError, match=expected) as refused:
        refuse_failed(certificate)
    assert refused.value.exit_code == ExitCode.SAFETY
    assert "CREDIT_CARD" not in str(refused.value)


def test_a_floor_that_so_few_tracers_cannot_show_says_how_many_could() -> None:
    with pytest.raises(SafetyError) as refused:
        refuse_failed(certify(outcomes(), CLEAN, section=section(certificate_floors={"PERSON": 0.99})))
    count = int(refused.value.hint.partition("tracers = ")[2].split()[0])
    assert sum(each.entity == "PERSON" for each in make_tracers(count, seed=1)) >= 368  # 0.99 ** 367 > 0.025


def test_a_floor_of_one_is_never_reached_and_says_so() -> None:
    with pytest.raises(SafetyError) as refused:
        refuse_failed(certify(outcomes(), CLEAN, section=section(certificate_floors={"PERSON": 1.0})))
    assert "below 1" in refused.value.hint


def test_a_type_with_a_floor_and_no_tracer_was_not_measured_and_does_not_pass() -> None:
    certificate = certify(outcomes(), CLEAN, section=section(certificate_floors={"CRYPTO": 0.1}))
    with pytest.raises(SafetyError, match="CRYPTO: 0 of 0"):
        refuse_failed(certificate)
    assert certify(outcomes(), CLEAN, section=section(certificate_floors={"CRYPTO": 0.0})).passed


def test_a_default_floor_is_in_force_where_one_miss_still_passes() -> None:
    enough = fewest_in_force(0.98)
    assert floor_of(certify(cards(enough - 1), CLEAN, section=section())) == 0.0
    one_missed = certify(cards(enough, 1), CLEAN, section=section(certificate_structured_floor=0.5))
    assert floor_of(one_missed) == 0.98
    assert one_missed.passed
    two_missed = certify(cards(enough, 2), CLEAN, section=section(certificate_structured_floor=0.5))
    with pytest.raises(SafetyError, match=r"certificate_floors\.CREDIT_CARD"):
        refuse_failed(two_missed)
    own = section(certificate_structured_floor=0.5, certificate_floors={"CREDIT_CARD": 0.0})
    assert certify(cards(enough, 2), CLEAN, section=own).passed


def test_the_statement_shows_what_is_asked_of_each_type() -> None:
    text = statement(certify(outcomes(), CLEAN, section=section(certificate_floors={"PERSON": 0.99})))
    assert "| names of people | 200 | 200 | 100.00 % | 98.17 % to 100.00 % | 99.00 % **not reached** |" in text
    assert "| payment cards | 200 | 200 | 100.00 % | 98.17 % to 100.00 % | – |" in text


@pytest.mark.parametrize(("name", "advice"), [("CARD", "did you mean 'CREDIT_CARD'?"), ("QQQ", "types: API_KEY")])
def test_a_floor_of_an_unknown_type_is_an_error_that_names_the_nearest(tmp_path: Path, name: str, advice: str) -> None:
    path = tmp_path / "reverse-rag.toml"
    path.write_text(f"[extract]\ncertificate_floors = {{ {name} = 0.9 }}\n", encoding="utf-8")
    with pytest.raises(ConfigurationError) as refused:
        load_settings(path)
    assert "line 2" in str(refused.value)
    assert f"'{name}'; {advice}" in str(refused.value)


def test_one_known_value_in_the_output_is_refused_whatever_the_recall() -> None:
    certificate = certify(outcomes(), AuditResult(values=500, leaks=1, by_type={"PERSON": 1}), section=section())
    with pytest.raises(SafetyError, match=r"1 known raw values are left in the sanitized text \(1 PERSON\)"):
        refuse_failed(certificate)


def test_a_certificate_without_tracers_certifies_nothing() -> None:
    certificate = certify({}, CLEAN, section=section())
    assert not certificate.passed
    assert certificate.recall_lower == 0.0
    with pytest.raises(SafetyError):
        refuse_failed(certificate)


def test_what_passes_is_not_refused() -> None:
    refuse_failed(certify(outcomes(), CLEAN, section=section()))


def test_the_detector_is_named_with_the_hash_of_its_tagger() -> None:
    facts = detector_facts(DetectorSetup())
    assert len(facts["tagger_sha256"]) == 64
    assert (facts["operating_point"], facts["taggers"]) == ("strict", "shipped")
    assert "tagger_sha256" not in detector_facts(DetectorSetup(taggers=(), keep=("Larkfield",)))
    assert detector_facts(DetectorSetup(taggers=(), keep=("Larkfield",)))["kept_phrases"] == "1"


def basis(**values: str) -> CertificateBasis:
    return CertificateBasis.model_validate(
        {
            "dataset_id": "data-1",
            "created_at": "2031-03-04T09:12:44.120Z",
            "tool_version": "0.1.0",
            "detector": {"tagger_version": "3"},
            "configuration_hash": "c" * 64,
            "seed_fingerprint": "f1n6e2",
            "exchanges": 9500,
            "min_users": 5,
            "keep": ["channel", "request"],
            "profile_traits": ["plan"],
            "record_keys": ["metadata.request"],
            "personal": {"metadata.agent": 3},
            "profiles": {"users": 300, "matched": 280, "strangers": 12},
            "records": 9000,
            "sessions": 800,
            "turns": 1600,
            "users": 300,
            "quarantined": {"not_json": 2},
            **values,
        }
    )


def test_the_statement_says_all_that_somebody_signs() -> None:
    lost = OverRedaction(messages=300, words=2000, lost=20, share=0.01, lower=0.0061, upper=0.0154)
    certificate = certify(
        outcomes(PERSON=10), CLEAN, section=section(), over_redaction=lost, rests_on=basis(earlier_id="data-0")
    )
    text = statement(certificate)
    for words in (
        "# Leak certificate of data-1: passed",
        "600 invented personal values were planted",
        "removed 590 of them",
        "96.96 % to",
        "500 different known values",
        "0 found",
        "1.00 % (0.61 % to 1.54 %)",
        "| names of people | 200 | 190 | 95.00 % | 91.00 % to 97.58 % | – |",
        "| all values with a form or a check | 400 | 400 |",
        "| 98.00 % |",
        "2 not json",
        "fingerprint of the tracers' seed f1n6e2",
        "9,000 records read, holding 9,500 exchanges; 800 sessions of 300",
        "of 280 of the 300 users in the logs read; 12 further",
        "fields `channel`, `request` (`keep`), traits `plan`",
        "k = 5",
        "3 of `metadata.agent`",
        "**Record keys**: `metadata.request`",
        "numbered placeholders (`replacement = placeholder`)",
        "carried over from data-0",
        "all in Latin letters",
    ):
        assert words in " ".join(text.split())
    assert Certificate.from_json(certificate.to_json()) == certificate


def test_a_certificate_that_does_not_pass_says_so_first() -> None:
    assert statement(certify({}, CLEAN, section=section())).startswith("# Leak certificate: NOT PASSED")


def test_a_certificate_of_the_previous_version_can_be_read() -> None:
    old = b'{"schema_version":1,"tracers_planted":600,"tracers_leaked":15,"recall_by_type":{"PERSON":0.9},"recall_lower":0.959,"floor":0.9,"audited_values":7,"audited_leaks":0,"passed":true}'
    certificate = Certificate.from_json(old)
    assert (certificate.types, certificate.rests_on) == ([], None)
    assert "600 invented" in statement(certificate)


def test_the_statement_names_what_was_not_measured() -> None:
    """A pass of twenty tracers says nothing about names if not one name was among them."""
    certificate = certify(cards(20), CLEAN, section=section(certificate_floor=0.0, certificate_structured_floor=0.0))
    assert "names of people" not in statement(certificate).partition("Not measured")[2].partition("\n")[0]
    few = {outcome: 20 for outcome in cards(20) if outcome[0] == "CREDIT_CARD" and not outcome[3]}
    certificate = certify(few, CLEAN, section=section(certificate_floor=0.0, certificate_structured_floor=0.0))
    assert "PERSON" in certificate.not_measured
    assert "names of people" in statement(certificate).partition("**Not measured**")[2].partition("\n")[0]


def test_too_few_tracers_are_called_too_few_and_no_type_is_blamed() -> None:
    few: dict[Outcome, int] = {
        ("API_KEY", "message", "as_written", False): 1,
        ("PERSON", "message", "as_written", False): 19,
    }
    with pytest.raises(SafetyError) as refused:
        refuse_failed(certify(few, CLEAN, section=section(certificate_floor=0.9, certificate_structured_floor=0.0)))
    assert "all were found, and 20 tracers can show at most 83.16%" in str(refused.value)
    assert "API_KEY" not in str(refused.value)
    assert refused.value.hint.startswith("[extract] tracers = 36 or more")
    with pytest.raises(SafetyError) as refused:
        refuse_failed(certify(outcomes(PERSON=30), CLEAN, section=section()))
    assert "weakest: PERSON 170 of 200;" in str(refused.value)
    assert not refused.value.hint.startswith("Lower")


def test_long_lists_of_learned_words_are_wrapped() -> None:
    learned = " ".join(f"word{number}" for number in range(400))
    rests_on = basis().model_copy(update={"detector": {"learned_ordinary_words": learned}})
    text = statement(certify(outcomes(), CLEAN, section=section(), rests_on=rests_on))
    said = text.partition("Words that the assistant told")[2].partition("\n- ")[0]
    assert max(map(len, said.splitlines())) <= 120
    assert said.split()[-400:] == learned.split()


def test_profiles_that_fit_nobody_are_said_to() -> None:
    rests_on = basis().model_copy(update={"profiles": ProfilesUsed(users=7, matched=0, strangers=90)})
    assert "**no user's profile was found**" in " ".join(
        statement(certify(outcomes(), CLEAN, section=section(), rests_on=rests_on)).split()
    )
