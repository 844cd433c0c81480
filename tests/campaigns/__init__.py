"""Long runs of other people's programs against ours, by hand."""
