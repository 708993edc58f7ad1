"""JetStream behind ports, an in-memory twin, topology and the claim check."""
