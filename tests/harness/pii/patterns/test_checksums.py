"""Check digits: right numbers hold, and no wrong digit goes unnoticed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.pii.patterns.books import STRICT
from harness.pii.patterns.checksums import (
    begins_with_date,
    check_digit,
    passes_luhn,
    passes_mod11_10,
    passes_mod97,
    passes_verhoeff,
    weighted,
)
from harness.pii.patterns.rules import Facts


@given(st.text("0123456789", min_size=5, max_size=18), st.integers(0, 17), st.integers(1, 9))
def test_luhn_notices_a_changed_digit(digits: str, place: int, shift: int) -> None:
    (right,) = (digits + last for last in "0123456789" if passes_luhn(digits + last))
    place %= len(digits)
    wrong = right[:place] + str((int(right[place]) + shift) % 10) + right[place + 1 :]
    assert not passes_luhn(wrong)


@given(st.text("0123456789", min_size=10, max_size=10), st.integers(0, 9), st.integers(1, 9))
def test_mod_11_10_and_verhoeff_notice_a_changed_digit(digits: str, place: int, shift: int) -> None:
    for check in (passes_mod11_10, passes_verhoeff):
        (right,) = (digits + last for last in "0123456789" if check(digits + last))
        assert not check(right[:place] + str((int(right[place]) + shift) % 10) + right[place + 1 :])


@pytest.mark.parametrize(
    ("iban", "holds"),
    [
        ("GB82WEST12345698765432", True),
        ("de89370400440532013000", True),
        ("DE89370400440532013001", False),
        ("DE8937040044053201300", False),
        ("XX8937040044053201300", False),
    ],
)
def test_an_iban_has_its_countrys_length_and_check_digits(iban: str, holds: bool) -> None:  # noqa: FBT001
    assert passes_mod97(iban) is holds


def test_a_check_digit_of_ten_is_given_out_only_where_the_scheme_says() -> None:
    strict, lenient = check_digit((1,), 11, overflow=None), check_digit((1,), 11, overflow=0)
    assert (strict("10"), lenient("10"), lenient("29")) == (False, True, True)
    assert weighted((1, 1), 11, remainder=1)("93")


@pytest.mark.parametrize(("value", "holds"), [("800101", True), ("801301", False), ("800230", False), ("000229", True)])
def test_a_date_at_the_beginning_has_to_exist(value: str, holds: bool) -> None:  # noqa: FBT001
    assert begins_with_date("ymd")(value) is holds


@pytest.mark.parametrize(
    ("text", "entity"),
    [
        ("AB 12 34 56 C", "UK_NINO"),
        ("nhs 943 476 5919", "UK_NHS"),
        ("12345678Z", "ES_NIF"),
        ("X1234567L", "ES_NIE"),
        ("RSSMRA85T10A562S", "IT_FISCAL_CODE"),
        ("Steuer-ID 65929970489", "DE_TAX_ID"),
        ("1 84 12 76 451 089 46", "FR_NIR"),
        ("bsn 111222333", "NL_BSN"),
        ("pesel 44051401359", "PL_PESEL"),
        ("811218-9876", "SE_PERSONNUMMER"),
        ("131052-308T", "FI_PERSONAL_IDENTITY_CODE"),
        ("85.07.30-033.28", "BE_NATIONAL_NUMBER"),
        ("756.9217.0769.85", "CH_AHV"),
        ("529.982.247-25", "BR_CPF"),
        ("11.222.333/0001-81", "BR_CNPJ"),
        ("HEGG560427MVZRRL04", "MX_CURP"),
        ("20-12345678-6", "AR_CUIT"),
        ("12.345.678-5", "CL_RUT"),
        ("ABCPE1234F", "IN_PAN"),
        ("11010519491231002X", "CN_ID"),
        ("900101-1234567", "KR_RRN"),
        ("S1234567D", "SG_NRIC_FIN"),
        ("tfn 123 456 782", "AU_TFN"),
        ("sin 046 454 286", "CA_SIN"),
        ("8001015009087", "ZA_ID"),
        ("tc kimlik 10000000146", "TR_ID"),
        ("1234567FA", "IE_PPS"),
        ("oib 33392005961", "HR_OIB"),
    ],
)
def test_a_national_id_is_known_by_its_form_and_check_digits(text: str, entity: str) -> None:
    assert entity in {span.entity for span in STRICT.find(Facts.of(text)) if span.score > 0.7}


@pytest.mark.parametrize("text", ["12345678A", "S1234567A", "RSSMRA85T10A562T", "529.982.247-26"])
def test_a_wrong_check_digit_makes_it_a_number_like_any_other(text: str) -> None:
    found = STRICT.find(Facts.of(text))
    assert found
    assert not {span.entity for span in found if span.score == 1.0}
