"""Sanitized sessions in, a weighted suite of hard prompts out."""
