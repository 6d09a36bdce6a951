"""Tests of the deterministic checks."""
