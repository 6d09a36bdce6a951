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
