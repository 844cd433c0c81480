"""Measurements. Each module is a command of its own, and none is a test: times depend on the machine."""
