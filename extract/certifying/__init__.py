"""Why the dataset can be trusted: tracers counted, the output searched again, and what of it can be signed."""
