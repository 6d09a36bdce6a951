"""What sanitizing costs."""

from extract.certifying.utility import over_redaction
from extract.profiles import Profiles
from extract.sanitizing import SessionSanitizer
from extract.tracing.material import ordinary_lines
from harness.pii.detector import detector
from tests.extract.finders import Finder, failing, first_word


def test_lost_words_are_counted_with_an_exact_interval() -> None:
    lost = over_redaction(SessionSanitizer(Finder(first_word), Profiles()), ["one two", "three four five"])
    assert (lost.messages, lost.words, lost.lost, lost.share) == (2, 5, 2, 0.4)
    assert lost.lower < 0.4 < lost.upper


def test_a_message_that_cannot_be_sanitized_is_lost_whole() -> None:
    lost = over_redaction(SessionSanitizer(Finder(failing), Profiles()), ["one two", "three"])
    assert (lost.words, lost.lost) == (3, 3)


def test_the_sanitizer_leaves_most_ordinary_words_alone() -> None:
    lost = over_redaction(SessionSanitizer(detector("strict"), Profiles()))
    assert lost.messages == len(ordinary_lines()) >= 300
    assert lost.words > 2_000
    assert lost.share < 0.05
