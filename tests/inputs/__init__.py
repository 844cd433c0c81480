"""Tests of ``validator.inputs``."""
