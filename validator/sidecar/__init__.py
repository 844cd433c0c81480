"""The sidecar: the engine as an HTTP service for gateways (extra ``[server]``)."""
