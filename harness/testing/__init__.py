"""Shipped fakes of every port, and local servers that speak the real wire formats."""
