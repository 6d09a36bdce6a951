"""The trace ids that go out in ``traceparent``, so that a target's traces can be found again."""

import random

_NOT_ZERO = 1 << 64 | 1
"""A bit in each half of a trace id."""


def new_trace_id() -> str:
    """Return a trace id (W3C Trace Context, 3.2.2.3); neither half of it is zero."""
    return f"{random.getrandbits(128) | _NOT_ZERO:032x}"


def span_id_of(trace_id: str) -> str:
    """Return the id of the one span that this side has in a trace: an exchange, with all its tries and redirects.

    It is part of the trace id, which is random and recorded, so it need not be recorded itself.
    """
    return trace_id[16:]
