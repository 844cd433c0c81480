"""Portable regular expressions: parsed, compared as languages, sampled, and checked for backtracking."""
