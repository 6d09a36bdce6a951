"""Tests of groundedness without a model."""
