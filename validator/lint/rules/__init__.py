"""Checks of rules and codes: their declarations, their source code, and what they do when they run."""
