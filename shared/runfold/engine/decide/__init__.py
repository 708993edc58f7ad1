"""What to do next in a state. Pure and deterministic; effects are data."""
