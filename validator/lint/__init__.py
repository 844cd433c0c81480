"""The linter: the artefacts of operations, one by one and against each other."""
