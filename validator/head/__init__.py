"""The request line and the headers: path, query, negotiation, Content-Type and caller."""
