"""Tests of validator.lint.patterns."""
