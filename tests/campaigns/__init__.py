"""Long runs of other programs against the sidecar, started by hand."""
