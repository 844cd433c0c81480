"""Regular expressions of the portable subset, compared as languages."""
