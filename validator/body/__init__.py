"""Read and validate bodies: from bytes to a tree that rules can trust, or to failures."""
