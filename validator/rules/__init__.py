"""The rules of operations: one package an operation, each with its codes, its picks from the body and its laws."""
