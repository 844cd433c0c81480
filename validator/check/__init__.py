"""The check of files: which files, what is expected of them, and what was found."""
