"""Settings of all property tests."""

from hypothesis import settings

# A loaded machine must not fail a test: nothing here depends on wall-clock time.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
