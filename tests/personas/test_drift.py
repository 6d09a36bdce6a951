"""Production's mix then and now."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.contracts import SanitizedSession, SegmentProfile
from personas.corpus import Corpus
from personas.divergence import divergence, divergence_by_chance, effective_sessions
from personas.drift import Assigner, Memory, measure, remember
from personas.phrases import mine
from personas.segments import segment
from tests.personas.logs import library_sessions, session_of

shares = st.lists(st.floats(0, 1), min_size=2, max_size=8).filter(lambda xs: sum(xs) > 0.01)


def _about(topic: str, count: int, *, start: int = 0) -> list[SanitizedSession]:
    texts = {
        "loan": ("how do I renew my loan", "my loan is overdue and I cannot renew it"),
        "room": ("please book a study room for a group", "is the study room free for my group"),
        "fee": ("why is there a late fee on my account", "pay the late fee of my account"),
        "music": ("where are the jazz records and the turntable", "can the turntable play jazz records"),
    }[topic]
    return [
        session_of(texts[i % 2], user=f"{topic}-{start + i}", session_id=f"{topic}-{start + i}") for i in range(count)
    ]


def _memory(sessions: list[SanitizedSession], wanted: int) -> Memory:
    corpus = Corpus(sessions, min_users=5)
    return remember(segment(corpus, mine(corpus), wanted=wanted, seed=7).segments, corpus)


@pytest.fixture(scope="module")
def memory() -> Memory:
    return _memory([*_about("loan", 60), *_about("room", 40), *_about("fee", 20)], 3)


@given(one=shares)
def test_a_mix_does_not_diverge_from_itself(one: list[float]) -> None:
    assert divergence(one, one) == pytest.approx(0, abs=1e-9)


@given(one=shares, other=shares)
def test_divergence_is_symmetric_and_between_nought_and_one_bit(one: list[float], other: list[float]) -> None:
    size = min(len(one), len(other))
    there, back = divergence(one[:size], other[:size]), divergence(other[:size], one[:size])
    assert there == pytest.approx(back)
    assert 0 <= there <= 1


def test_mixes_without_anything_in_common_diverge_by_one_bit() -> None:
    assert divergence([1, 0], [0, 1]) == pytest.approx(1)


def test_divergence_agrees_with_its_definition() -> None:
    """Half the Kullback-Leibler divergences from the mean, worked out by hand for (3/4, 1/4) and (1/4, 3/4)."""
    expected = 0.75 * math.log2(0.75 / 0.5) + 0.25 * math.log2(0.25 / 0.5)
    assert divergence([0.75, 0.25], [0.25, 0.75]) == pytest.approx(expected)


def test_samples_of_one_mix_stay_below_chance_as_often_as_said() -> None:
    """2,000 pairs of samples of one distribution: some 1 % of them lie above."""
    import numpy as np

    rng = np.random.default_rng(1)
    mix, chance = [0.4, 0.3, 0.2, 0.1], divergence_by_chance(4, 300, 200)
    above = [
        divergence(rng.multinomial(300, mix).astype(float), rng.multinomial(200, mix).astype(float)) > chance
        for _ in range(2000)
    ]
    assert 0.003 < sum(above) / 2000 < 0.02


def test_a_user_who_says_the_same_ten_times_counts_about_once() -> None:
    import numpy as np

    rng = np.random.default_rng(1)
    kinds = rng.choice(4, 300)
    users = [f"user-{number}" for number in range(300)]
    assert effective_sessions(kinds, users) == pytest.approx(300, rel=0.01)
    assert effective_sessions(np.repeat(kinds, 10), [user for user in users for _ in range(10)]) == pytest.approx(
        300, rel=0.01
    )


def test_sessions_that_do_not_depend_on_whose_they_are_count_each() -> None:
    import numpy as np

    rng = np.random.default_rng(2)
    users = [f"user-{number % 300}" for number in range(3000)]
    assert effective_sessions(rng.choice(4, 3000), users) > 2600


@pytest.mark.parametrize(("kinds", "users"), [([], []), ([0, 0], ["a", "b"]), ([0, 1], ["a", "a"])])
def test_a_mix_of_one_part_or_one_user_has_as_many_observations_as_users(kinds: list[int], users: list[str]) -> None:
    import numpy as np

    assert effective_sessions(np.array(kinds, dtype=np.intp), users) == len(set(users))


def test_rare_words_do_not_make_later_sessions_of_the_same_kind_look_new() -> None:
    """Most words are below k in the kept profiles; what is compared with them was measured in the same way."""
    import random

    rng = random.Random(3)
    odd = [
        f"{a}{b}{c}" for a in "bdfgklmnprstvz" for b in "aeiou" for c in ("lmer", "ndot", "rsip", "stav", "vuk", "zmol")
    ]

    def half(start: int) -> list[SanitizedSession]:
        return [
            session_of(
                f"how do I {rng.choice(('renew my loan', 'book a study room'))} for {' '.join(rng.sample(odd, rng.randrange(7)))}",
                user=f"user-{start + i}",
                session_id=f"s-{start + i}",
            )
            for i in range(200)
        ]

    drift = measure(_memory(half(0), 2), half(1000))
    assert not drift.is_real
    assert drift.new_now - drift.new_then <= drift.new_by_chance


def test_the_same_traffic_has_not_moved(memory: Memory) -> None:
    drift = measure(
        memory, [*_about("loan", 60, start=99), *_about("room", 40, start=99), *_about("fee", 20, start=99)]
    )
    assert not drift.is_real
    assert drift.new_now < 0.1


def test_traffic_that_moved_is_seen_in_the_segments_it_moved_to(memory: Memory) -> None:
    drift = measure(memory, [*_about("loan", 10, start=99), *_about("fee", 110, start=99)])
    assert drift.is_real
    assert drift.divergence > 0.2
    risen = max(drift.segments, key=lambda s: s.now - s.then)
    assert risen.then == pytest.approx(20 / 120, abs=0.05)
    assert risen.now == pytest.approx(110 / 120, abs=0.05)


def test_traffic_of_a_new_kind_fits_no_segment(memory: Memory) -> None:
    drift = measure(memory, [*_about("loan", 60, start=99), *_about("music", 60)])
    assert drift.new_now - drift.new_then > 0.4
    assert drift.to_dict()["new_traffic"]["now"] == pytest.approx(drift.new_now)


def test_what_is_remembered_was_written_by_k_users_in_the_segment(memory: Memory) -> None:
    rare = [session_of("renew my loan of the zeppelin atlas", user=f"odd-{i}", session_id=f"odd-{i}") for i in range(4)]
    remembered = _memory([*_about("loan", 40), *rare], 1)
    written = b"".join(profile.to_json() for profile in remembered.profiles).decode()
    assert "loan" in written
    assert "zeppelin" not in written


def test_a_session_without_content_fits_nothing(memory: Memory) -> None:
    labels, similar = Assigner(memory.profiles).nearest([frozenset(), frozenset({"loan"})])
    assert similar[0] == 0.0
    assert similar[1] > 0.0
    assert "loan" in memory.profiles[labels[1]].terms


def test_a_dataset_in_which_nobody_speaks_has_no_mix_to_compare(memory: Memory) -> None:
    drift = measure(memory, [])
    assert drift.sessions == 0
    assert not drift.is_real


def test_segments_without_a_common_word_remember_nothing_and_fit_nothing() -> None:
    bare = SegmentProfile(segment_id="s", label="x", share=1.0, sessions=3, users=5)
    assert list(Assigner([bare]).nearest([frozenset({"loan"})])[1]) == [0.0]


def test_segments_are_told_apart_by_their_words_alone() -> None:
    memory = _memory(library_sessions(200), 3)
    assert sum(p.assigned_share for p in memory.profiles) == pytest.approx(1 - memory.unfit_share)
    assert memory.unfit_share < 0.1
