"""Tests of the middlewares, of enforcement and telemetry, and the servers that other tests run."""
