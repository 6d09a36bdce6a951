"""The copy firewall."""

from hypothesis import given
from hypothesis import strategies as st

from personas.copying import RUN, CopyFirewall
from personas.lexicon import words

LINE = "Yesterday I returned the green atlas to the desk on the second floor, but nobody took it."
WORDS = st.lists(
    st.sampled_from(["ash", "birch", "cedar", "elm", "fir", "larch", "maple", "oak", "pine", "yew"]),
    min_size=0,
    max_size=30,
)


def test_a_run_of_eight_words_is_a_copy_whatever_its_capitals_and_marks() -> None:
    firewall = CopyFirewall([LINE])
    assert firewall.reason(["so THE GREEN atlas; to the desk, on the... fine"]) == "copied_run"


def test_seven_words_in_a_row_are_not_a_copy() -> None:
    assert CopyFirewall([LINE]).reason(["green atlas to the desk on the moon"]) is None


def test_a_run_over_the_end_of_a_turn_counts() -> None:
    """Suites are searched with the turns of a prompt joined."""
    assert CopyFirewall([LINE]).reason(["green atlas to the", "desk on the second floor"]) == "copied_run"


def test_a_joined_word_counts_as_one_and_as_two() -> None:
    """Who looks for copies may read "I'm" either way, in the prompt and in the log."""
    plain, joined = "How do I reserve my new seat I just got?", "We re-sat there, and don't know what's left"
    assert CopyFirewall([plain]).reason(["How do I reserve my new seat? I\u2019m in a hurry."]) == "copied_run"
    assert CopyFirewall([joined]).reason(["We re sat there and don t know!"]) == "copied_run"
    assert CopyFirewall([joined]).reason(["And dont know whats left"]) is None


def test_a_run_over_the_end_of_a_logged_line_is_nobodys() -> None:
    assert (
        CopyFirewall(["one two three four", "five six seven eight"]).reason(
            ["zero one two three four five six seven eight nine"]
        )
        is None
    )


def test_a_whole_short_message_of_somebody_is_a_copy() -> None:
    firewall = CopyFirewall(["Where is my atlas?"])
    assert firewall.reason(["where is my atlas"]) == "copied_message"
    assert firewall.reason(["where is my new atlas"]) is None


def test_a_window_that_differs_in_one_word_is_a_near_copy() -> None:
    changed = "returned the green atlas to the shop on the second floor".replace("shop", "counter")
    assert CopyFirewall([LINE]).reason([f"well {changed} again"]) == "near_copy"


def test_nothing_is_a_copy_of_no_logs() -> None:
    assert CopyFirewall([]).reason(["one two three four five six seven eight nine ten eleven"]) is None


def test_a_copy_in_disguise_is_a_copy() -> None:
    firewall = CopyFirewall([LINE])
    assert firewall.reason(["Yesterday I retured the greeen atlsa to teh desk on the second floor"]) == "copied_run"
    assert firewall.reason(["yesterday i rеturnеd the ＧＲＥＥＮ at\u200blas to the desk"]) == "copied_run"


def test_the_run_that_counts_can_be_configured() -> None:
    assert CopyFirewall([LINE], run=5).reason(["my green atlas to the desk was red"]) == "copied_run"
    assert CopyFirewall([LINE], run=12).reason(["green atlas to the desk on the second balcony of mine"]) is None


DISTINCT = st.lists(st.integers(0, 399), min_size=RUN, max_size=20, unique=True)


def _spelled(numbers: list[int]) -> list[str]:
    """Words that are far from each other, so that none is taken for a slip of another."""
    letters = "bcdfghjklmnpqrstvwxz"
    return [letters[n // 20] * 3 + letters[n % 20] * 3 for n in numbers]


@given(DISTINCT, st.data())
def test_any_logged_window_with_at_most_one_edit_inside_is_caught(numbers: list[int], data: st.DataObject) -> None:
    line = _spelled(numbers)
    start = data.draw(st.integers(0, len(line) - RUN))
    window = line[start : start + RUN]
    place = data.draw(st.integers(1, RUN - 2))
    edit = data.draw(st.sampled_from(["none", "replace", "add", "drop", "swap"]))
    if edit == "replace":
        window[place] = "unheardof"
    elif edit == "add":
        window.insert(place, "unheardof")
    elif edit == "drop":
        del window[place]
    elif edit == "swap":
        window[place], window[place + 1] = window[place + 1], window[place]
    assert CopyFirewall([" ".join(line)]).reason([" ".join(["zero", *window, "nine"])]) is not None


@given(DISTINCT, DISTINCT)
def test_text_that_shares_few_words_with_the_log_is_no_copy(logged: list[int], prompt: list[int]) -> None:
    shared = set(logged) & set(prompt)
    if len(shared) < RUN - 2:
        assert CopyFirewall([" ".join(_spelled(logged))]).reason([" ".join(_spelled(prompt))]) is None


@given(st.lists(WORDS, max_size=8), WORDS)
def test_a_copied_run_is_found_exactly_when_there_is_one(logged: list[list[str]], prompt: list[str]) -> None:
    """Against the definition: the sets of all runs of eight words."""
    lines = [" ".join(line) for line in logged]
    text = " ".join(prompt)

    def runs(line: str) -> set[tuple[str, ...]]:
        found = words(line)
        return {tuple(found[i : i + RUN]) for i in range(len(found) - RUN + 1)}

    expected = bool(runs(text) & {run for line in lines for run in runs(line)})
    assert (CopyFirewall(lines).reason([text]) == "copied_run") == expected
