"""Tests of what supplies reference data."""
