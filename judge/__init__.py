"""Exchanges in, verdicts and the gate decision out."""
