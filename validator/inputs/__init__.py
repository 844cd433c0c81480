"""Files that hold requests: bare bodies, .http files and HTTP archives."""
