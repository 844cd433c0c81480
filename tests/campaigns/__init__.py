"""Long runs against servers and sidecar, started by hand."""
