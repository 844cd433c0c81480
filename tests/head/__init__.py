"""Tests of ``validator.head``."""
