"""Lint JSON Schemas and XSDs: each one alone, and against each other."""
