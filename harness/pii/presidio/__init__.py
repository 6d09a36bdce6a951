"""Presidio, both ways: our recognizer in its engine, and its recognizers in our detector."""
