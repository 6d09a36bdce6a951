"""The bottom layer: contracts, configuration, storage, model clients, PII detection and shipped fakes."""
