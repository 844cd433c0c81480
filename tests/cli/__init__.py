"""Tests of ``validator.cli.main``."""
