import pytest

from reports import figures


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (None, "–"),
        (0.0, "0 %"),
        (0.0486, "4.9 %"),
        (0.02, "2 %"),
        (0.00043, "0.043 %"),
        (0.107, "10.7 %"),
        (1.0, "100 %"),
    ],
)
def test_shares_read_as_per_cent(share: float | None, text: str) -> None:
    assert figures.percent(share).replace("\u202f", " ") == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(4.25, "4.2 s"), (52.6, "53 s"), (59.8, "1 min 0 s"), (61, "1 min 1 s"), (7384, "2 h 3 min")]
)
def test_durations_read_in_their_two_largest_units(seconds: float, text: str) -> None:
    assert figures.duration(seconds).replace("\u202f", " ") == text


def test_small_sums_do_not_look_free() -> None:
    assert figures.dollars(0.0042) == "$0.0042"
    assert figures.dollars(1234.5) == "$1,234.50"
    assert figures.dollars(0) == "$0"


def test_metrics_read_in_the_unit_that_their_name_tells() -> None:
    assert figures.measured("p95_ms", 1740).replace("\u202f", " ") == "1,740 ms"
    assert figures.measured("error_rate", 0.008).replace("\u202f", " ") == "0.8 %"
    assert figures.measured("ttft_p95_ms", 12_340).replace("\u202f", " ") == "12.3 s"
    assert figures.measured("p95_ms", None) == "–"
