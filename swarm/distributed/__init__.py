"""Sending from several processes or machines: one master decides everything, workers send."""
