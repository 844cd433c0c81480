"""Tests of ``validator.openapi``."""
