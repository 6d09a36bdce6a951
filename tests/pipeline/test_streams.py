"""Standard output and error that are closed, or that nobody reads any more."""

import io

import pytest

from pipeline.streams import Talk


class Gone(io.StringIO):
    """A reader that has closed its end."""

    def write(self, text: str, /) -> int:
        """Fail."""
        raise BrokenPipeError(len(text))

    def flush(self) -> None:
        """Fail."""
        raise BrokenPipeError


def test_a_reader_that_has_gone_silences_the_talk_and_ends_nothing() -> None:
    """`reverse-rag gate 2>&1 | head` must not end the gate."""
    talk = Talk(Gone())
    assert talk.write("words") == 5
    talk.flush()


def test_a_closed_stream_silences_the_talk() -> None:
    """Python has no sys.stderr at all then."""
    talk = Talk(None)
    talk.write("words")
    talk.flush()
    assert not talk.isatty()
    with pytest.raises(OSError, match="closed"):
        talk.fileno()
