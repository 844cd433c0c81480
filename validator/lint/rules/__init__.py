"""Lint rules and codes: as they are declared, as they are written, and as they behave."""
