"""The command line: ``reverse-rag COMMAND``. From the first moment on it ends with the exit codes that it promises."""

import contextlib
import os
import signal
import sys
import threading

_CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}


def main() -> None:
    """Run the command line; the only place that exits."""
    for number in _CODES:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _leave)
    # Only now: loading takes long enough to be interrupted.
    from pipeline.application import app

    try:
        app()
    except SystemExit as end:
        _explain(end)
        _leave_stragglers(end)
        raise


def _leave(number: int, _frame: object) -> None:
    """End at once: before a command has begun there is nothing to tidy, and a traceback helps nobody."""
    os._exit(_CODES[signal.Signals(number)])


def _leave_stragglers(end: SystemExit) -> None:
    """Exit at once if a thread still waits for a model's answer that nobody wants any more.

    Python would wait for it, up to the model's whole time-out, because a blocked thread cannot be cancelled.
    """
    main = threading.main_thread()
    if isinstance(end.code, int) and any(t is not main and not t.daemon for t in threading.enumerate()):
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError, AttributeError):
                stream.flush()
        os._exit(end.code)


def _explain(end: SystemExit) -> None:
    """Give a caller that asked for JSON the message of a wrongly called command, which begins no command."""
    message = getattr(end.__context__, "format_message", None)
    if "--json" in sys.argv and message is not None:
        from pipeline.invocation import error_values, write_json

        write_json(error_values(message(), "see `reverse-rag COMMAND --help`", 2))


if __name__ == "__main__":
    main()
