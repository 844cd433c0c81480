"""Tests of recorded requests in bulk."""
