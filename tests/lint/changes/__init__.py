"""Tests of the changes since a release."""
