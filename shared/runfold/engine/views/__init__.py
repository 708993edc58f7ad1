"""A run as people and clients read it. Made from the plan and the state; decides nothing."""
