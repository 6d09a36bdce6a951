"""Values that are written so that only a reader sees them: odd figures, invisible signs, pictures, letters for figures."""

import pytest

from harness.pii.detector import Detector
from harness.pii.patterns.disguises import seen

HIDDEN = {
    "invisible blanks": "card 5555\u200b5555\u200b5555\u200b4444 please",
    "wide figures": "\uff15\uff15\uff15\uff15 5555 5555 4444",
    "ringed figures": "\u2464\u2464\u2464\u2464 5555 5555 \u2463\u2463\u2463\u2463",
    "pictures between the groups": "5555\U0001f4b35555\U0001f4b35555\U0001f4b34444",
    "figures on keys": "".join(f"{figure}\ufe0f\u20e3" for figure in "5555555555554444"),
    "marks of direction": "5555\u200e5555\u200e5555\u200e4444",
    "hyphens that do not break": "5555\u20115555\u20115555\u20114444",
    "blanks that do not break": "5555\u00a05555\u00a05555\u00a04444",
    "letters for figures": "5555 5S55 SS55 4444",
}


@pytest.mark.parametrize("text", HIDDEN.values(), ids=HIDDEN)
def test_a_card_number_is_found_however_it_is_written(text: str) -> None:
    """No group of its figures is left."""
    left = text
    for span in reversed(Detector("strict").find(text)):
        left = left[: span.start] + left[span.end :]
    assert not any(char.isdigit() for char in left)


def test_an_address_with_another_scripts_dot_and_sign_is_found() -> None:
    """The span covers the address as it is written."""
    text = "schreib an quill\uff20posteo\u3002de bitte"
    (span,) = Detector("strict").find(text)
    assert text[span.start : span.end] == "quill\uff20posteo\u3002de"


@pytest.mark.parametrize("text", ["plain", "Grüße aus Köln, 20 °C", "so happy \U0001f600", "12 m² in Ærø"])
def test_ordinary_text_is_seen_as_it_is_written(text: str) -> None:
    """Only what hides something is looked at twice."""
    assert seen(text) is None


def test_places_in_a_seen_text_lead_back() -> None:
    """Each character of the seen text knows where it stands."""
    found = seen("a\u200bb\uff11")
    assert found is not None
    assert (found.text, found.starts) == ("ab1", (0, 2, 3, 4))
