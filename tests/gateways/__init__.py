"""The sidecar behind real gateways: Envoy, nginx and HAProxy."""
