"""The faces to servers: middleware, sidecar, what they count; in process and over real sockets."""
