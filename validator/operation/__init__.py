"""Load an operation: its description, schemas, rules and codes."""
