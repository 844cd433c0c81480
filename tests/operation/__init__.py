"""Tests of ``validator.operation.loader``."""
