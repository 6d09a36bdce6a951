"""A finished run in, HTML, JUnit, Markdown and JSON out."""
