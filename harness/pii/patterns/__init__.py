"""What is told by its form: patterns with checksums and context, gathered into rule books."""
