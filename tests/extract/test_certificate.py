"""The certificate's parts: tracers, the exact interval, the audit, and arrivals in cells of k users."""

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.arrivals import MINUTES, ArrivalCounts
from extract.audit import OutputAudit
from extract.certificate import recall_lower
from extract.tracers import make_tracers
from harness.contracts import SanitizedSession, Turn
from harness.pii.documents import passes_luhn, passes_mod97


def session(*texts: str) -> SanitizedSession:
    return SanitizedSession(
        session_id="s", user_key="u", started_on=dt.date(2026, 1, 1), turns=[Turn(role="user", text=t) for t in texts]
    )


@pytest.mark.parametrize(
    ("found", "total", "lower"),
    [(600, 600, 0.993871), (0, 10, 0.0), (10, 10, 0.691503), (5, 10, 0.187086), (584, 600, 0.957056)],
)
def test_the_lower_end_is_clopper_and_pearsons(found: int, total: int, lower: float) -> None:
    """Reference values: scipy.stats.beta.ppf(0.025, found, total - found + 1)."""
    assert recall_lower(found, total) == pytest.approx(lower, abs=1e-6)


def test_tracers_are_the_same_for_a_seed_and_their_numbers_are_valid() -> None:
    tracers = make_tracers(200, seed=3)
    assert tracers == make_tracers(200, seed=3)
    assert tracers != make_tracers(200, seed=4)
    for tracer in tracers:
        assert tracer.value in tracer.sentence
        digits = "".join(c for c in tracer.value if c.isdigit())
        assert tracer.entity != "CREDIT_CARD" or passes_luhn(digits)
        assert tracer.entity != "IBAN_CODE" or passes_mod97(tracer.value.replace(" ", ""))


def test_the_audit_finds_own_values_here_and_telling_ones_everywhere() -> None:
    audit = OutputAudit(["Ottoline Ferncastle", "u-998877", "Maria"])
    assert audit.look(session("hello maria, it is OTTOLINE, ferncastle!"), own=["Maria"]) == 2
    assert audit.look(session("hello maria", "u 998877"), own=[]) == 1
    assert audit.look(session("<PERSON_1> was here"), own=["PERSON_1", "person"]) == 0
    assert audit.leaks == 3


MONDAY = dt.datetime(2026, 10, 5, tzinfo=dt.UTC)


@given(st.lists(st.tuples(st.integers(0, 3 * MINUTES), st.integers(0, 9)), max_size=80), st.integers(2, 6))
def test_cells_cover_the_week_once_and_hold_k_users(requests: list[tuple[int, int]], k: int) -> None:
    counts = ArrivalCounts()
    for minute, user in requests:
        counts.add(MONDAY + dt.timedelta(minutes=minute), f"u{user}")
    cells = counts.arrivals(k).cells
    if len({user for _, user in requests}) < k:
        assert cells == []
        return
    assert cells[0].from_minute == 0
    assert cells[-1].to_minute == MINUTES
    assert all(a.to_minute == b.from_minute for a, b in pairwise(cells))
    for cell in cells:
        inside = {user for minute, user in requests if cell.from_minute <= minute % MINUTES < cell.to_minute}
        assert len(inside) >= k


def test_rates_are_per_covered_minute() -> None:
    """One request a minute for two hours is one a minute, not two hours' worth spread over a week."""
    counts = ArrivalCounts()
    for minute in range(120):
        counts.add(MONDAY + dt.timedelta(hours=10, minutes=minute), f"u{minute % 7}")
    assert {cell.requests_per_minute for cell in counts.arrivals(5).cells} == {1.0}
