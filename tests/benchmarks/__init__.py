"""Measurements. Each module is a command, not a test: times depend on the machine."""
