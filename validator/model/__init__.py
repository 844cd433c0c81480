"""The values that everything else works on: requests, reports, codes, reference data. Frozen, without input or output."""
