"""The gateway service: the HTTP API. It holds no state; any replica can serve any run."""
