"""Detection of personal values in text, as a library for three stages."""

from harness.pii.interface import OperatingPoint, PiiDetector, PiiSpan

__all__ = ["OperatingPoint", "PiiDetector", "PiiSpan"]
