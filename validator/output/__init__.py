"""Write findings and reports: as text, JSON, SARIF, JUnit XML and GitHub annotations."""
