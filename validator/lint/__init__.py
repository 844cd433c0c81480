"""The linter: checks schemas, rules, codes and fixtures of operations for consistency."""
