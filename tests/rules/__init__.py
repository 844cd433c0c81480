"""Tests of ``validator.rules``."""
