"""The rules of operations: one package an operation, with its codes, the input of its rules, and the rules."""
