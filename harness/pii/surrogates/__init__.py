"""Invented values in place of personal ones: the same value gives the same fake, and nothing is stored to get back."""

from harness.pii.surrogates.making import Surrogates, surrogate_key

__all__ = ["Surrogates", "surrogate_key"]
