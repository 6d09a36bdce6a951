"""Values as people and machines write them where nobody expects them; found by the patterns alone."""

import pytest

from harness.pii.answers import find_answered_name, find_answered_value
from harness.pii.patterns.books import STRICT
from harness.pii.patterns.rules import Facts
from tests.harness.pii.marked import is_gone, marked_lines

CONTACTS = """
?mail=[[quill%2Bshop%40posteo.test]]&page=2
[[quill.t@@posteo.test]] with two signs
[[quill.t#gmx.de]] since my key is broken
[[quill at t minus online punkt de]]
[[quill titik tom at gmail titik com]]
my psn id is [[xx_quill_xx]]
skype: [[live:.cid.7f3a99c0]]
twitch.tv/[[quillplays]] is mine
call [[(503) CALL-TOM]]
starts with [[07700]] then [[901]] then [[122]]
extension [[3391]]
ext. [[3391]] please
dial [[3391]] for me
[[O77OO 9O1 122]]
"""
MONEY = """
card [[5555 then 5555 then 5555 then 4444]]
exp [[0929]]
expiry date [[2029-09]]
my card expires [[september 2029]]
the 4 digits on the back are [[3391]]
{"pan":"[[5555555555554444]]","cvc":"[[339]]"}
s/c [[40 22 19]] a/c [[77120033]]
my seed is [[ocean garden river stone window pencil market candle silver planet bridge forest]]
"""
PAPERS = """
tracking [[1Z 884 X7A 03 9911 2244]]
[[cus_QwErTyUiOpAs9D]]
Az. [[7 O 113/26]]
meter serial [[22K0998877]]
locator: [[QX7 R2M]]
RV-Nummer [[15 070649 C 103]]
[[P<UTOQUILLFEATHER<<TOM<<<<<<<<<<<<<<<<<<<<<<<]]
passport [[q x 7 7 1 2 0 0 3]]
plaka [[06 QX 771]]
[[4th of may 71]]
born on the [[fourth of may nineteen seventy-one]]
[[04/05/71]] is my birthday
I turned 50 on [[may 4th]]
geboren op [[4 maart 1971]]
my mother is [[97]] years old
"""
SECRETS = """
old password [[Herbst2025!]] new [[Fruehling2026!]]
my pass word was [[larkspur]]
router key [[7A9C3E1B5D]]
combination [[22-17-35]]
memorable word: [[larkspur]]
mother's maiden name is [[Quillfeather]]
gate code is [[#3391]]
[[rzp_live_QwErTyUiOpAsDf]]
prod_secret_access_key=[[q7Xr/9mWv2Kt+Lp4Zn8Bd/3HsQw6Yf1Gc5JkAe0U]]
[[MjAzNDU2Nzg5MDEyMzQ1Njc4.Qx7Rt9.kLm3nOp5qRs7tUv9wXy1zAb3cDe]]
[[redis://:larkspur9@cache.test:6379/1]]
"""
PLACES = """
lat=[[48.858222]]&lon=[[2.294500]]
{"latitude": [[48.858222]], "longitude": [[2.294500]]}
GPSLatitude: [[48 deg 51' 29.60" N]]
[[N 48 51.493 E 002 17.670]]
what3words [[lamp.river.chair]]
[[8FW4+V7 Larkfield]]
POINT([[2.2945 48.8582]])
[[48,8582; 2,2945]]
"""
ORDINARY = (
    "the EAN is 4012345678901",
    "item no. 203.441.77 in the catalogue",
    "browser 131.0.6778.86",
    "I want to transfer 2500 to my pot",
    "KL1009 to Oslo",
    "a 787-9 or 777-200LR",
    "C6H12O6 is glucose",
    "loi n° 84-52 du 26 janvier 1984",
    "passport photo 45 x 35 mm",
    "I am 90 kg now",
    "the house is 100 years old",
    "an extension of 30 days",
    "combination of 2 drugs",
    "the new 2fa password rules",
    "10 20 30 40",
    "on 4 may 50 people came",
)


@pytest.mark.parametrize(
    "line", [line for text in (CONTACTS, MONEY, PAPERS, SECRETS, PLACES) for line in marked_lines(text)]
)
def test_it_goes(line: str) -> None:
    """What stands in double brackets is gone."""
    is_gone(line)


@pytest.mark.parametrize("text", ORDINARY)
def test_what_is_nobodys_stays(text: str) -> None:
    """The patterns find nothing."""
    assert STRICT.find(Facts.of(text)) == []


@pytest.mark.parametrize(
    ("question", "reply"),
    [
        ("And your surname?", "Lark"),
        ("Wie ist Ihr Nachname?", "Feder"),
        ("¿Cuál es su apellido?", "Plumas"),
        ("siapa nama anda?", "Bulan"),
        ("Full name please", "will hope"),
    ],
)
def test_a_name_is_an_answer_in_many_languages(question: str, reply: str) -> None:
    """Also one that is a word."""
    span = find_answered_name(question, reply)
    assert span is not None
    assert reply[span.start : span.end] == reply


@pytest.mark.parametrize("reply", ["hope so", "will do", "yes please", "not now"])
def test_a_phrase_is_no_name(reply: str) -> None:
    """A question for a name is often answered by something else."""
    assert find_answered_name("Your name please?", reply) is None


@pytest.mark.parametrize(
    ("question", "reply"),
    [
        ("Policy number?", "double nine, four three, one"),
        ("Booking reference please", "quebec seven tango two"),
        ("dob?", "may fourth seventy one"),
        ("and the cvv", "339"),
        ("zip code please", "nine seven two oh one"),
        ("What is the licence plate of the car?", "QX77 RTB"),
        ("my number is 07700", "901"),
        ("901", "122"),
        ("your birth year", "71"),
    ],
)
def test_a_value_is_an_answer_as_it_is_said(question: str, reply: str) -> None:
    """Nothing of it is left."""
    span = find_answered_value(question, reply)
    assert span is not None
    assert reply[span.start : span.end] == reply
