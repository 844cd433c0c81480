"""The tests of activity-validator."""
