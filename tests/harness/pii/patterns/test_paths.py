"""Names in home folders, accounts of a domain, log lines and file names are found; those of machines stay."""

import pytest

from harness.pii.detector import Detector
from tests.harness.pii.marked import is_gone, marked_lines

NAMED = r"""
it is in C:\Users\[[mokoro]]\Downloads
cannot read /home/[[mokoro]]/.config/app.toml
open /Users/[[marit]]/Desktop/tax.ods
~[[mokoro]]/notes is gone
my login NORTHSEA\[[mokoro]] is locked
level=warn msg=denied user=[[mokoro]] status=403
uid=[[1004]]([[mokoro]]) tried sudo
198.51.100.7 - [[mokoro]] [04/Mar/2026:09:12:01 +0000] "POST /pay HTTP/1.1" 500
I sent CV_[[Marta_Quillfeather]].pdf
scan-[[Quillfeather-Marta]].jpg is my passport
"""
NOBODYS = (
    r"C:\Users\Public\Documents",
    "/home/user/project/main.py",
    "/home/runner/work",
    "user=admin status=200",
    "see report_final_v3.pdf",
    "IMG_20260401_101112.jpg",
    "invoice_template.docx",
    "either and\\or both accounts",
)


@pytest.mark.parametrize("line", [line for line in marked_lines(NAMED) if "198.51" not in line])
def test_who_a_path_is_called_after_goes(line: str) -> None:
    """What stands in double brackets is gone."""
    is_gone(line)


def test_the_user_of_an_access_log_goes() -> None:
    """Between the machine's address and the time."""
    line = next(line for line in marked_lines(NAMED) if "198.51" in line)
    text = line.replace("[[", "").replace("]]", "")
    assert "mokoro" in {text[span.start : span.end] for span in Detector("strict").find(text)}


@pytest.mark.parametrize("text", NOBODYS)
def test_a_path_that_is_called_after_nobody_stays(text: str) -> None:
    """The patterns find nothing."""
    assert Detector("strict").find(text) == []
