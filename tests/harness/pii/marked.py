"""Lines in which double brackets stand around what must go."""

import re

from harness.pii.detector import merge
from harness.pii.patterns.books import STRICT
from harness.pii.patterns.rules import Facts

_PART = re.compile(r"(\[\[|\]\](?!\]))")
_REMAINS = re.compile(r"[^\W_]{2,}")
_MOST_WORDS_LOST = 2
"""Words beside a value that may go with it: "@marit is my handle" loses none, "password: …" may lose its colon."""


def marked_lines(text: str) -> list[str]:
    """Return the lines of a list; a value in brackets may run over several."""
    lines: list[str] = []
    for line in text.strip().split("\n"):
        if lines and lines[-1].count("[[") > lines[-1].count("]]"):
            lines[-1] += f"\n{line}"
        else:
            lines.append(line)
    return lines


def is_gone(line: str) -> None:
    """Assert that the patterns leave no two letters or digits together of what is marked, and little else is lost."""
    text, marks = _unmarked(line)
    covered = [False] * len(text)
    for span in merge(STRICT.find(Facts.of(text))):
        covered[span.start : span.end] = [True] * (span.end - span.start)
    for start, end in marks:
        left = "".join("_" if covered[place] else text[place] for place in range(start, end))
        assert not _REMAINS.search(left), f"{left!r} of {text!r} is left"
    wanted = [any(start <= place < end for start, end in marks) for place in range(len(text))]
    lost = "".join(c if covered[place] and not wanted[place] else " " for place, c in enumerate(text))
    assert len(_REMAINS.findall(lost)) <= _MOST_WORDS_LOST, f"{lost.split()} are lost of {text!r}"


def _unmarked(line: str) -> tuple[str, list[tuple[int, int]]]:
    text, marks, start = "", [], 0
    for part in _PART.split(line):
        if part == "[[":
            start = len(text)
        elif part == "]]":
            marks.append((start, len(text)))
        else:
            text += part
    return text, marks
