"""A suite in, recorded exchanges with the target out."""
