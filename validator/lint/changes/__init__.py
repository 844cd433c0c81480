"""The changes of an operation since a release, for those who send requests."""
