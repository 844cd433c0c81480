"""Tests of ``validator.sidecar.app``."""
