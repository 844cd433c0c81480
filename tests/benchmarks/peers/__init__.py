"""Other request validators, asked the same as ours, each in a process of its own."""
