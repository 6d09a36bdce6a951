"""Production's mix then and now."""

import math
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.contracts import SanitizedSession, SegmentProfile
from personas.corpus import Corpus
from personas.divergence import divergence, divergence_by_chance, effective_sessions
from personas.drift import Assigner, Memory, measure, remember
from personas.phrases import mine
from personas.segments import Segment, segment
from personas.traits import Manner
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
    """2,000 pairs of samples of one distribution: some 0.1 % of them lie above."""
    import numpy as np

    rng = np.random.default_rng(1)
    mix = [0.4, 0.3, 0.2, 0.1]
    chance = divergence_by_chance(mix, 300, 200)
    above = [
        divergence(rng.multinomial(300, mix).astype(float), rng.multinomial(200, mix).astype(float)) > chance
        for _ in range(2000)
    ]
    assert sum(above) / 2000 < 0.005


@pytest.mark.parametrize(("parts", "one", "other"), [(13, 60, 60), (31, 60, 200), (40, 60, 60)])
def test_parts_of_one_or_two_sessions_raise_no_false_alarm(parts: int, one: int, other: int) -> None:
    """The bound follows from the pooled samples, as it does in use; χ² was passed by up to 7 % of these pairs."""
    import numpy as np

    rng = np.random.default_rng(4)
    above = 0
    for _ in range(120):
        p, q = (rng.multinomial(size, np.full(parts, 1 / parts)) for size in (one, other))
        chance = divergence_by_chance((p + q).astype(float), one, other)
        above += divergence(p.astype(float), q.astype(float)) > chance
    assert above <= 2


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


_ODD = [
    f"{a}{b}{c}" for a in "bdfgklmnprstvz" for b in "aeiou" for c in ("lmer", "ndot", "rsip", "stav", "vuk", "zmol")
]


def _sampled(rng: random.Random, start: int) -> tuple[list[SanitizedSession], list[int]]:
    """Return sessions of one distribution, with a tail of words about as frequent as k users, and their topics."""
    topics = [rng.choice((0, 0, 1)) for _ in range(200)]
    tail = [1 / (place + 3) for place in range(len(_ODD))]
    texts = [
        f"{('renew the loan', 'book a study room')[topic]} for {' '.join(rng.choices(_ODD, tail, k=rng.randrange(1, 7)))}"
        for topic in topics
    ]
    return [session_of(t, user=f"u-{start + i}", session_id=f"s-{start + i}") for i, t in enumerate(texts)], topics


def _segment_of(number: int, members: list[int], share: float) -> Segment:
    manner = Manner(words=6, turns=1, lower_case=0, no_full_stop=0, polite=0, upset=0, slips=0)
    name = f"segment-{number}"
    return Segment(name, name, 0.0, tuple(members), len(members), share, manner, Counter(en=len(members)), None, (), ())


def test_two_samples_of_one_distribution_raise_hardly_an_alarm() -> None:
    """Words of about k users are known to the sessions that the memory was measured on as often as to later ones."""
    new, real, rises = 0, 0, []
    for seed in range(20):
        rng = random.Random(seed)
        sessions, topics = _sampled(rng, 0)
        corpus = Corpus(sessions, min_users=5)
        groups = [[i for i, topic in enumerate(topics) if topic == number] for number in range(2)]
        memory = remember([_segment_of(n, group, len(group) / 200) for n, group in enumerate(groups)], corpus)
        drift = measure(memory, _sampled(rng, 1000)[0])
        new += drift.new_now - drift.new_then > drift.new_by_chance
        real += drift.is_real
        rises.append(drift.new_now - drift.new_then)
    assert new <= 1
    assert real <= 1
    assert abs(sum(rises) / len(rises)) < 0.012


def test_sessions_of_no_segment_do_not_look_new_tomorrow() -> None:
    """What was dropped below k is traffic as well, and its like comes again."""
    strange = [session_of("quantum flux overhaul manual", user=f"odd-{i}", session_id=f"odd-{i}") for i in range(20)]
    corpus = Corpus([*_about("loan", 60), *_about("room", 60), *strange], min_users=5)
    groups = [list(range(60)), list(range(60, 120))]
    memory = remember([_segment_of(n, group, 0.5) for n, group in enumerate(groups)], corpus)
    again = measure(memory, corpus.sessions)
    assert memory.unfit_share == pytest.approx(20 / 140, abs=0.02)
    assert not again.is_real
    assert again.new_now - again.new_then <= again.new_by_chance


def test_the_same_traffic_has_not_moved(memory: Memory) -> None:
    drift = measure(
        memory, [*_about("loan", 60, start=99), *_about("room", 40, start=99), *_about("fee", 20, start=99)]
    )
    assert not drift.is_real
    assert drift.new_now < 0.1


def test_segments_found_on_their_own_sessions_raise_no_false_alarm() -> None:
    """The whole way: segments are made of the first sample, whose sessions fit them better than any later ones."""
    wishes = ["renew the loan", "book a study room", "pay the late fee", "find an audio book", "print a document"]
    alarms = 0
    for seed in range(12):
        rng = random.Random(seed)
        said = [
            f"{rng.choice(('how do I', 'I want to', 'can I'))} {rng.choice(wishes)} {rng.choice(_ODD[:40])}"
            for _ in range(300)
        ]
        sessions = [session_of(text, user=f"u-{n}", session_id=f"s-{n}") for n, text in enumerate(said)]
        drift = measure(_memory(sessions[:150], 8), sessions[150:])
        alarms += drift.is_real or drift.new_now - drift.new_then > drift.new_by_chance
    assert alarms <= 1


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
