"""Larkfield Bank: the small invented bank whose assistant ``reverse-rag demo`` tests.

It is an ordinary outside program: it knows nothing of the gate that tests it.
"""

RELEASES = {"good": "larkfield-2.4.0", "bad": "larkfield-2.5.0-rc1"}
"""What the ``x-release`` header of each release says."""
