"""What has to be done in a state, as effects. Pure and deterministic; changes nothing."""
