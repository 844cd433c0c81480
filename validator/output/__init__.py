"""Write findings and reports: as text, JSON, SARIF, JUnit XML, GitHub annotations and GitLab reports."""
