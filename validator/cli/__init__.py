"""The command ``activity-validator``: one module for each subcommand."""
