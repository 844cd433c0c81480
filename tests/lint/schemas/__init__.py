"""Tests of validator.lint.schemas."""
