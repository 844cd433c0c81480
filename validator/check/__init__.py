"""Check files: find them, compare their requests with what is expected of them, and summarize the findings."""
