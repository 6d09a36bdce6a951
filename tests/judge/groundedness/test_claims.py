"""Hard claims: supported in any notation, or found."""

import pytest

from judge.groundedness.claims import unsupported_claims

CONTEXT = (
    "Loans last 21 days and cost £1,250.50 in all; renewals until 14:30 on 5 March 2026. "
    "Write to desk@quillfeather.test or see https://www.quillfeather.test/rules. "
    "The Marlowe Room seats twenty-five readers. A fine of 3 euros is due after ninety days."
)


def kinds(answer: str, *sources: str) -> list[str]:
    return [claim.kind for claim in unsupported_claims(answer, [CONTEXT, *sources])]


@pytest.mark.parametrize(
    "answer",
    [
        "Loans last 21 days.",
        "That is £1250.50, or 1.250,50 in another notation.",
        "Renew until 2:30 pm on 2026-03-05.",
        "Renew until 2.30 p.m. on 5/3/2026.",
        "The room seats 25.",
        "It costs 3 euros after 90 days.",
        "Write to Desk@Quillfeather.test.",
        "See quillfeather.test/rules or http://quillfeather.test/rules/.",
        "In the Marlowe Room, and the Marlowe's seats.",
        "1. Renew\n2. Pay\n10. Leave [12]",
        "You are 100% right, one day you will see.",
        "It takes a second.",
        "Ask in the FAQ, OK?",
        "The fine is due after three months, or is it? Do you mean 44 days?",
        "The fine is EUR 3, and 2 fines are 3 + 3 = 6 euros.",
        "Loans last three weeks.",
        "Five loans of 21 days make 105 days.",
        "It is about the 21st century, the 2020s.",
        "I'm Tilda. Good morning, Sir.",
        "It is due on 05.03. or March 5th.",
        "Two loans cost 2 × 1250.50 = 2501 in all.",
        "The fine of 3 euros for four books is 12 euros. With the loan's £1,250.50 that makes 1262.50.",
        "Five days of loan at 3 euros come to 15 euros.",
        "Wash it at 21 degrees Celsius.",
    ],
)
def test_supported_claims_are_left_alone(answer: str) -> None:
    assert kinds(answer) == []


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("Loans last 28 days.", "number"),
        ("That is £1,350.50.", "number"),
        ("Renew until 14:45.", "number"),
        ("Renew until 7 March 2027.", "number"),
        ("Renew by 5 April.", "date"),
        ("Renew by 6 March, or 31. Januar.", "date"),
        ("The fine is 21 euros.", "number"),
        ("The fine is 50 euros.", "number"),
        ("The fine is 9 euros.", "number"),
        ("The fine is €4.", "number"),
        ("It takes six minutes.", "number"),
        ("Write to loans@quillfeather.test.", "address"),
        ("See https://quillfeather.test/loans.", "link"),
        ("It is next to the Ottersby Room.", "name"),
        ("Ask for Ms Penhaligon there.", "name"),
        ("Loans last 21 weeks.", "number"),
        ("The fine is 3 dollars.", "number"),
        ("The fine is forty-eight euros.", "number"),
        ("Loans cost £125,050.", "number"),
        ("It is about the 19th century.", "number"),
    ],
)
def test_unsupported_claims_are_found(answer: str, kind: str) -> None:
    found = unsupported_claims(answer, [CONTEXT])
    assert kind in [claim.kind for claim in found]
    assert all(answer[claim.start : claim.end] == claim.text for claim in found)


def test_the_conversation_supports_claims_too() -> None:
    assert kinds("For 44 books, ask Ottersby.", "I have 44 books from Ottersby") == []


def test_names_can_be_left_out_where_every_noun_is_written_like_one() -> None:
    answer = "Bitte bringen Sie den Ausweis und die Karte mit."
    assert unsupported_claims(answer, [CONTEXT], names=False) == []


def test_headlines_are_no_lists_of_names() -> None:
    assert kinds("How To Renew Your Loan In The App And Pay Every Open Fine Today") == []


def test_a_changed_digit_is_noticed_wherever_it_stands() -> None:
    assert [kinds(f"Renewals until {clock}.") for clock in ("14:31", "15:30", "21:05")] == [["number"]] * 3


def test_a_time_of_day_is_known_in_every_notation() -> None:
    hours = "Open from 9 to 17; soup until 13.45 Uhr, tea at 4 pm."
    answers = [
        "Open at 9:00.",
        "Open until 5 pm.",
        "Soup until 1:45 p.m.",
        "Soup until 13:45.",
        "Tea at 16:00.",
        "Tea at 16h00.",
    ]
    assert [unsupported_claims(answer, [hours]) for answer in answers] == [[]] * 6
    assert unsupported_claims("Soup until 13:09.", [hours]) != []
    assert unsupported_claims("Open until 88:00.", [hours]) != []


def test_a_time_of_day_supports_no_amount() -> None:
    assert unsupported_claims("It costs 17 pounds.", ["Open until 17:00."]) != []
    assert unsupported_claims("It is open until 17.", ["Open until 17:00."]) == []


def test_letters_that_grow_in_lower_case_do_not_move_the_marks() -> None:
    claim = unsupported_claims("İİİ costs 77 crowns", [CONTEXT])[-1]
    assert claim.text == "77"


def test_huge_numbers_do_no_harm() -> None:
    assert kinds("9" * 4000) == ["number"]
    assert unsupported_claims("12 34", ["1" * 5000]) != []


def test_what_follows_from_the_users_own_numbers_is_supported() -> None:
    asked = ["I moved on 3 March and have 60 books", "How long do I have, until 18:00?"]
    sources = ["Tell us within 14 days. A book costs 2.75.", *asked]

    def claims(answer: str) -> list[str]:
        return [claim.text for claim in unsupported_claims(answer, sources, asked=asked)]

    assert claims("Until 17 March. 60 books at 2.75 cost 165.00. Two hours before that is 16:00.") == []
    assert claims("Until 19 March.") == ["19 March"]
    assert claims("60 books at 2.75 cost 185.00.") == ["185.00"]
    assert claims("Two hours before that is 17:30.") == ["17:30"]


def test_a_telephone_number_and_a_decimal_fraction_hold_no_amounts() -> None:
    sources = ["Call 04 55 50 18 22. It costs 9.90 euros."]
    assert [c.text for c in unsupported_claims("It costs 22 euros or 90 days.", sources)] == ["22", "90"]
    assert unsupported_claims("Call 04 55 50 18 22, it begins with 04. It costs about 9 euros.", sources) == []


def test_an_answer_of_many_numbers_is_looked_at_in_no_time() -> None:
    assert len(unsupported_claims("77 and 7 days. " * 3000, [CONTEXT])) > 1000
