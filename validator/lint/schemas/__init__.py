"""Checks of JSON Schemas and XSDs: each by itself, and against each other."""
