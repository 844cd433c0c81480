"""Tests of validator.lint.rules."""
