"""The published reference is what the code says."""

from pathlib import Path

from pipeline.reference import PAGE_FILE, SCHEMA_FILE, page, schema_text

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


def test_the_published_schema_is_current() -> None:
    """`python -m pipeline.reference docs/reference` was run after the last change of the configuration."""
    assert (REFERENCE / SCHEMA_FILE).read_text(encoding="utf-8") == schema_text()


def test_the_published_page_is_current() -> None:
    """The page names every key with its default."""
    assert (REFERENCE / PAGE_FILE).read_text(encoding="utf-8") == page()
