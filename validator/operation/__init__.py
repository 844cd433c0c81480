"""Load an operation: its schemas, its rules and its codes."""
