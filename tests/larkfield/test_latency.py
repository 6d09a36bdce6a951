import pytest

from larkfield.latency import Line


def test_the_same_prompt_has_the_same_base_time() -> None:
    assert Line(base_ms=40, seed=1).service_s("hi") == Line(base_ms=40, seed=1).service_s("hi")
    assert Line(base_ms=40, seed=1).service_s("hi") != Line(base_ms=40, seed=2).service_s("hi")


def test_base_times_lie_around_the_median_asked_for() -> None:
    line = Line(base_ms=40, seed=0)
    times = sorted(line.service_s(f"prompt {number}") for number in range(2001))
    assert times[1000] == pytest.approx(0.04, rel=0.1)


def test_a_crowd_makes_everybody_wait_longer() -> None:
    line = Line(base_ms=40, seed=0)
    with line.place():
        alone = line.service_s("hi")
        with line.place(), line.place():
            assert line.in_flight == 3
            assert line.service_s("hi") == pytest.approx(alone + 2 * 0.4 * 0.04)
    assert line.in_flight == 0


def test_a_place_is_given_back_when_the_work_fails() -> None:
    line = Line(base_ms=40, seed=0)
    with pytest.raises(RuntimeError), line.place():
        raise RuntimeError
    assert line.in_flight == 0
