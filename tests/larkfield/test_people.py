import random
import re

from hypothesis import given
from hypothesis import strategies as st

from larkfield.people import card_number, email_of, iban, invented_customer

CHANCE = st.integers().map(random.Random)


@given(CHANCE)
def test_cards_pass_luhns_check(chance: random.Random) -> None:
    digits = [int(digit) for digit in reversed(card_number(chance))]
    assert len(digits) == 16
    assert (sum(digits[::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])) % 10 == 0


@given(CHANCE)
def test_ibans_pass_their_checksum(chance: random.Random) -> None:
    value = iban(chance)
    assert re.fullmatch(r"GB\d{2}[A-Z]{4}\d{14}", value)
    assert int("".join(str(int(char, 36)) for char in value[4:] + value[:4])) % 97 == 1


@given(CHANCE)
def test_addresses_of_mail_end_in_domains_reserved_for_documentation(chance: random.Random) -> None:
    assert re.fullmatch(r"[a-z0-9._]+@([a-z]+\.)?example\.(com|org|net)", email_of("Saoirse Llewellyn", chance))


def test_a_customer_is_the_same_for_the_same_chance_and_has_payees() -> None:
    one, other = (invented_customer(random.Random(4), number=12) for _ in range(2))
    assert one == other
    assert one.payees
    assert one.name.startswith(one.first_name)
    assert one.profile()["date_of_birth"] == one.date_of_birth
    assert one.user_id.endswith("012")
