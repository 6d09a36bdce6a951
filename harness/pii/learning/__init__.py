"""What the log itself teaches: formats of a company's ids, and words that are no names."""
