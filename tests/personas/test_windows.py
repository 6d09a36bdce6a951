"""Hashes of windows of words."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from personas.windows import Hashes, Windows, scrambled, windows_of

SIZE = 8
TEXT = st.lists(st.integers(1, 9), min_size=SIZE, max_size=SIZE)


def _hash(words: list[int]) -> int:
    return int(Windows(SIZE).whole(_row(words))[0])


def _row(words: list[int]) -> Hashes:
    return scrambled(np.array([words], dtype=np.uint64))


@given(TEXT, st.integers(1, SIZE - 2), st.integers(1, 9))
def test_windows_that_differ_at_one_inner_place_are_alike_where_that_is_left_open(
    words: list[int], place: int, other: int
) -> None:
    changed = [*words[:place], other, *words[place + 1 :]]
    one, two = (Windows(SIZE).opened(_row(text))[0] for text in (words, changed))
    assert one[place - 1] == two[place - 1]


@given(TEXT, st.integers(1, SIZE - 2))
def test_a_window_with_a_word_left_out_is_like_the_whole_one_with_that_place_left_open(
    words: list[int], place: int
) -> None:
    shorter = [*words[:place], *words[place + 1 :]]
    left_out = Windows(SIZE).with_one_more(_row(shorter))[0]
    assert left_out[place - 1] == Windows(SIZE).opened(_row(words))[0][place - 1]


@given(TEXT, st.integers(1, SIZE - 1), st.integers(1, 9))
def test_a_window_with_a_word_too_many_is_the_window_without_it(words: list[int], place: int, added: int) -> None:
    longer = [*words[:place], added, *words[place:]]
    assert int(Windows(SIZE).with_one_less(_row(longer))[0][place - 1]) == _hash(words)


@given(TEXT, st.integers(0, SIZE - 2))
def test_swapping_two_neighbours_back_gives_the_window(words: list[int], place: int) -> None:
    swapped = [*words]
    swapped[place], swapped[place + 1] = swapped[place + 1], swapped[place]
    assert int(Windows(SIZE).swapped(_row(swapped))[0][place]) == _hash(words)


def test_a_text_shorter_than_a_window_has_none() -> None:
    assert windows_of(np.arange(3, dtype=np.uint64), 4).shape == (0, 4)
    assert windows_of(np.arange(5, dtype=np.uint64), 4).tolist() == [[0, 1, 2, 3], [1, 2, 3, 4]]
