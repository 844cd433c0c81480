"""Tests of ``validator.body``."""
