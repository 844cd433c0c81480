"""Tests of ``validator.cli``."""
