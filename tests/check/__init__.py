"""Tests of ``validator.check``."""
