"""The certificate: what was measured, what passes, what is refused, and how it reads."""

import pytest

from extract.audit import AuditResult
from extract.certificate import certify, detector_facts, refuse_failed
from extract.planting import Outcome
from extract.statement import statement
from harness.config.sections import ExtractSection
from harness.contracts import Certificate, CertificateBasis, OverRedaction
from harness.errors import ExitCode, SafetyError
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


def section(**keys: float) -> ExtractSection:
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
            "seed": 11,
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
        "Of 600 invented personal values",
        "590 were removed",
        "96.96 % to",
        "500 known values",
        "0 found",
        "1.00 % (0.61 % to 1.54 %)",
        "| names of people | 200 | 190 | 95.00 % | 91.00 % to 97.58 % |",
        "| all values with a form or a check | 400 | 400 |",
        "2 not json",
        "seed of the tracers 11",
        "carried over from data-0",
        "all in Latin letters",
    ):
        assert words in text
    assert Certificate.from_json(certificate.to_json()) == certificate


def test_a_certificate_that_does_not_pass_says_so_first() -> None:
    assert statement(certify({}, CLEAN, section=section())).startswith("# Leak certificate: NOT PASSED")


def test_a_certificate_of_the_previous_version_can_be_read() -> None:
    old = b'{"schema_version":1,"tracers_planted":600,"tracers_leaked":15,"recall_by_type":{"PERSON":0.9},"recall_lower":0.959,"floor":0.9,"audited_values":7,"audited_leaks":0,"passed":true}'
    certificate = Certificate.from_json(old)
    assert (certificate.types, certificate.rests_on) == ([], None)
    assert "Of 600 invented" in statement(certificate)
