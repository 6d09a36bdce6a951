"""Personas of two suites that stand for the same kind of traffic."""

from harness.contracts import Persona, SegmentProfile
from personas.matching import matched, similarities


def _persona(name: str, segment_id: str, *goals: str) -> Persona:
    return Persona(
        persona_id=name, name=name, description="", goals=list(goals), segment_id=segment_id, traffic_share=0.5, users=9
    )


def _profile(segment_id: str, **terms: int) -> SegmentProfile:
    return SegmentProfile(segment_id=segment_id, label=segment_id, share=0.5, sessions=10, users=9, terms=terms)


def test_the_nearest_segment_by_its_words_is_the_same_traffic() -> None:
    old = [_persona("old-loan", "s-1"), _persona("old-room", "s-2")]
    new = [_persona("new-room", "s-3"), _persona("new-loan", "s-4")]
    found = matched(
        old,
        [_profile("s-1", loan=9, renew=8), _profile("s-2", room=9, book=4)],
        new,
        [_profile("s-3", room=8, book=6, group=2), _profile("s-4", loan=7, renew=7, late=1)],
    )
    assert found == {"old-loan": "new-loan", "old-room": "new-room"}


def test_the_same_segment_is_itself_whatever_its_words() -> None:
    assert matched([_persona("a", "s-1")], [], [_persona("b", "s-1")], []) == {"a": "b"}


def test_traffic_that_is_gone_has_no_like() -> None:
    old, new = [_persona("a", "s-1")], [_persona("b", "s-2")]
    assert matched(old, [_profile("s-1", loan=9)], new, [_profile("s-2", jazz=9)]) == {}


def test_a_persona_without_a_memory_is_known_by_its_goals() -> None:
    old = [_persona("a", "s-1", "renew my loan", "renew my card")]
    new = [_persona("b", "s-2"), _persona("c", "s-3")]
    assert matched(old, [], new, [_profile("s-2", loan=9, renew=9, card=5), _profile("s-3", room=9)]) == {"a": "b"}


def test_several_old_personas_may_go_to_one() -> None:
    old = [_persona("a", "s-1"), _persona("b", "s-2")]
    profiles = [_profile("s-1", loan=9), _profile("s-2", loan=5)]
    assert matched(old, profiles, [_persona("n", "s-3")], [_profile("s-3", loan=3)]) == {"a": "n", "b": "n"}


def test_nobody_matches_nobody() -> None:
    assert matched([], [], [_persona("a", "s")], []) == {}


def test_segments_without_words_are_like_nothing() -> None:
    assert similarities([_profile("s-1")], [_profile("s-2", loan=3)]).tolist() == [[0.0]]
