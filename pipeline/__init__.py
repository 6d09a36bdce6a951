"""The top layer: the command line, and the one place that picks real or fake adapters."""
